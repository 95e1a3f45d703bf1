import CellData
import Models
import StageSupport
import Tensors
import Training

/// The run of sc-cluster that trained a stored model, as far as the history shows, with the weights
/// that it left.
package struct ClusteringRun {
  /// The name of the model.
  let model: String
  let weights: ModelWeights
  private let settings: [String: String]
  let seed: UInt64
  /// Whether there was a filter: of some models always unless it was switched off.
  let hasFilter: Bool

  init(of kind: any ModelKind.Type, in cells: CellData) {
    let model = kind.name
    weights = cells.weights(of: model)
    let entry = cells.history.last {
      $0.tool == "sc-cluster" && $0.settings["method"] == JSONValue.string(model).text
    }
    let settings = entry?.settings ?? [:]
    (self.model, self.settings, seed) = (model, settings, entry?.seed ?? 0)
    hasFilter =
      kind.hasOwnFilter
      ? settings["no_filter"] != JSONValue.boolean(true).text : settings["outlier_share"] != nil
  }

  package func isOn(_ name: String) -> Bool { settings[name] == JSONValue.boolean(true).text }

  package func number(_ name: String) -> Double? {
    settings[name].flatMap { Double($0) }.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }

  func word(_ name: String, is text: String) -> Bool {
    settings[name] == JSONValue.string(text).text
  }

  /// Cells in a step; 0: all.
  var batchSize: Int { number("batch_size").flatMap { Int(exactly: $0) } ?? 256 }

  /// The centers of the clusters.
  ///
  /// - Throws: `ModelStageFault` where there is no model, or one without clusters.
  func centers() throws(ModelStageFault) -> Matrix<Float> {
    if weights.isEmpty {
      throw ModelStageFault(
        "there is no model of \(model) in the data; run sc-pretrain and sc-cluster first")
    }
    if let centers = weights["centers"], centers.rows > 0 { return centers }
    throw ModelStageFault(
      "model.\(model).centers: the model has no clusters; run sc-cluster --method \(model) first")
  }

  /// Throws a `ModelStageFault` where the centers are not of as many latent dimensions as the
  /// model.
  func require(_ centers: Matrix<Float>, width: Int) throws(ModelStageFault) {
    if centers.columns == width { return }
    throw ModelStageFault(
      "model.\(model): has \(width) latent dimensions, but centers of \(centers.columns); run sc-pretrain and sc-cluster on these data"
    )
  }
}

extension ClusteringSettings {
  /// The settings that shaped the losses of a run.
  package init(lossesOf run: ClusteringRun) {
    self = Self.standard
    gamma = run.number("gamma") ?? gamma
    trainsCenters = !run.isOn("freeze_centers")
    batchSize = run.batchSize
  }
}
