import CellData
import Models
import StageSupport
import Tensors
import Training

/// A model with clusters, as sc-cluster leaves it, with the cells that it was trained on.
package struct ClusteredModel {
  /// The clusters that cells should be in, −1 for none, from those which they are in. (N)
  package typealias Targets = (_ assignment: [Int]) throws -> Buffer<Int32>

  private let measure: (TrainingSnapshot, Targets?) throws -> GradientAgreement
  /// The state that gave the clusters.
  package let result: TrainingSnapshot
  /// The states of the training, where they were kept.
  package let snapshots: [TrainingSnapshot]
  /// What the gradients of a state hold at their peak, but for the states.
  package let extent: TrainingExtent
  /// Which figures the losses of the training do not have.
  package let remarks: [String]
  /// Whether the model has a loss of clusters at all.
  package let hasClusteringLoss: Bool

  /// Takes what sc-cluster wrote: the weights with the centers, `obsm/X_latent`, and the snapshots
  /// if they were kept. A run with a filter has `obs/reliability` too. The tables are those that
  /// the model learned from. If there are several models, it is the one that sc-cluster trained
  /// last.
  ///
  /// - Throws: `ModelStageFault` naming what is missing and the stage that makes it, and
  ///   `ModelFault` where the weights make no model.
  package init(_ cells: CellData) throws {
    var cells = cells
    let name = cells.clusteredModel ?? .standard
    try cells.followGenes(of: name)
    self = try Self.stored(name.kind, in: cells)
  }

  private static func stored<Model: ModelKind>(_ kind: Model.Type, in cells: CellData) throws
    -> ClusteredModel
  { try ClusteredModel(kind, in: cells) }

  /// The same of a model of this kind.
  package init<Model: ModelKind>(_ kind: Model.Type, in cells: CellData) throws {
    var cells = cells
    cells.recordScalingOfModel()
    let run = ClusteringRun(of: kind, in: cells)
    let centers = try run.centers()
    let training = try Model.Recipe(of: run).prepared(
      for: cells, clusters: centers.rows, seed: run.seed, productBytes: keptProductBytes
    ).training(0)
    let (model, source, rule) = (training.model, training.source, training.rule)
    try run.require(centers, width: model.centers?.columns ?? 0)
    measure = { state, targets in
      try model.gradientAgreement(at: state, over: source, rule: rule, targets: targets)
    }
    var extent = model.extent(over: source)
    extent.seeBatches(of: Model.name, in: cells)
    self.extent = extent
    hasClusteringLoss = Model.hasClusteringLoss
    remarks =
      hasClusteringLoss
      ? model.parts.remarks
      : ["\(Model.name) has no clustering loss: lambda_fr and lambda_fd have no value"]
    guard let latent = cells.obsm["X_latent"], latent.columns == centers.columns else {
      throw ModelStageFault(
        "obsm.X_latent: the model's codes are missing; run sc-cluster --method \(Model.name) first"
      )
    }
    result = TrainingSnapshot(
      epoch: 0, weights: run.weights, latent: latent,
      reliability: run.hasFilter ? try ClusteredModel.reliability(of: cells) : nil)
    snapshots = try cells.snapshots(of: Model.name)
  }

  private static func reliability(of cells: CellData) throws(ModelStageFault) -> [Reliability] {
    guard let stored = cells.obs[cells.ownColumn("reliability")]?.classes else {
      throw ModelStageFault(
        "obs.reliability: it is not known which cells the model's filter trusts; run sc-cluster --method sctpf first"
      )
    }
    let reasons = stored.names.map { name in Reliability.allCases.first { $0.name == name } }
    // Another program may have left a cell without one: it is not trusted then.
    return stored.codes.map { $0 < 0 ? .margin : reasons[Int($0)] ?? .margin }
  }

  /// Λ_FR and Λ_FD at one of its states, after the model's rule. For scTPF the graph is the one
  /// that T makes, if the training had T.
  ///
  /// - Parameter targets: gives the cluster that every cell should be in; nil for Λ_FD alone.
  /// - Throws: `ModelFault` where the state's weights are not the model's or give no finite
  ///   gradient, and whatever `targets` throws.
  package func agreement(at state: TrainingSnapshot, targets: Targets?) throws -> GradientAgreement
  {
    try measure(state, targets)
  }
}

extension CellData {
  /// The model that sc-cluster trained last, as the history shows, or the only one with clusters;
  /// nil where there is none.
  package var clusteredModel: ModelName? {
    let clustered = storedModels.filter { weights(of: $0.rawValue)["centers"] != nil }
    for entry in history.reversed() where entry.tool == "sc-cluster" {
      let method = entry.settings["method"]
      if let name = clustered.first(where: { method == JSONValue.string($0.rawValue).text }) {
        return name
      }
    }
    return clustered.first
  }
}
