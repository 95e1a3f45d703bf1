import Autodiff
import Tensors

/// The cells of one step, and the step's place in the training.
package struct StepPlan: Sendable {
  /// From 1.
  package let epoch: Int
  /// The number of epochs of the training.
  package let epochs: Int
  /// The number of the step in the epoch, from 0.
  package let number: Int
  /// The number of steps of the epoch.
  package let count: Int
  /// The rows of the cells; nil: all.
  package let cells: Buffer<Int32>?
  /// The part of the model that learns, in a training in rounds; 0: the whole.
  package internal(set) var part = 0
  /// The number of the epoch in its round, from 1; without rounds, that in the training.
  package internal(set) var roundEpoch: Int

  package init(epoch: Int, epochs: Int, number: Int, count: Int, cells: Buffer<Int32>?) {
    (self.epoch, roundEpoch) = (epoch, epoch)
    self.epochs = epochs
    self.number = number
    self.count = count
    self.cells = cells
  }

  /// The number of steps of the training before this one.
  package var ordinal: Int { (epoch - 1) * count + number }
  /// The completed share of the training before this step.
  package var progress: Double { Double(ordinal) / Double(epochs * count) }
}

/// Divides the cells among the steps of an epoch, and prepares the inputs of a model in a step.
///
/// The cells of a step depend on the seed and the number of the epoch alone, so training resumes
/// from any step.
package protocol StepSource<S>: AnyObject {
  associatedtype S: EngineScalar
  /// The inputs of a model in a step.
  associatedtype Step

  var cellCount: Int { get }
  /// The order in which sums over cells are computed, if it is not that of the data. (N)
  var order: [Int]? { get }
  /// The cells that the steps of an epoch learn from.
  var learningCellCount: Int { get }
  /// Steps on the cells that no epoch learns from; their loss shows when to stop.
  var heldOut: [StepPlan] { get }

  /// The steps of an epoch.
  func steps(ofEpoch epoch: Int, of epochs: Int) -> [StepPlan]
  /// Prepares the first of these steps, and others if they cost less together than later.
  func prepare(_ steps: ArraySlice<StepPlan>)
  /// Begins a step in the memory of the tape, which is reset.
  func step(_ plan: StepPlan, on tape: Tape<S>) -> Step
}

extension StepSource {
  package var order: [Int]? { nil }
  package var learningCellCount: Int { cellCount }
  package var heldOut: [StepPlan] { [] }

  /// The steps of one epoch, from the cells of each.
  func plans(_ epoch: Int, of epochs: Int, _ cells: [Buffer<Int32>?]) -> [StepPlan] {
    cells.enumerated().map { number, rows in
      StepPlan(epoch: epoch, epochs: epochs, number: number, count: cells.count, cells: rows)
    }
  }
}
