import NeuralNetworks
import Tensors
import Training

/// How scDeepCluster is pretrained.
package struct ScDeepClusterPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan(optimizer: .amsgrad)
  /// The model, but for its genes.
  package var model = ScDeepCluster<Float>.Configuration(genes: 0)

  /// Guarded, and ends where the loss stops falling.
  package static let standard = ScDeepClusterPretraining()

  /// 400 epochs, or until 50 have brought nothing; noise in the whole encoder.
  package static let paper = ScDeepClusterPretraining().published(epochs: 400, learningRate: 1e-3)
    .with { ($0.patience, $0.tolerance) = (50, 0) }

  /// The authors' program in PyTorch: 300 epochs, noise on the values alone.
  package static let released = paper.with {
    ($0.epochs, $0.patience, $0.model.noiseSite) = (300, 0, .input)
  }

  package init() {}

  /// The shape of a model of that many genes.
  package func shape(genes: Int) -> ScDeepCluster<Float>.Configuration {
    var shape = model
    shape.genes = genes
    return shape
  }
}

/// How scDeepCluster is trained with clusters.
package struct ScDeepClusterClustering: StableClusteringSettings, Equatable {
  package var plan = ClusteringPlan(schedule: .byAdadelta)
  /// Nil: as in pretraining.
  package var noise: Double?
  package var floor = ShareFloor.clipped(1e-7)

  package static let standard = ScDeepClusterClustering().keepingBest(epochs: 30)

  /// k-means on the codes, then until fewer than 0.1 % of the labels change.
  package static let paper = ScDeepClusterClustering().keepingLast(from: .kmeans, epochs: 2000)

  /// The authors' program in PyTorch.
  package static let released = paper.with { $0.floor = .added(1e-6) }

  package init() {}

  /// A stored model with these losses.
  package func shape(_ stored: ScDeepCluster<Float>.Configuration)
    -> ScDeepCluster<Float>.Configuration
  {
    var shape = stored
    (shape.gamma, shape.trainsCenters, shape.floor) = (gamma, trainsCenters, floor)
    shape.noise = noise ?? stored.noise
    return shape
  }
}
