import NeuralNetworks
import Tensors
import Training

/// How DESC is pretrained: layer by layer, then as a whole, in rounds whose step is a tenth of the
/// one before.
package struct DESCPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// Nil: as many as the rounds have.
  package var epochs: Int?
  /// The step size of the first round of every layer.
  package var learningRate = 0.1
  /// That of the first round of the whole, times this.
  package var wholeFactor = 1.0
  /// The rounds of each layer, and of the whole.
  package var layerRounds = 3
  package var wholeRounds = 3
  /// Epochs in a round, at most; nil: as many as make some 1,000 steps, from 5 to 50.
  package var roundEpochs: Int?
  /// Epochs without a lower loss after which a round ends; 0: never.
  package var patience = 10
  package var tolerance = 1e-4
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Where an epoch of such steps has fewer, the steps are smaller.
  package var fewestSteps = 16
  package var output = OutputLayer.tanh
  package var dropout = 0.2

  /// Shorter rounds of many cells, smaller steps of few, and fewer rounds of the whole.
  package static let standard = DESCPretraining()

  /// Rounds of 50 epochs, or until 10 have brought nothing: three a layer, six of the whole.
  package static let paper: DESCPretraining = {
    var preset = DESCPretraining()
    (preset.wholeRounds, preset.roundEpochs, preset.fewestSteps) = (6, 50, 1)
    return preset
  }()

  /// The authors' program, whose first step on the whole is 1.
  package static let released: DESCPretraining = {
    var preset = paper
    preset.wholeFactor = 10
    return preset
  }()

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
    let perEpoch = max(1, tileCount(cells, of: stepSize(cells: cells)))
    let length = roundEpochs ?? min(50, max(5, 1000 / perEpoch))
    func falling(_ count: Int, part: Int, from rate: Double) -> [TrainingRound] {
      var rate = rate
      return (0..<count).map { _ in
        defer { rate /= 10 }
        return TrainingRound(part: part, epochs: length, learningRate: rate)
      }
    }
    let parts = (0..<layers).flatMap { falling(layerRounds, part: $0 + 1, from: learningRate) }
    let all = parts + falling(wholeRounds, part: 0, from: learningRate * wholeFactor)
    return epochs.map { TrainingRound.sharing($0, among: all) } ?? all
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    let layers = DESC<Float>.Configuration.widths(cells: cells).count
    var schedule = PretrainingSchedule(rounds: rounds(layers: layers, cells: cells))
    schedule.optimizer = .momentum(0.9)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}

extension DESC {
  /// As many cells as `batch` says (0: all), or, where an epoch would have fewer steps, as many as
  /// make these, but no fewer than 16.
  static func stepSize(_ batch: Int, cells: Int, fewestSteps: Int) -> Int {
    let whole = max(1, batch == 0 ? cells : min(batch, cells))
    return min(whole, max(16, tileCount(cells, of: max(1, fewestSteps))))
  }
}

/// How DESC is trained with clusters.
package struct DESCClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = {
    var schedule = ClusteringSchedule()
    (schedule.optimizer, schedule.learningRate) = (.momentum(0.9), 0.01)
    (schedule.interval, schedule.patience) = (5, 3)
    return schedule
  }()
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Where an epoch of such steps has fewer, the steps are smaller.
  package var fewestSteps = 16
  /// Training ends when a smaller share of the labels changes from one target distribution to the
  /// next.
  package var stableShare = 0.005
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
  package var gamma = 1.0
  package var trainsCenters = true

  /// Guarded: the state is kept that agrees with the partitions of the start.
  package static let standard: DESCClustering = {
    var preset = DESCClustering()
    (preset.schedule.epochs, preset.schedule.keeps) = (60, .best)
    return preset
  }()

  /// Leiden on the codes, then 1,000 target distributions at most; the last state.
  package static let paper: DESCClustering = {
    var preset = DESCClustering()
    (preset.start, preset.fewestSteps) = (.leiden, 1)
    (preset.schedule.epochs, preset.schedule.keeps) = (5000, .last)
    return preset
  }()

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
