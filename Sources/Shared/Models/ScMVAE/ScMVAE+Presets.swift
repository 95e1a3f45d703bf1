import NeuralNetworks
import Tensors
import Training

/// How scMVAE is pretrained: some epochs with N(0, 1) as prior, then with the mixture.
package struct ScMVAEPretraining: PairedCountPretraining, Equatable {
  /// Epochs are of both rounds together.
  package var plan = PretrainingPlan(
    automatic: AutomaticEpochs(steps: 2500, epochs: 60...150), optimizer: .adam(epsilon: 0.01),
    learningRate: 3e-3, patience: 10, batchSize: 128)
  package var model: ScMVAE<Float>.Configuration = {
    var shape = ScMVAE<Float>.Configuration(genes: 0, features: 0)
    (shape.rnaEncoder, shape.secondEncoder) = ([256, 128], [256, 128])
    (shape.rnaDecoder, shape.secondDecoder) = ([128], [128])
    shape.annealing = 30
    return shape
  }()
  /// Epochs with N(0, 1) as prior.
  package var warmUp = 10
  package var heldOutShare = 0.1

  /// Fewer epochs of larger steps, and narrower layers.
  package static let standard = ScMVAEPretraining()

  /// 500 epochs, or until 30 have brought nothing.
  package static let paper = ScMVAEPretraining().with {
    $0.model = ScMVAE<Float>.Configuration(genes: 0, features: 0)
    ($0.epochs, $0.learningRate, $0.patience, $0.batchSize) = (500, 1e-3, 30, 64)
  }

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// Epochs of both rounds, and those after which κ is 1: half of all at most.
  private func lengths(cells: Int) -> (normal: Int, mixture: Int, annealing: Int) {
    let all = epochs ?? plan.automatic.count(cells: cells, stepsOf: batchSize)
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
    func round(_ part: ScMVAEPart, _ epochs: Int, warmUpEpochs: Int) -> TrainingRound {
      TrainingRound(
        part: part.rawValue, epochs: epochs, learningRate: learningRate, decay: StepwiseDecay(),
        warmUpEpochs: warmUpEpochs)
    }
    return [
      round(.normal, normal, warmUpEpochs: normal),
      round(.mixture, mixture, warmUpEpochs: max(0, annealing - normal)),
    ]
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    schedule(rounds: rounds(cells: cells))
  }
}
