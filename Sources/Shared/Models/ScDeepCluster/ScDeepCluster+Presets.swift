import NeuralNetworks
import Tensors
import Training

/// How scDeepCluster is pretrained.
package struct ScDeepClusterPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for its genes.
  package var model = ScDeepCluster<Float>.Configuration(genes: 0)
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
  package static let standard = ScDeepClusterPretraining()

  /// 400 epochs, or until 50 have brought nothing; noise in the whole encoder.
  package static let paper: ScDeepClusterPretraining = {
    var preset = ScDeepClusterPretraining()
    (preset.models, preset.epochs, preset.patience, preset.tolerance) = (1, 400, 50, 0)
    preset.guardsLoss = false
    return preset
  }()

  /// The authors' program in PyTorch: 300 epochs, noise on the values alone.
  package static let released: ScDeepClusterPretraining = {
    var preset = paper
    (preset.epochs, preset.patience, preset.model.noiseSite) = (300, 0, .input)
    return preset
  }()

  package init() {}

  /// The shape of a model of that many genes.
  package func shape(genes: Int) -> ScDeepCluster<Float>.Configuration {
    var shape = model
    shape.genes = genes
    return shape
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(
      epochs: epochs(cells: cells, making: 750, most: 60), learningRate: learningRate)
    schedule.optimizer = .amsgrad
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}

/// How scDeepCluster is trained with clusters.
package struct ScDeepClusterClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule.byAdadelta
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Training ends when a smaller share of the labels changes from one target distribution to the
  /// next.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  package var gamma = 1.0
  package var trainsCenters = true
  /// Nil: as in pretraining.
  package var noise: Double?
  package var floor = ShareFloor.clipped(1e-7)

  /// Guarded: the state is kept that agrees with the partitions of the start.
  package static let standard: ScDeepClusterClustering = {
    var preset = ScDeepClusterClustering()
    (preset.schedule.epochs, preset.schedule.keeps) = (30, .best)
    return preset
  }()

  /// k-means on the codes, then until fewer than 0.1 % of the labels change; the last state.
  package static let paper: ScDeepClusterClustering = {
    var preset = ScDeepClusterClustering()
    preset.start = .kmeans
    (preset.schedule.epochs, preset.schedule.keeps) = (2000, .last)
    return preset
  }()

  /// The authors' program in PyTorch.
  package static let released: ScDeepClusterClustering = {
    var preset = paper
    preset.floor = .added(1e-6)
    return preset
  }()

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
