import NeuralNetworks
import Training

/// How DCCA is pretrained: the RNA alone, the second measurement alone and then taught by the RNA,
/// and in further cycles each by the other.
package struct DCCAPretraining: PairedCountPretraining, Equatable {
  /// Epochs are of all rounds together.
  package var plan = PretrainingPlan(
    automatic: AutomaticEpochs(steps: 1500, epochs: 40...100), optimizer: .adam(epsilon: 0.01),
    learningRate: 1e-2, patience: 10, batchSize: 128)
  package var model: DCCA<Float>.Configuration = {
    var shape = DCCA<Float>.Configuration(genes: 0, features: 0)
    shape.secondEncoder = [256, 128]
    return shape
  }()
  /// Epochs in a round, at most; nil: by the number of cells.
  package var roundEpochs: Int?
  /// How often each is taught by the other: 1 teaches the second measurement alone.
  package var cycles = 2
  package var heldOutShare = 0.1

  /// Fewer epochs of larger steps, and a narrower first layer of the second measurement.
  package static let standard = DCCAPretraining()

  /// Rounds of 500 epochs, or until 30 have brought nothing, in three cycles.
  package static let paper = DCCAPretraining().with {
    $0.model.secondEncoder = [1500, 128]
    ($0.roundEpochs, $0.cycles, $0.patience, $0.batchSize) = (500, 3, 30, 64)
  }

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// The rounds of a training on that many cells.
  package func rounds(cells: Int) -> [TrainingRound] {
    let length = roundEpochs ?? plan.automatic.count(cells: cells, stepsOf: batchSize)
    let further: [[DCCAPart]] = (0..<max(0, cycles - 1)).map { _ in [.rnaTaught, .secondTaught] }
    let parts: [DCCAPart] =
      [.rnaAlone, .secondAlone] + (cycles > 0 ? [.secondTaught] : []) + further.flatMap(\.self)
    let all = parts.map { part in
      TrainingRound(
        part: part.rawValue, epochs: length, learningRate: learningRate, decay: StepwiseDecay())
    }
    return epochs.map { TrainingRound.sharing($0, among: all) } ?? all
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    schedule(rounds: rounds(cells: cells))
  }
}
