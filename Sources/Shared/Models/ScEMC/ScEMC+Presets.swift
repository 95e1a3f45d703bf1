import NeuralNetworks
import Tensors
import Training

/// How scEMC is pretrained.
package struct ScEMCPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for what the data decide.
  package var model: ScEMC<Float>.Configuration = {
    var model = ScEMC<Float>.Configuration(genes: 0, features: nil)
    model.hops = 3
    return model
  }()
  /// Nil: as many as make some 750 steps, from 10 to 60.
  package var epochs: Int?
  package var learningRate = 1e-3
  package var batchSize = 256
  /// Whether the second modality is used.
  package var usesSecond = true

  package static let standard = ScEMCPretraining()

  /// 400 epochs without the graph; θ = exp (equation 5).
  package static let paper: ScEMCPretraining = {
    var preset = ScEMCPretraining()
    (preset.hops, preset.epochs, preset.model.dispersion) = (0, 400, .exp)
    return preset
  }()

  /// The released program: a transformer layer, θ by softplus.
  package static let released: ScEMCPretraining = {
    var preset = paper
    (preset.model.aggregation, preset.model.dispersion) = (.transformer, .softplus)
    return preset
  }()

  package init() {}

  /// T of the RNA encoder; 0: the graph has no part.
  package var hops: Int {
    get { model.hops }
    set { model.hops = newValue }
  }

  /// The model for these data.
  package func shape(for data: PairedData<Float>) -> ScEMC<Float>.Configuration {
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

/// How scEMC is trained with clusters.
package struct ScEMCClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule.byAdadelta
  package var batchSize = 256
  /// Training ends when a smaller share of the labels changes in an epoch.
  package var stableShare = 0.001
  /// What assesses the cells, which the papers' training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  package var lambda1 = 1.0
  package var lambda2 = 10.0
  package var gamma = 0.1
  /// Nil: as in pretraining.
  package var phi: Double?
  package var rnaNoise: Double?
  package var secondNoise: Double?
  package var reconstructs = true
  package var clusters = true
  package var trainsCenters = true
  package var distance = CenterDistance.squared
  /// Whether P of L_kl is differentiated.
  package var differentiatesTarget = false

  /// Guarded: the state that agrees most with the partitions of the start is the result.
  package static let standard: ScEMCClustering = {
    var preset = ScEMCClustering()
    (preset.schedule.epochs, preset.schedule.keeps) = (30, .best)
    return preset
  }()

  /// Equations 14 and 18 to 21: λ1 1, λ2 10, no φ or γ, Euclidean distances, trained centers; the
  /// last state.
  package static let paper: ScEMCClustering = {
    var preset = ScEMCClustering()
    preset.start = .kmeans
    (preset.schedule.epochs, preset.schedule.keeps) = (5000, .last)
    (preset.lambda1, preset.lambda2, preset.phi, preset.gamma) = (1, 10, 1, 1)
    preset.distance = .euclidean
    return preset
  }()

  /// The released program: λ 1 and 1, φ 0.001, γ 0.1, squared distances, constant centers, P
  /// differentiated.
  package static let released: ScEMCClustering = {
    var preset = paper
    preset.schedule.epochs = 500
    (preset.lambda1, preset.lambda2, preset.phi, preset.gamma) = (1, 1, 0.001, 0.1)
    (preset.distance, preset.trainsCenters) = (.squared, false)
    preset.differentiatesTarget = true
    return preset
  }()

  package init() {}

  /// A stored model with these losses.
  package func shape(_ stored: ScEMC<Float>.Configuration) -> ScEMC<Float>.Configuration {
    var shape = stored
    (shape.lambda1, shape.lambda2, shape.gamma) = (lambda1, lambda2, gamma)
    shape.phi = phi ?? stored.phi
    shape.rnaNoise = rnaNoise ?? stored.rnaNoise
    shape.secondNoise = secondNoise ?? stored.secondNoise
    shape.reconstructs = stored.reconstructs && reconstructs && lambda1 > 0
    shape.clusters = stored.clusters && clusters && lambda2 > 0
    shape.trainsCenters = trainsCenters
    (shape.distance, shape.differentiatesTarget) = (distance, differentiatesTarget)
    return shape
  }

  /// The schedule for a model; without clustering losses nothing would move the centers: the start
  /// is the result.
  package func schedule(for shape: ScEMC<Float>.Configuration) -> ClusteringSchedule {
    var result = schedule
    if !shape.clusters { result.epochs = 0 }
    return result
  }
}
