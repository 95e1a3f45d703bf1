import NeuralNetworks
import Tensors
import Training

/// How DESC is pretrained: layer by layer, then as a whole, in rounds whose step is a tenth of the
/// one before.
package struct DESCPretraining: PretrainingSettings, Equatable {
  /// Epochs are of all rounds together, the step size is that of the first round of every layer.
  package var plan = PretrainingPlan(
    automatic: AutomaticEpochs(steps: 1000, epochs: 5...50), optimizer: .momentum(0.9),
    learningRate: 0.1, patience: 10)
  /// The step size of the first round of the whole, as a multiple of that.
  package var jointLearningRateFactor = 1.0
  /// The rounds of each layer, and of the whole.
  package var layerRounds = 3
  package var jointRounds = 3
  /// Epochs in a round, at most; nil: by the number of cells.
  package var roundEpochs: Int?
  /// Where an epoch of such steps has fewer, the steps are smaller.
  package var fewestSteps = 16
  package var output = OutputLayer.tanh
  package var dropout = 0.2

  /// Shorter rounds of many cells, smaller steps of few, and fewer rounds of the whole.
  package static let standard = DESCPretraining()

  /// Rounds of 50 epochs, or until 10 have brought nothing: three a layer, six of the whole.
  package static let paper = DESCPretraining().with {
    ($0.jointRounds, $0.roundEpochs, $0.fewestSteps) = (6, 50, 1)
  }

  /// The authors' program, whose first step on the whole is 1.
  package static let released = paper.with { $0.jointLearningRateFactor = 10 }

  package init() {}

  /// The shape of a model of that many genes, as wide as the paper's for that many cells.
  package func shape(genes: Int, cells: Int) -> DESC<Float>.Configuration {
    var shape = DESC<Float>.Configuration(
      genes: genes, encoder: DESC<Float>.Configuration.widths(cells: cells))
    (shape.output, shape.dropout) = (output, dropout)
    return shape
  }

  /// How many of that many cells are in a step.
  package func stepSize(cells: Int) -> Int {
    DESC<Float>.stepSize(batchSize, cells: cells, fewestSteps: fewestSteps)
  }

  /// The rounds of a model of that many layers: part 1 is the first layer, part 0 the whole.
  package func rounds(layers: Int, cells: Int) -> [TrainingRound] {
    let length =
      roundEpochs ?? plan.automatic.count(cells: cells, stepsOf: stepSize(cells: cells))
    func falling(_ count: Int, part: Int, from rate: Double) -> [TrainingRound] {
      var rate = rate
      return (0..<count).map { _ in
        defer { rate /= 10 }
        return TrainingRound(part: part, epochs: length, learningRate: rate)
      }
    }
    let parts = (0..<layers).flatMap { falling(layerRounds, part: $0 + 1, from: learningRate) }
    let all = parts + falling(jointRounds, part: 0, from: learningRate * jointLearningRateFactor)
    return epochs.map { TrainingRound.sharing($0, among: all) } ?? all
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    let layers = DESC<Float>.Configuration.widths(cells: cells).count
    return schedule(rounds: rounds(layers: layers, cells: cells))
  }
}

extension DESC {
  /// The cells in a step: as many as `batch` says (0: all). If an epoch would have fewer steps than
  /// `fewestSteps`, a step has fewer cells, but at least 16.
  static func stepSize(_ batch: Int, cells: Int, fewestSteps: Int) -> Int {
    let whole = max(1, batch == 0 ? cells : min(batch, cells))
    return min(whole, max(16, tileCount(cells, of: max(1, fewestSteps))))
  }
}

/// How DESC is trained with clusters.
package struct DESCClustering: StableClusteringSettings, Equatable {
  package var plan = {
    var plan = ClusteringPlan(stableShare: 0.005)
    (plan.schedule.optimizer, plan.schedule.learningRate) = (.momentum(0.9), 0.01)
    plan.schedule.patience = 3
    return plan
  }()
  /// Where an epoch of such steps has fewer, the steps are smaller.
  package var fewestSteps = 16
  /// The resolution at which Leiden on the codes gives the number of clusters; nil: the graph gives
  /// the number.
  package var resolution: Double?

  package static let standard = DESCClustering().keepingBest(epochs: 60, interval: 5)

  /// Leiden on the codes, then 1,000 target distributions at most.
  package static let paper = DESCClustering().with { ($0.fewestSteps, $0.resolution) = (1, 0.8) }
    .keepingLast(from: .leiden, epochs: 5000, interval: 5)

  /// The authors' program clusters as the paper says.
  package static let released = paper

  package init() {}

  /// How many of that many cells are in a step.
  package func stepSize(cells: Int) -> Int {
    DESC<Float>.stepSize(batchSize, cells: cells, fewestSteps: fewestSteps)
  }

  /// A stored model with this loss.
  package func shape(_ stored: DESC<Float>.Configuration) -> DESC<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters) = (gamma, trainsCenters)
    return shape
  }

  /// Without its only loss there is nothing to train: the start is the result.
  package var effectiveSchedule: ClusteringSchedule {
    var result = schedule
    if gamma == 0 { result.epochs = 0 }
    return result
  }
}
