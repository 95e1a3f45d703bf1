import NeuralNetworks
import Tensors
import Training

/// How scMVAE is pretrained: some epochs with N(0, 1) as prior, then with the mixture.
package struct ScMVAEPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for what the data decide.
  package var model: ScMVAE<Float>.Configuration = {
    var shape = ScMVAE<Float>.Configuration(genes: 0, features: 0)
    (shape.rnaEncoder, shape.secondEncoder) = ([256, 128], [256, 128])
    (shape.rnaDecoder, shape.secondDecoder) = ([128], [128])
    shape.annealing = 30
    return shape
  }()
  /// Of both rounds together; nil: as many as make some 2,500 steps, from 60 to 150.
  package var epochs: Int?
  /// The first step size of a round.
  package var learningRate = 3e-3
  /// Epochs with N(0, 1) as prior.
  package var warmUp = 10
  /// Epochs without a lower loss of the cells held out after which the training ends; 0: never.
  package var patience = 10
  package var tolerance = 1e-4
  package var batchSize = 128
  /// Of the cells, no step learns from these.
  package var heldOutShare = 0.1

  /// Fewer epochs of larger steps, and narrower layers.
  package static let standard = ScMVAEPretraining()

  /// 500 epochs, or until 30 have brought nothing.
  package static let paper: ScMVAEPretraining = {
    var preset = ScMVAEPretraining()
    preset.model = ScMVAE<Float>.Configuration(genes: 0, features: 0)
    (preset.epochs, preset.learningRate) = (500, 1e-3)
    (preset.patience, preset.batchSize) = (30, 64)
    return preset
  }()

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// Epochs of both rounds, and those after which κ is 1: half of all at most.
  private func lengths(cells: Int) -> (normal: Int, mixture: Int, annealing: Int) {
    let perEpoch = max(1, tileCount(cells, of: max(1, batchSize)))
    let all = epochs ?? min(150, max(60, 2500 / perEpoch))
    let normal = min(warmUp, all / 4)
    return (normal, all - normal, min(model.annealing, all / 2))
  }

  /// The model for these data.
  ///
  /// - Parameter isBinary: whether the second measurement is peaks that are open or closed.
  package func shape(for data: PairedData<Float>, secondIsBinary isBinary: Bool)
    -> ScMVAE<Float>.Configuration
  {
    var shape = model
    shape.annealing = lengths(cells: data.cellCount).annealing
    return shape.fitted(to: data, secondIsBinary: isBinary)
  }

  /// The rounds of a training on that many cells. Losses count once κ is 1.
  package func rounds(cells: Int) -> [TrainingRound] {
    let (normal, mixture, annealing) = lengths(cells: cells)
    func round(_ part: ScMVAEPart, _ epochs: Int, settling: Int) -> TrainingRound {
      TrainingRound(
        part: part.rawValue, epochs: epochs, learningRate: learningRate, decay: StepwiseDecay(),
        settling: settling)
    }
    return [
      round(.normal, normal, settling: normal),
      round(.mixture, mixture, settling: max(0, annealing - normal)),
    ]
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(rounds: rounds(cells: cells))
    schedule.optimizer = .adam(epsilon: 0.01)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}
