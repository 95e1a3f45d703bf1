import CellData
import ModelStages
import Models
import StageSupport

/// The options of one model alone, and how they train it with clusters.
///
/// To add a model: 1. write such a group; 2. give `ModelOptions` a property of it, and add that to
/// the list there.
protocol OwnMethodOptions: DeclaredOptions {
  associatedtype Recipe: ClusteringRecipe

  static var model: ModelName { get }

  /// The preset with the given options laid over it.
  func recipe(_ options: ModelOptions) -> Recipe
  /// The facts that these options show. `cells` hold the model of the run; nil before they are
  /// read.
  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts
  /// The resolution that gives the number of clusters where no option does; nil: the graph gives
  /// the number.
  func resolution(_ options: ModelOptions) -> Double?
  /// Throws a `ValidationError` if options do not suit this model or each other.
  func validate(with options: ModelOptions) throws
}

extension OwnMethodOptions {
  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts { [:] }
  func resolution(_ options: ModelOptions) -> Double? { nil }
  func validate(with options: ModelOptions) throws {}

  /// What an option of this model alone needs.
  static var only: Requirement { .oneOf("the method", [model]) }

  /// The fact that the stored model has a part, or lacks it.
  func part(_ isThere: Bool) -> String { isThere ? Requirement.on : "not part of the stored model" }
}

extension OwnMethodOptions {
  /// The facts of a model without a loss of clusters.
  var factsWithoutClusteringLoss: Facts {
    let reason = "but \(Self.model.rawValue) has none: its initial clusters are the result"
    return ["the clustering loss": reason, "the clustering loss of the model": reason]
  }
}
