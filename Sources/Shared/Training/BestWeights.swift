import Autodiff
import Tensors

/// The weights of a round of training at which the held-out cells had their lowest loss. The round
/// ends with them.
struct BestWeights<Model: TrainableModel> {
  typealias S = Model.S

  private let model: Model
  private var lowest = Double.infinity
  /// Weights and statistics one after the other, at that epoch; nil before the first.
  private var kept: [Matrix<S>]?

  init(of model: Model) { self.model = model }

  private var places: [Window<S>] { [model.parameters.weights] + model.statistics.map(\.window) }

  /// Adds the loss of an epoch if cells are held out; returns whether it is the lowest of the
  /// round.
  @discardableResult
  mutating func append(_ loss: Double?) -> Bool {
    guard let loss, loss < lowest else { return false }
    lowest = loss
    return true
  }

  /// Keeps the present weights.
  mutating func take() { kept = places.map { $0.matrix() } }

  /// Begins a round.
  mutating func forget() { (lowest, kept) = (.infinity, nil) }

  /// Ends a round: restores the kept weights.
  mutating func finish() {
    for (place, matrix) in zip(places, kept ?? []) { place.copy(from: matrix) }
    forget()
  }
}

// Checkpoints.
extension BestWeights {
  private static var name: String { "best" }

  func store(in state: inout TrainingState<S>) {
    for (number, matrix) in (kept ?? []).enumerated() {
      state.matrices["\(Self.name).\(number)"] = matrix
    }
  }

  /// Restores the weights of an earlier run of the same round.
  ///
  /// - Throws: `ResumptionFault` if some are missing, or belong to another model.
  mutating func restore(_ state: TrainingState<S>) throws(ResumptionFault) {
    guard lowest.isFinite else { return }
    var result: [Matrix<S>] = []
    for (number, place) in places.enumerated() {
      result.append(
        try state.matrix("\(Self.name).\(number)", rows: place.rows, columns: place.columns))
    }
    kept = result
  }
}
