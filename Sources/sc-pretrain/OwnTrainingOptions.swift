import ModelStages
import Models
import StageSupport

/// The options that one model has for itself, and how it is trained with them.
///
/// To add a model: 1. such a group; 2. its property in `Pretrain`, and its place in the list there.
protocol OwnTrainingOptions: DeclaredOptions {
  associatedtype Recipe: PretrainingRecipe, PretrainingSettings

  static var model: ModelName { get }
  /// Whether the model learns from the graph of neighbors.
  static var readsGraph: Bool { get }
  /// How many cells learn with --sketch auto.
  static var mostLearners: Int { get }
  /// Whether the model learns from the second modality of paired data.
  static var readsSecondModality: Bool { get }

  /// The preset with what was given in its place.
  func recipe(_ training: TrainingOptions) -> Recipe
  /// What these options show of the run.
  func facts(_ training: TrainingOptions) -> Facts
  /// Throws a `ValidationError` where options of all models do not go with this one.
  func validate(with training: TrainingOptions) throws
}

extension OwnTrainingOptions {
  static var readsGraph: Bool { true }
  static var mostLearners: Int { SketchSize.auto().learners(of: .max) ?? 0 }
  static var readsSecondModality: Bool { false }

  func facts(_ training: TrainingOptions) -> Facts {
    ["the patience": "\(recipe(training).patience)"]
  }

  func validate(with training: TrainingOptions) throws {}
}
