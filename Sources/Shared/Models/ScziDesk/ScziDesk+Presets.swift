import NeuralNetworks
import Tensors
import Training

/// How scziDesk is pretrained.
package struct ScziDeskPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan()
  /// The layers, but for their genes.
  package var layers: ScDeepCluster<Float>.Configuration = {
    var layers = ScDeepCluster<Float>.Configuration(genes: 0)
    layers.noise = 1.5
    return layers
  }()
  package var weights = ScziDesk<Float>.Weights()

  /// Guarded, and ends where the loss stops falling.
  package static let standard = ScziDeskPretraining()

  /// 1,000 epochs, Adam 1e-4.
  package static let paper = ScziDeskPretraining().published(epochs: 1000, learningRate: 1e-4)

  /// The authors' program, whose noise is never on.
  package static let released = paper.with { $0.layers.noise = 0 }

  package init() {}

  /// The layers of a model of that many genes.
  package func shape(genes: Int) -> ScDeepCluster<Float>.Configuration {
    var shape = layers
    shape.genes = genes
    return shape
  }
}

/// How scziDesk is trained with clusters.
package struct ScziDeskClustering: StableClusteringSettings, Equatable {
  /// γ is α of the paper too: the weight of the distances to the centers, and of the sum over the
  /// pairs of a batch.
  package var plan = {
    var plan = ClusteringPlan(gamma: 0.001)
    (plan.schedule.learningRate, plan.schedule.patience) = (1e-4, 3)
    return plan
  }()
  /// Nil: as in pretraining.
  package var noise: Double?

  package static let standard = ScziDeskClustering().keepingBest(epochs: 30, interval: 2)

  /// k-means on the codes, then until fewer than 0.1 % of the labels change in 10 epochs.
  package static let paper = ScziDeskClustering()
    .keepingLast(from: .kmeans, epochs: 2000, interval: 10)

  /// The authors' program clusters as the paper says.
  package static let released = paper

  package init() {}

  /// Stored layers as they are trained here.
  package func shape(_ stored: ScDeepCluster<Float>.Configuration)
    -> ScDeepCluster<Float>.Configuration
  {
    var shape = stored
    shape.trainsCenters = trainsCenters
    shape.noise = noise ?? stored.noise
    return shape
  }

  package var weights: ScziDesk<Float>.Weights {
    var weights = ScziDesk<Float>.Weights()
    (weights.centers, weights.pairs) = (gamma, 256 * gamma)
    return weights
  }
}
