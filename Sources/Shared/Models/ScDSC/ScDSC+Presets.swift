import NeuralNetworks
import Tensors
import Training

/// How scDSC is pretrained: the autoencoder alone, without the graph.
package struct ScDSCPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for its genes.
  package var model = ScDSC<Float>.Configuration(genes: 0)
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

  /// Several models with narrow layers, which explain the counts too.
  package static let standard: ScDSCPretraining = {
    var preset = ScDSCPretraining()
    preset.models = 6
    return preset
  }()

  /// The widths of most of the paper's sets; 100 epochs of 1,024 cells, Adam 1e-4, the values
  /// alone.
  package static let paper: ScDSCPretraining = {
    var preset = ScDSCPretraining()
    preset.model.encoder = [1000, 1000, 4000]
    preset.model.codes = [2000, 500, 10]
    preset.model.decoder = [4000, 1000, 1000]
    (preset.model.normalizesCodes, preset.model.scaling) = (true, .unit)
    (preset.model.pretrainsCounts, preset.guardsLoss) = (false, false)
    (preset.epochs, preset.learningRate, preset.batchSize) = (100, 1e-4, 1024)
    preset.patience = 0
    return preset
  }()

  /// The authors' program pretrains as the paper does.
  package static let released = paper

  package init() {}

  /// The shape of a model of that many genes.
  package func shape(genes: Int) -> ScDSC<Float>.Configuration {
    var shape = model
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

/// How scDSC is trained with clusters.
package struct ScDSCClustering: GraphClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule()
  /// A step takes all cells.
  package var batchSize = 0
  package var gamma = 1.0
  package var trainsCenters = true
  /// Training ends when a smaller share of the labels changes from one target distribution to the
  /// next.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  /// Nil: 3, or 1 where the start is of several models.
  package var patience: Int?
  package var warmUp = 100
  package var normalizesByCells = false

  /// The graph network learns the first targets before all learn together; guarded. Adam, because
  /// the rectified one hardly moves anything in so few steps.
  package static let standard: ScDSCClustering = {
    var preset = ScDSCClustering()
    (preset.schedule.epochs, preset.schedule.interval) = (80, 4)
    (preset.schedule.keeps, preset.schedule.learningRate) = (.best, 1e-3)
    return preset
  }()

  /// 80 epochs of all cells, rectified Adam 1e-4, P in each; no rule ends it.
  package static let paper: ScDSCClustering = {
    var preset = ScDSCClustering()
    preset.start = .kmeans
    (preset.schedule.epochs, preset.schedule.interval) = (80, 1)
    preset.schedule.optimizer = .rectifiedAdam
    (preset.schedule.keeps, preset.schedule.learningRate) = (.last, 1e-4)
    (preset.stableShare, preset.warmUp) = (0, 0)
    return preset
  }()

  /// The authors' program, which never leaves the normalization of training.
  package static let released: ScDSCClustering = {
    var preset = paper
    preset.normalizesByCells = true
    return preset
  }()

  package init() {}

  /// A stored model with these losses.
  package func shape(_ stored: ScDSC<Float>.Configuration) -> ScDSC<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters, shape.warmUp) = (gamma, trainsCenters, warmUp)
    shape.normalizesByCells = normalizesByCells
    return shape
  }
}
