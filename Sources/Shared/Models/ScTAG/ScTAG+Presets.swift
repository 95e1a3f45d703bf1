import Tensors
import Training

/// How scTAG is pretrained: as scTPF, which has the same layers and the same loss.
package struct ScTAGPretraining: PretrainingSettings, Equatable {
  package var base: ScTPFPretraining

  /// Of scTPF: batches of cells, and several models.
  package static let standard = ScTAGPretraining(base: .standard)

  /// 1,000 epochs of all cells, Adam 1e-4.
  package static let paper: ScTAGPretraining = {
    var preset = ScTAGPretraining(base: .paper)
    (preset.epochs, preset.learningRate) = (1000, 1e-4)
    return preset
  }()

  /// The authors' program: its library's convolution, standardized values as the target of the
  /// likelihood.
  package static let released: ScTAGPretraining = {
    var preset = ScTAGPretraining(base: .released)
    (preset.epochs, preset.learningRate) = (1000, 1e-4)
    return preset
  }()

  package var models: Int {
    get { base.models }
    set { base.models = newValue }
  }
  package var epochs: Int? {
    get { base.epochs }
    set { base.epochs = newValue }
  }
  package var learningRate: Double {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  package var batchSize: Int {
    get { base.batchSize }
    set { base.batchSize = newValue }
  }
}

/// How scTAG is trained with clusters.
package struct ScTAGClustering: GraphClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule()
  /// Cells in a step; 0, or where the model needs the whole graph in a step: all.
  package var batchSize = 256
  package var gamma = 1.5
  package var trainsCenters = true
  /// Training ends when a smaller share of the labels changes from one target distribution to the
  /// next.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  /// Nil: 3, or 1 where the start is of several models.
  package var patience: Int?

  /// Guarded as scTPF is.
  package static let standard: ScTAGClustering = {
    var preset = ScTAGClustering()
    (preset.schedule.epochs, preset.schedule.interval, preset.schedule.keeps) = (32, 4, .best)
    return preset
  }()

  /// 300 epochs of all cells, Adam 5e-4, P every 8 epochs; no rule ends it.
  package static let paper: ScTAGClustering = {
    var preset = ScTAGClustering()
    preset.start = .spectral
    (preset.schedule.epochs, preset.schedule.interval, preset.schedule.keeps) = (300, 8, .last)
    (preset.batchSize, preset.stableShare) = (0, 0)
    return preset
  }()

  /// The authors' program, whose centers are constant.
  package static let released: ScTAGClustering = {
    var preset = paper
    preset.trainsCenters = false
    return preset
  }()

  package init() {}

  /// The shape of a stored model with these losses.
  package func shape(_ stored: ScTPF<Float>.Configuration) -> ScTPF<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters) = (gamma, trainsCenters)
    return shape
  }
}
