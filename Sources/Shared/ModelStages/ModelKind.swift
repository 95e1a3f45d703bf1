import CellData
import Models
import StageSupport
import Training

/// What the stages after sc-pretrain know of a model: how it is stored, how sc-cluster trains it,
/// and which parts its loss has. The mapping of new cells and the diagnosis use nothing else.
///
/// To add one: 1. the conformance; 2. its line in `ModelName.kind`.
package protocol ModelKind: CodingModel, SendableMetatype where S == Float {
  /// How sc-cluster trains it.
  associatedtype Recipe: ClusteringRecipe where Recipe.Model == Self

  /// A model of the shape that the cells hold the weights of, without these weights.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  init(storedIn cells: CellData, clusters: Int?) throws

  /// G.
  var geneCount: Int { get }
  /// Whether it reads a second measurement, which new cells need not have.
  var readsSecond: Bool { get }
  /// Which parts the loss of its training with clusters has.
  var parts: ClusteringParts { get }
  /// What a step holds at its peak.
  func extent(over source: Source) -> TrainingExtent

  /// Whether it has a loss of clusters; of a model without one the first partition is the result.
  static var hasClusteringLoss: Bool { get }
  /// Whether its training has a filter unless that was switched off; others have one on demand.
  static var hasOwnFilter: Bool { get }
  /// Whether its training with clusters finds its number by a resolution of Leiden, if one is
  /// given.
  static var countsByResolution: Bool { get }

  /// Whether it learns from the graph of neighbors, and from a second measurement.
  static var readsGraph: Bool { get }
  static var learnsFromSecond: Bool { get }
  /// Whether its encoder sums powers of the graph, up to a number that users may choose.
  static var sumsHops: Bool { get }
  /// Whether it adds noise to what it reads.
  static var addsNoise: Bool { get }
  /// Whether it has a loss between pairs of cells with a weight of its own, φ. Such a training has
  /// a fixed number of epochs, and renews nothing between them.
  static var comparesPairs: Bool { get }
  /// Whether users choose its likelihood of counts and the width of its code.
  static var isVariational: Bool { get }
  /// Whether a step with clusters may read some of the cells, and whether an encoder may see
  /// batches.
  static var clustersInBatches: Bool { get }
  static var encodesBatches: Bool { get }
}

extension ModelKind {
  package var readsSecond: Bool { false }
  package var parts: ClusteringParts { ClusteringParts() }
  package static var hasClusteringLoss: Bool { true }
  package static var hasOwnFilter: Bool { false }
  package static var countsByResolution: Bool { false }
  package static var readsGraph: Bool { true }
  package static var learnsFromSecond: Bool { false }
  package static var sumsHops: Bool { false }
  package static var addsNoise: Bool { false }
  package static var comparesPairs: Bool { false }
  package static var isVariational: Bool { false }
  package static var clustersInBatches: Bool { true }
  package static var encodesBatches: Bool { true }
}

/// Which parts the loss of a training with clusters has.
package struct ClusteringParts: Sendable {
  var reconstruction: Bool
  var clusters: Bool
  /// Whether the centers are in the loss of clusters.
  var centers: Bool

  package init(reconstruction: Bool = true, clusters: Bool = true, centers: Bool = true) {
    (self.reconstruction, self.clusters, self.centers) = (reconstruction, clusters, centers)
  }

  /// Which figures of the gradients have no value.
  var remarks: [String] {
    guard clusters else {
      return ["the training had no clustering loss: lambda_fr and lambda_fd have no value"]
    }
    return
      (centers ? [] : ["the training had no loss of centers: lambda_fr has no value"])
      + (reconstruction ? [] : ["the training had no reconstruction: lambda_fd has no value"])
  }
}

extension ModelName {
  /// The one table of the models' types.
  package var kind: any ModelKind.Type {
    switch self {
    case .sctpf: ScTPF<Float>.self
    case .scemc: ScEMC<Float>.self
    case .sctag: ScTAG<Float>.self
    case .scdeepcluster: ScDeepCluster<Float>.self
    case .desc: DESC<Float>.self
    case .sczidesk: ScziDesk<Float>.self
    case .scmdc: ScMDC<Float>.self
    case .scdsc: ScDSC<Float>.self
    case .dcca: DCCA<Float>.self
    case .scmcs: ScMCs<Float>.self
    case .scmvae: ScMVAE<Float>.self
    }
  }

  /// Whether it has a loss of clusters; of a model without one the first partition is the result.
  package var hasClusteringLoss: Bool { kind.hasClusteringLoss }
}

extension Requirement {
  /// One of the models that the table says this of: `the model scemc or scdeepcluster`.
  package static func kinds(_ fact: String, _ holds: (any ModelKind.Type) -> Bool) -> Requirement {
    oneOf(fact, ModelName.allCases.filter { holds($0.kind) })
  }
}
