import NeuralNetworks
import Tensors
import Training

/// How scDSC is pretrained: the autoencoder alone, without the graph.
package struct ScDSCPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan()
  /// The model, but for its genes.
  package var model = ScDSC<Float>.Configuration(genes: 0)

  /// Several models with narrow layers, which explain the counts too.
  package static let standard = ScDSCPretraining().with { $0.models = 6 }

  /// The widths of most of the paper's sets; 100 epochs of 1,024 cells, Adam 1e-4, the values
  /// alone.
  package static let paper = ScDSCPretraining().published(epochs: 100, learningRate: 1e-4).with {
    $0.batchSize = 1024
    $0.model.encoder = [1000, 1000, 4000]
    $0.model.codes = [2000, 500, 10]
    $0.model.decoder = [4000, 1000, 1000]
    ($0.model.normalizesCodes, $0.model.scaling) = (true, .unit)
    $0.model.pretrainsCounts = false
  }

  /// The authors' program pretrains as the paper does.
  package static let released = paper

  package init() {}

  /// The shape of a model of that many genes.
  package func shape(genes: Int) -> ScDSC<Float>.Configuration {
    var shape = model
    shape.genes = genes
    return shape
  }
}

/// How scDSC is trained with clusters.
package struct ScDSCClustering: GraphClusteringSettings, StableClusteringSettings, Equatable {
  /// A step takes all cells.
  package var plan = ClusteringPlan(batchSize: 0)
  package var patience: Int?
  package var warmUp = 100
  package var normalizesByCells = false

  /// The graph network learns the first targets before all learn together; guarded. Adam, because
  /// the rectified one hardly moves anything in so few steps.
  package static let standard = ScDSCClustering().keepingBest(epochs: 80, interval: 4).with {
    $0.schedule.learningRate = 1e-3
  }

  /// 80 epochs of all cells, rectified Adam 1e-4, P in each; no rule ends it.
  package static let paper = ScDSCClustering().keepingLast(from: .kmeans, epochs: 80).with {
    ($0.schedule.optimizer, $0.schedule.learningRate) = (.rectifiedAdam, 1e-4)
    ($0.stableShare, $0.warmUp) = (0, 0)
  }

  /// The authors' program, which never leaves the normalization of training.
  package static let released = paper.with { $0.normalizesByCells = true }

  package init() {}

  /// A stored model with these losses.
  package func shape(_ stored: ScDSC<Float>.Configuration) -> ScDSC<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters, shape.warmUp) = (gamma, trainsCenters, warmUp)
    shape.normalizesByCells = normalizesByCells
    return shape
  }
}
