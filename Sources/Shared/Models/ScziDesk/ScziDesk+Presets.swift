import NeuralNetworks
import Tensors
import Training

/// How scziDesk is pretrained.
package struct ScziDeskPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The layers, but for their genes.
  package var layers: ScDeepCluster<Float>.Configuration = {
    var layers = ScDeepCluster<Float>.Configuration(genes: 0)
    layers.noise = 1.5
    return layers
  }()
  package var weights = ScziDesk<Float>.Weights()
  /// Nil: as many as make some 750 steps, from 10 to 60.
  package var epochs: Int?
  package var learningRate = 1e-3
  /// Epochs without a lower loss after which training ends; 0: never.
  package var patience = 5
  package var tolerance = 1e-4
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Whether training on counts of reads begins at the genes' moments, and begins again with a
  /// smaller step where it fails.
  package var guardsLoss = true

  /// Guarded, and ends where the loss stops falling.
  package static let standard = ScziDeskPretraining()

  /// 1,000 epochs, Adam 1e-4.
  package static let paper: ScziDeskPretraining = {
    var preset = ScziDeskPretraining()
    (preset.epochs, preset.learningRate, preset.patience) = (1000, 1e-4, 0)
    preset.guardsLoss = false
    return preset
  }()

  /// The authors' program, whose noise is never on.
  package static let released: ScziDeskPretraining = {
    var preset = paper
    preset.layers.noise = 0
    return preset
  }()

  package init() {}

  /// The layers of a model of that many genes.
  package func shape(genes: Int) -> ScDeepCluster<Float>.Configuration {
    var shape = layers
    shape.genes = genes
    return shape
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(
      epochs: epochs(cells: cells, making: 750, most: 60), learningRate: learningRate)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}

/// How scziDesk is trained with clusters.
package struct ScziDeskClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = {
    var schedule = ClusteringSchedule()
    (schedule.learningRate, schedule.patience) = (1e-4, 3)
    return schedule
  }()
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Training ends when a smaller share of the labels changes from one look at them to the next.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  /// α and γ of the paper, which are the same: the weight of the distances to the centers, and of
  /// the sum over the pairs of a batch.
  package var gamma = 0.001
  package var trainsCenters = true
  /// Nil: as in pretraining.
  package var noise: Double?

  /// Guarded: the state is kept that agrees with the partitions of the start.
  package static let standard: ScziDeskClustering = {
    var preset = ScziDeskClustering()
    (preset.schedule.epochs, preset.schedule.interval, preset.schedule.keeps) = (30, 2, .best)
    return preset
  }()

  /// k-means on the codes, then until fewer than 0.1 % of the labels change in 10 epochs; the last
  /// state.
  package static let paper: ScziDeskClustering = {
    var preset = ScziDeskClustering()
    preset.start = .kmeans
    (preset.schedule.epochs, preset.schedule.interval, preset.schedule.keeps) = (2000, 10, .last)
    return preset
  }()

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
