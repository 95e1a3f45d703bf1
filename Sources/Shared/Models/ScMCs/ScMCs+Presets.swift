import NeuralNetworks
import Tensors
import Training

/// How scMCs is pretrained: both autoencoders alone, then their fusion.
package struct ScMCsPretraining: PairedCountPretraining, Equatable {
  /// Epochs are of all rounds together; the cells of a step attend to each other.
  package var plan = PretrainingPlan(
    automatic: AutomaticEpochs(steps: 1500, epochs: 40...100), patience: 10, batchSize: 128)
  package var model: ScMCs<Float>.Configuration = {
    var shape = ScMCs<Float>.Configuration(genes: 0, features: 0)
    shape.secondEncoder = [256, 128]
    (shape.secondShare, shape.secondWeight) = (1, 1)
    return shape
  }()
  /// The step size of the second measurement's autoencoder alone, as a share of that of the others.
  package var secondLearningRateFactor = 1.0
  /// Epochs in a round, at most; nil: by the number of cells.
  package var roundEpochs: Int?
  package var heldOutShare = 0.1

  /// Steps of some cells, rounds that cells held out end, narrower layers of the second
  /// measurement, and both measurements with the same weights.
  package static let standard = ScMCsPretraining()

  /// Rounds of 500 steps of all cells.
  package static let paper = ScMCsPretraining().with {
    $0.model = ScMCs<Float>.Configuration(genes: 0, features: 0)
    ($0.learningRate, $0.secondLearningRateFactor, $0.roundEpochs) = (1e-4, 0.1, 500)
    ($0.patience, $0.batchSize, $0.heldOutShare) = (0, 0, 0)
  }

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// The rounds of a training on that many cells.
  package func rounds(cells: Int) -> [TrainingRound] {
    let length = roundEpochs ?? plan.automatic.count(cells: cells, stepsOf: batchSize)
    let all = [ScMCsPart.rnaAlone, .secondAlone, .fusion].map { part in
      TrainingRound(
        part: part.rawValue, epochs: length,
        learningRate: learningRate * (part == .secondAlone ? secondLearningRateFactor : 1))
    }
    return epochs.map { TrainingRound.sharing($0, among: all) } ?? all
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    schedule(rounds: rounds(cells: cells))
  }
}

/// How scMCs clusters: the first partition of the codes is the result.
package struct ScMCsClustering: ClusteringSettings, Equatable {
  package var plan = ClusteringPlan.ofFirstPartition
  /// How a second clustering is found.
  package var division: ScMCsDivision {
    var division = ScMCsDivision()
    division.batchSize = batchSize
    return division
  }

  /// The consensus of what k-means finds in the codes of all models.
  package static let standard = ScMCsClustering()

  /// k-means on the codes; of two clusterings steps of all cells.
  package static let paper = ScMCsClustering().keepingLast(from: .kmeans, epochs: 0)
    .with { $0.batchSize = 0 }

  package static let released = paper

  package init() {}
}
