import Tensors
import Training

/// How scTAG is pretrained: as scTPF, which has the same layers and the same loss.
package struct ScTAGPretraining: PretrainingSettings, Equatable {
  package var base: ScTPFPretraining

  /// As scTPF's: batches of cells, and several models.
  package static let standard = ScTAGPretraining(base: .standard)

  /// 1,000 epochs of all cells, Adam 1e-4.
  package static let paper = ScTAGPretraining(base: .paper)
    .published(epochs: 1000, learningRate: 1e-4)

  /// The authors' program: its library's convolution, standardized values as the target of the
  /// likelihood.
  package static let released = ScTAGPretraining(base: .released)
    .published(epochs: 1000, learningRate: 1e-4)

  package var plan: PretrainingPlan {
    get { base.plan }
    set { base.plan = newValue }
  }
}

/// How scTAG is trained with clusters.
package struct ScTAGClustering: GraphClusteringSettings, StableClusteringSettings, Equatable {
  package var plan = ClusteringPlan(gamma: 1.5)
  package var patience: Int?

  package static let standard = ScTAGClustering().keepingBest(epochs: 32, interval: 4)

  /// 300 epochs of all cells, Adam 5e-4, P every 8 epochs; no rule ends it.
  package static let paper = ScTAGClustering()
    .keepingLast(from: .spectral, epochs: 300, interval: 8)
    .with { ($0.batchSize, $0.stableShare) = (0, 0) }

  /// The authors' program, whose centers are constant.
  package static let released = paper.with { $0.trainsCenters = false }

  package init() {}

  /// The shape of a stored model with these losses.
  package func shape(_ stored: ScTPF<Float>.Configuration) -> ScTPF<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters) = (gamma, trainsCenters)
    return shape
  }
}
