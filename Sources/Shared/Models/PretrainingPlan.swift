import NeuralNetworks
import Tensors
import Training

/// How many models are pretrained, how long and how fast.
package struct PretrainingPlan: Sendable, Equatable {
  /// How many models are trained, each after the first on a view of the data.
  package var models = 1
  /// Nil: by the number of cells.
  package var epochs: Int?
  /// What the number of cells gives: the epochs of the training, or of each of its rounds.
  package var automatic = AutomaticEpochs(steps: 750, epochs: 10...60)
  package var optimizer = OptimizerKind.adam()
  /// The first step size, of each round too.
  package var learningRate = 1e-3
  package var decay = LearningRateDecay.none
  /// Epochs without a lower loss after which the training, or a round of it, ends; 0: never.
  package var patience = 5
  /// The share by which a loss must fall to count as lower.
  package var tolerance = 1e-4
  /// Cells in a step; 0: all.
  package var batchSize = 256
  /// Whether training on counts of reads begins at the genes' moments, and begins again with a
  /// smaller step where it fails.
  package var guardsLoss = true
}

/// As many epochs as make a number of steps: what small data lack in steps an epoch, they get in
/// epochs.
package struct AutomaticEpochs: Sendable, Equatable {
  package var steps: Int
  /// No fewer and no more than these.
  package var epochs: ClosedRange<Int>

  /// The epochs of that many cells in steps of `size`; 0: one step of all.
  func count(cells: Int, stepsOf size: Int) -> Int {
    let perEpoch = size == 0 ? 1 : max(1, tileCount(cells, of: size))
    return min(epochs.upperBound, max(epochs.lowerBound, steps / perEpoch))
  }
}

/// How a model is pretrained: a plan, and what is the model's own.
package protocol PretrainingSettings: PresetSettings {
  var plan: PretrainingPlan { get set }

  /// The cells in a step of that many.
  func stepSize(cells: Int) -> Int
}

extension PretrainingSettings {
  package var models: Int {
    get { plan.models }
    set { plan.models = newValue }
  }
  package var epochs: Int? {
    get { plan.epochs }
    set { plan.epochs = newValue }
  }
  package var learningRate: Double {
    get { plan.learningRate }
    set { plan.learningRate = newValue }
  }
  package var patience: Int {
    get { plan.patience }
    set { plan.patience = newValue }
  }
  package var tolerance: Double {
    get { plan.tolerance }
    set { plan.tolerance = newValue }
  }
  package var batchSize: Int {
    get { plan.batchSize }
    set { plan.batchSize = newValue }
  }
  package var guardsLoss: Bool { plan.guardsLoss }

  package func stepSize(cells: Int) -> Int { batchSize == 0 ? max(1, cells) : batchSize }

  /// One round of all epochs.
  package func schedule(cells: Int) -> PretrainingSchedule {
    let automatic = plan.automatic.count(cells: cells, stepsOf: batchSize)
    return completed(
      PretrainingSchedule(epochs: epochs ?? automatic, learningRate: learningRate))
  }

  /// These rounds.
  func schedule(rounds: [TrainingRound]) -> PretrainingSchedule {
    completed(PretrainingSchedule(rounds: rounds))
  }

  private func completed(_ schedule: PretrainingSchedule) -> PretrainingSchedule {
    var schedule = schedule
    (schedule.optimizer, schedule.decay) = (plan.optimizer, plan.decay)
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }

  /// As an author's program trains a number of epochs: one model, to the end, unguarded.
  func published(epochs: Int, learningRate: Double) -> Self {
    with {
      ($0.plan.models, $0.plan.epochs, $0.plan.learningRate) = (1, epochs, learningRate)
      ($0.plan.decay, $0.plan.patience, $0.plan.guardsLoss) = (.none, 0, false)
    }
  }
}

/// How a model of the counts of two measurements is pretrained.
package protocol PairedCountPretraining: PretrainingSettings {
  associatedtype Shape: PairedCountShape

  /// The model, but for what the data decide.
  var model: Shape { get }
  /// The share of the cells that no step learns from.
  var heldOutShare: Double { get }
}

extension PairedCountPretraining {
  /// The model for these data.
  ///
  /// - Parameter isBinary: whether the second measurement is peaks that are open or closed.
  package func shape(for data: PairedData<Shape.S>, secondIsBinary isBinary: Bool) -> Shape {
    model.fitted(to: data, secondIsBinary: isBinary)
  }
}
