import ModelStages
import Models
import StageSupport

/// The options of one model alone, and how they train it.
///
/// To add a model: 1. write such a group; 2. give `Pretrain` a property of it, and add that to the
/// list there.
protocol OwnTrainingOptions: DeclaredOptions {
  associatedtype Recipe: PretrainingRecipe, PretrainingSettings

  static var model: ModelName { get }
  /// How many cells learn with --sketch auto.
  static var mostLearners: Int { get }

  /// The preset with the given options laid over it.
  func recipe(_ training: TrainingOptions) -> Recipe
  /// The facts that these options show.
  func facts(_ training: TrainingOptions) -> Facts
  /// Throws a `ValidationError` if an option of all models does not suit this one.
  func validate(with training: TrainingOptions) throws
}

extension OwnTrainingOptions {
  /// What an option of this model alone needs.
  static var only: Requirement { .oneOf("the model", [model]) }
  static var mostLearners: Int { SketchSize.auto().learners(of: .max) ?? 0 }

  func facts(_ training: TrainingOptions) -> Facts {
    ["the patience": "\(recipe(training).patience)"]
  }

  func validate(with training: TrainingOptions) throws {}
}
