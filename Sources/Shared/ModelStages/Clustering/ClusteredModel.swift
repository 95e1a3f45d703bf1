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

  /// Takes what sc-cluster wrote: the weights with the centers, `obsm/X_latent`, `obs/reliability`
  /// of a run with a filter, the snapshots where they were kept; and the tables that the model
  /// learned from. Of several models it is the one that sc-cluster trained last.
  ///
  /// - Throws: `ModelStageFault` naming what is missing and the stage that makes it, and
  ///   `ModelFault` where the weights make no model.
  package init(_ cells: CellData) throws {
    var cells = cells
    let name = cells.clusteredModel ?? .sctpf
    try cells.followGenes(of: name)
    cells.recordScalingOfModel()
    let run = ClusteringRun(of: name, in: cells)
    let losses: DiagnosedLosses
    switch name {
    case .sctpf: losses = try .scTPF(of: cells, run)
    case .scemc: losses = try .scEMC(of: cells, run)
    case .sctag: losses = try .scTAG(of: cells, run)
    case .scdeepcluster: losses = try .scDeepCluster(of: cells, run)
    case .sczidesk: losses = try .scziDesk(of: cells, run)
    case .scdsc: losses = try .scDSC(of: cells, run)
    case .scmdc: losses = try .scMDC(of: cells, run)
    case .dcca: losses = try .withoutClusters(DCCA<Float>.self, of: cells, run)
    case .scmcs: losses = try .withoutClusters(ScMCs<Float>.self, of: cells, run)
    case .scmvae: losses = try .withoutClusters(ScMVAE<Float>.self, of: cells, run)
    case .desc: losses = try .desc(of: cells, run)
    }
    var extent = losses.extent
    extent.seeBatches(of: name.rawValue, in: cells)
    (measure, self.extent, remarks) = (losses.measure, extent, losses.remarks)
    hasClusteringLoss = name.hasClusteringLoss
    guard let latent = cells.obsm["X_latent"], latent.columns == losses.latent else {
      throw ModelStageFault(
        "obsm.X_latent: the model's codes are missing; run sc-cluster --method \(name.rawValue) first"
      )
    }
    result = TrainingSnapshot(
      epoch: 0, weights: run.weights, latent: latent,
      reliability: run.hasFilter ? try ClusteredModel.reliability(of: cells) : nil)
    snapshots = try cells.snapshots(of: name.rawValue)
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

  /// Λ_FR and Λ_FD at one of its states, after the model's rule: of scTPF on the graph that T makes
  /// of it, where the training had T.
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
