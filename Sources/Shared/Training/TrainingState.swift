// The state from which a training continues as if it had never been interrupted. Batches, noise and
// pairs are functions of the seed and the numbers of epoch and step, so no generator is stored.
// Graphs and starts are computed again from their inputs.

import Autodiff
import NeuralNetworks
import Tensors

/// A training between two of its steps, as values by name.
package struct TrainingState<S: EngineScalar>: Sendable {
  package var matrices: [String: Matrix<S>] = [:]
  package var numbers: [String: [Double]] = [:]
  /// The losses of all epochs; in the middle of an epoch the last is the mean of its steps so far.
  package var curve: [LossTerms] = []

  package init() {}

  /// Whether all weights are finite: a state from which training can go on.
  package var isFinite: Bool {
    guard let weights = matrices["weights"] else { return true }
    return weights.elements.span.indices.allSatisfy { weights.elements[$0].isFinite }
  }
}

/// An epoch in progress.
struct EpochProgress {
  var stepsDone = 0
  /// The mean loss of the steps so far, weighted by their cells.
  var mean: LossTerms?
}

/// The place in a training at which a step ended.
package struct TrainingMoment: Sendable {
  /// From 1.
  package let epoch: Int
  /// Whether it was the last step of the epoch.
  package let endsEpoch: Bool
}

/// The start of a training, and the receiver of its state after every step.
package struct Resumption<S: EngineScalar> {
  /// The state of an earlier run; nil to begin at the beginning.
  package let state: TrainingState<S>?
  /// Called after every step; it may end the training by throwing.
  package let offer: (TrainingMoment, _ state: () -> TrainingState<S>) throws -> Void

  package init(
    from state: TrainingState<S>?,
    offering offer: @escaping (TrainingMoment, _ state: () -> TrainingState<S>) throws -> Void
  ) {
    self.state = state
    self.offer = offer
  }

  /// From the beginning to the end.
  package static var none: Resumption { Resumption(from: nil) { _, _ in } }
}

/// A state that does not fit the training that should continue from it: always bad data of the
/// checkpoint.
package struct ResumptionFault: Fault {
  package let kind = FaultKind.badData
  package let description: String

  package init(_ name: String) {
    description =
      "checkpoint.\(name): is missing or does not fit this training; start again, without --resume"
  }
}

// Storing.
extension TrainingState {
  /// The weights, the statistics, the optimizer's memory and the losses, including the epoch in
  /// progress.
  init(
    _ model: some TrainableModel<S>, _ optimizer: any Optimizer<S>, _ curve: [LossTerms],
    _ progress: EpochProgress
  ) {
    matrices["weights"] = model.parameters.weights.matrix()
    for (name, window) in model.statistics { matrices["statistics.\(name)"] = window.matrix() }
    for (name, values) in optimizer.memory { matrices["optimizer.\(name)"] = values.matrix() }
    numbers["progress"] = [Double(optimizer.step), Double(progress.stepsDone)]
    self.curve = curve + [progress.mean].compactMap { $0 }
  }
}

// Going on.
extension TrainingState {
  /// Restores weights, statistics and the optimizer's memory. Returns the losses of the completed
  /// epochs, and the one in progress.
  ///
  /// - Throws: `ResumptionFault` if the state is not that of such a training.
  func restore(_ model: some TrainableModel<S>, _ optimizer: any Optimizer<S>, epochs: Int)
    throws(ResumptionFault) -> (curve: [LossTerms], progress: EpochProgress)
  {
    try restore("weights", into: model.parameters.weights)
    for (name, window) in model.statistics { try restore("statistics.\(name)", into: window) }
    for (name, values) in optimizer.memory { try restore("optimizer.\(name)", into: values) }
    let steps = try integers("progress", count: 2, in: 1..<Int(Int32.max))
    optimizer.step = steps[0]
    guard let mean = curve.last, curve.count <= epochs else { throw ResumptionFault("curve") }
    return (Array(curve.dropLast()), EpochProgress(stepsDone: steps[1], mean: mean))
  }

  /// Copies a matrix to its place.
  func restore(_ name: String, into place: Window<S>) throws(ResumptionFault) {
    place.copy(from: try matrix(name, rows: place.rows, columns: place.columns))
  }

  package func matrix(_ name: String, rows: Int, columns: Int) throws(ResumptionFault) -> Matrix<S>
  {
    guard let matrix = matrices[name], matrix.rows == rows, matrix.columns == columns else {
      throw ResumptionFault(name)
    }
    return matrix
  }

  package func values(_ name: String, count: Int) throws(ResumptionFault) -> [Double] {
    guard let values = numbers[name], values.count == count else { throw ResumptionFault(name) }
    return values
  }

  /// Whole numbers in a range, stored as Double.
  package func integers(_ name: String, count: Int, in range: Range<Int>) throws(ResumptionFault)
    -> [Int]
  {
    var result: [Int] = []
    for value in try values(name, count: count) {
      guard let whole = Int(exactly: value), range.contains(whole) else {
        throw ResumptionFault(name)
      }
      result.append(whole)
    }
    return result
  }

  /// Adds partitions under names that count from NAME.0.
  package mutating func store(_ partitions: [[Int]], _ name: String) {
    for (i, labels) in partitions.enumerated() {
      numbers["\(name).\(i)"] = labels.map { Double($0) }
    }
  }

  /// The partitions NAME.0, NAME.1, … of `count` cells, labels from 0 to `limit` − 1.
  package func partitions(_ name: String, of count: Int, below limit: Int) throws(ResumptionFault)
    -> [[Int]]
  {
    var result: [[Int]] = []
    while numbers["\(name).\(result.count)"] != nil {
      result.append(try integers("\(name).\(result.count)", count: count, in: 0..<limit))
    }
    return result
  }
}
