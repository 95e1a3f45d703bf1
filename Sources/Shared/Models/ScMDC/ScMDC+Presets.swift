import NeuralNetworks
import Tensors
import Training

/// How scMDC is pretrained.
package struct ScMDCPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for what the data decide.
  package var model = ScMDC<Float>.Configuration(genes: 0, features: 0)
  /// Nil: as many as make some 750 steps, from 10 to 60.
  package var epochs: Int?
  package var learningRate = 1e-3
  package var batchSize = 256

  package static let standard = ScMDCPretraining()

  /// 400 epochs; the pairs join in the second half of them.
  package static let paper: ScMDCPretraining = {
    var preset = ScMDCPretraining()
    preset.epochs = 400
    return preset
  }()

  /// The authors' program, which differentiates p too.
  package static let released: ScMDCPretraining = {
    var preset = paper
    preset.model.differentiatesTarget = true
    return preset
  }()

  package init() {}

  /// The model for these data.
  package func shape(for data: PairedData<Float>) -> ScMDC<Float>.Configuration {
    var shape = model
    shape.fit(to: data)
    return shape
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(
      epochs: epochs(cells: cells, making: 750, most: 60), learningRate: learningRate)
    schedule.optimizer = .amsgrad
    return schedule
  }
}

/// How scMDC is trained with clusters.
package struct ScMDCClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule.byAdadelta
  package var batchSize = 256
  /// Training ends when a smaller share of the labels changes in an epoch.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  package var gamma = 0.1
  package var trainsCenters = true
  /// Nil: as in pretraining.
  package var phi: Double?
  package var rnaNoise: Double?
  package var secondNoise: Double?
  package var differentiatesTarget = false

  /// Guarded: the state is kept that agrees with the partitions of the start.
  package static let standard: ScMDCClustering = {
    var preset = ScMDCClustering()
    (preset.schedule.epochs, preset.schedule.keeps) = (30, .best)
    return preset
  }()

  /// k-means on the codes, then until fewer than 0.1 % of the labels change; the last state.
  package static let paper: ScMDCClustering = {
    var preset = ScMDCClustering()
    preset.start = .kmeans
    (preset.schedule.epochs, preset.schedule.keeps) = (5000, .last)
    return preset
  }()

  /// The authors' program, which differentiates p too.
  package static let released: ScMDCClustering = {
    var preset = paper
    preset.differentiatesTarget = true
    return preset
  }()

  package init() {}

  /// A stored model with these losses.
  package func shape(_ stored: ScMDC<Float>.Configuration) -> ScMDC<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.phi) = (gamma, phi ?? stored.phi)
    shape.rnaNoise = rnaNoise ?? stored.rnaNoise
    shape.secondNoise = secondNoise ?? stored.secondNoise
    (shape.trainsCenters, shape.differentiatesTarget) = (trainsCenters, differentiatesTarget)
    return shape
  }
}
