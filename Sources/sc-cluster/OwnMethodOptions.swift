import CellData
import ModelStages
import Models
import StageSupport

/// The options that one model has for itself, and how it is trained with clusters.
///
/// To add a model: 1. such a group; 2. its property in `ModelOptions`, and its place in the list
/// there.
protocol OwnMethodOptions: DeclaredOptions {
  associatedtype Recipe: ClusteringRecipe

  static var model: ModelName { get }

  /// The preset with what was given in its place.
  func recipe(_ options: ModelOptions) -> Recipe
  /// What these options show of the run; `cells` hold the model that it goes on with, once they are
  /// known.
  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts
  /// Throws a `ValidationError` where options do not go with this model or with each other.
  func validate(with options: ModelOptions) throws
}

extension OwnMethodOptions {
  func facts(_ options: ModelOptions, in cells: CellData?) -> Facts { [:] }
  func validate(with options: ModelOptions) throws {}

  /// Whether a part is there of the stored model, as a fact.
  func part(_ isThere: Bool) -> String { isThere ? Requirement.on : "not part of the stored model" }
}

extension OwnMethodOptions {
  /// Of a model without a loss of clusters.
  var factsWithoutClusteringLoss: Facts {
    let reason = "but \(Self.model.rawValue) has none: its first partition is the result"
    return ["the clustering loss": reason, "the clustering loss of the model": reason]
  }
}
