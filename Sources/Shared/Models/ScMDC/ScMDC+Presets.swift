import NeuralNetworks
import Tensors
import Training

/// How scMDC is pretrained.
package struct ScMDCPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan(optimizer: .amsgrad, patience: 0)
  /// The model, but for what the data decide.
  package var model = ScMDC<Float>.Configuration(genes: 0, features: 0)

  package static let standard = ScMDCPretraining()

  /// 400 epochs; the pairs join in the second half of them.
  package static let paper = ScMDCPretraining().with { $0.epochs = 400 }

  /// The authors' program, which differentiates p too.
  package static let released = paper.with { $0.model.differentiatesTarget = true }

  package init() {}

  /// The model for these data.
  package func shape(for data: PairedData<Float>) -> ScMDC<Float>.Configuration {
    var shape = model
    shape.fit(to: data)
    return shape
  }
}

/// How scMDC is trained with clusters.
package struct ScMDCClustering: StableClusteringSettings, Equatable {
  package var plan = ClusteringPlan(schedule: .byAdadelta, gamma: 0.1)
  /// Nil: as in pretraining.
  package var phi: Double?
  package var rnaNoise: Double?
  package var secondNoise: Double?
  package var differentiatesTarget = false

  package static let standard = ScMDCClustering().keepingBest(epochs: 30)

  /// k-means on the codes, then until fewer than 0.1 % of the labels change.
  package static let paper = ScMDCClustering().keepingLast(from: .kmeans, epochs: 5000)

  /// The authors' program, which differentiates p too.
  package static let released = paper.with { $0.differentiatesTarget = true }

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
