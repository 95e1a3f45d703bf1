import NeuralNetworks
import Tensors
import Training

/// How scEMC is pretrained.
package struct ScEMCPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan(optimizer: .amsgrad, patience: 0)
  /// The model, but for what the data decide.
  package var model: ScEMC<Float>.Configuration = {
    var model = ScEMC<Float>.Configuration(genes: 0, features: nil)
    model.hops = 3
    return model
  }()
  /// Whether the second modality is used.
  package var usesSecond = true

  package static let standard = ScEMCPretraining()

  /// 400 epochs without the graph; θ = exp (equation 5).
  package static let paper = ScEMCPretraining().with {
    ($0.hops, $0.epochs, $0.model.dispersion) = (0, 400, .exp)
  }

  /// The released program: a transformer layer, θ by softplus.
  package static let released = paper.with {
    ($0.model.aggregation, $0.model.dispersion) = (.transformer, .softplus)
  }

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
}

/// How scEMC is trained with clusters.
package struct ScEMCClustering: StableClusteringSettings, Equatable {
  package var plan = ClusteringPlan(schedule: .byAdadelta, gamma: 0.1)
  package var lambda1 = 1.0
  package var lambda2 = 10.0
  /// Nil: as in pretraining.
  package var phi: Double?
  package var rnaNoise: Double?
  package var secondNoise: Double?
  package var reconstructs = true
  package var clusters = true
  package var distance = CenterDistance.squared
  /// Whether P of L_kl is differentiated.
  package var differentiatesTarget = false

  package static let standard = ScEMCClustering().keepingBest(epochs: 30)

  /// Equations 14 and 18 to 21: λ1 1, λ2 10, no φ or γ, Euclidean distances, trained centers.
  package static let paper = ScEMCClustering().keepingLast(from: .kmeans, epochs: 5000).with {
    ($0.lambda1, $0.lambda2, $0.phi, $0.gamma) = (1, 10, 1, 1)
    $0.distance = .euclidean
  }

  /// The released program: λ 1 and 1, φ 0.001, γ 0.1, squared distances, constant centers, P
  /// differentiated.
  package static let released = paper.with {
    $0.schedule.epochs = 500
    ($0.lambda1, $0.lambda2, $0.phi, $0.gamma) = (1, 1, 0.001, 0.1)
    ($0.distance, $0.trainsCenters) = (.squared, false)
    $0.differentiatesTarget = true
  }

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
