import NeuralNetworks
import Tensors
import Training

/// How DCCA is pretrained: the RNA alone, the second measurement alone and then taught by the RNA,
/// and in further cycles each by the other.
package struct DCCAPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for what the data decide.
  package var model: DCCA<Float>.Configuration = {
    var shape = DCCA<Float>.Configuration(genes: 0, features: 0)
    shape.secondEncoder = [256, 128]
    return shape
  }()
  /// Of all rounds together; nil: as many as the rounds have.
  package var epochs: Int?
  /// The first step size of a round.
  package var learningRate = 1e-2
  /// Epochs in a round, at most; nil: as many as make some 1,500 steps, from 40 to 100.
  package var roundEpochs: Int?
  /// How often each is taught by the other: 1 teaches the second measurement alone.
  package var cycles = 2
  /// Epochs without a lower loss of the cells held out after which a round ends; 0: never.
  package var patience = 10
  package var tolerance = 1e-4
  package var batchSize = 128
  /// Of the cells, no step learns from these.
  package var heldOutShare = 0.1

  /// Fewer epochs of larger steps, and a narrower first layer of the second measurement.
  package static let standard = DCCAPretraining()

  /// Rounds of 500 epochs, or until 30 have brought nothing, in three cycles.
  package static let paper: DCCAPretraining = {
    var preset = DCCAPretraining()
    preset.model.secondEncoder = [1500, 128]
    (preset.roundEpochs, preset.cycles, preset.patience, preset.batchSize) = (500, 3, 30, 64)
    return preset
  }()

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// The model for these data.
  ///
  /// - Parameter isBinary: whether the second measurement is peaks that are open or closed.
  package func shape(for data: PairedData<Float>, secondIsBinary isBinary: Bool)
    -> DCCA<Float>.Configuration
  {
    model.fitted(to: data, secondIsBinary: isBinary)
  }

  /// The rounds of a training on that many cells.
  package func rounds(cells: Int) -> [TrainingRound] {
    let perEpoch = max(1, tileCount(cells, of: max(1, batchSize)))
    let length = roundEpochs ?? min(100, max(40, 1500 / perEpoch))
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
    var schedule = PretrainingSchedule(rounds: rounds(cells: cells))
    schedule.optimizer = .adam(epsilon: 0.01)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}
