// How far the losses of a model with clusters agree on the direction of its weights (scTPF, AAAI
// 2023, equations 10 and 12):
//   Λ_FR = cos(∂L_PS/∂W, ∂L_S/∂W)       feature randomness: do the model's own clusters teach what
//                                       the true labels would?
//   Λ_FD = cos(∂L_PS/∂W, ∂L_SS/∂W)      feature drift: does clustering pull the way that
//                                       reconstruction does?
// over all trained weights W, including the centers. L_S is L_PS with the one-hot of given clusters
// for Q, and no filter. Both are 1 at best and −1 at worst. Gradients are those of all cells at
// once; past 20,000 cells, of sampled pairs, as in training.

import Autodiff
import Tensors

/// The two cosines; nil if a gradient vanishes (no cell is trusted), or without given clusters.
package struct GradientAgreement: Sendable, Equatable {
  /// Λ_FR.
  package let randomness: Double?
  /// Λ_FD.
  package let drift: Double?

  package init(randomness: Double?, drift: Double?) {
    self.randomness = randomness
    self.drift = drift
  }
}

extension TrainableModel {
  /// Λ_FR and Λ_FD of the model with its present weights, over all cells; Λ_FR only if `targets`
  /// gives clusters.
  ///
  /// - Parameters:
  ///   - source: one step on all cells gives their gradient; with several steps it is their mean
  ///     over the cells.
  ///   - targets: the cluster of every cell, −1 for none. (N)
  /// - Throws: `ModelFault` if a gradient is not finite.
  package func gradientAgreement(over source: Source, targets: Buffer<Int32>?)
    throws(ModelFault) -> GradientAgreement
  {
    let clustering = try gradient(over: source) { _ in .pseudoSupervised }
    let supervised = try targets.map { targets throws(ModelFault) in
      try gradient(over: source) { plan in
        .supervised(
          targets: plan.cells.map { cells in Buffer(cells.map { targets[Int($0)] }) } ?? targets)
      }
    }
    return GradientAgreement(
      randomness: supervised.flatMap { cosine(clustering, $0) },
      drift: cosine(clustering, try gradient(over: source) { _ in .selfSupervised }))
  }

  /// The mean gradient over all cells of the steps of an epoch. (number of weights)
  private func gradient(
    over source: Source, of objective: (StepPlan) -> ClusteringObjective
  ) throws(ModelFault) -> [Double] {
    let tape = Tape(parameters)
    var sum = [Double](repeating: 0, count: parameters.count)
    let steps = source.steps(ofEpoch: 1, of: 1)
    for plan in steps {
      source.prepare(steps[plan.number...])
      _ = clusteringStep(source.step(plan, on: tape), objective(plan), on: tape)
      let share = plan.cells.map { Double($0.count) / Double(source.cellCount) } ?? 1
      let gradients = parameters.gradients
      for i in sum.indices { sum[i] += share * Double(gradients[0, i]) }
    }
    guard sum.allSatisfy(\.isFinite) else {
      throw ModelFault(
        .badData, "the gradient of a loss is not finite with these weights; train the model again"
      )
    }
    return sum
  }
}

extension TrainableModel where S == Float {
  /// Λ_FR and Λ_FD at a state of a training, in the step after the state and after the model's
  /// rule. The model receives the weights of the state.
  ///
  /// - Parameter targets: gives the true cluster of every cell from its present one; nil for Λ_FD
  ///   alone.
  /// - Throws: `ModelFault` if the weights are not the model's, or a gradient is not finite, and
  ///   the errors of `targets`.
  package func gradientAgreement(
    at state: TrainingSnapshot, over source: Source, rule: any ClusteringRule<Source>,
    targets: ((_ assignment: [Int]) throws -> Buffer<Int32>)?
  ) throws -> GradientAgreement {
    try load(state.weights)
    guard let centers, let place = state.weights[centers.name],
      place.rows == centers.rows, place.columns == centers.columns
    else {
      throw ModelFault(
        .badData,
        "the centers of the clusters are missing or of another shape; run sc-cluster again")
    }
    let labels = assignment(of: state.latent, over: source).labels
    let filter = state.reliability.map {
      FilterResult(reliability: $0, assignment: labels, margin: 0)
    }
    rule.follow(
      ClusteringState(
        epoch: state.epoch, labels: labels, filter: filter, changed: nil, latent: state.latent,
        score: nil, addedEdges: 0, snapshot: snapshot()), centers: place, over: source)
    return try gradientAgreement(over: source, targets: try targets?(labels))
  }
}

/// a·b / (‖a‖ ‖b‖), from −1 to 1; nil if either is zero.
package func cosine(_ a: [Double], _ b: [Double]) -> Double? {
  precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) numbers")
  var (product, first, second) = (0.0, 0.0, 0.0)
  for i in a.indices {
    product += a[i] * b[i]
    first += a[i] * a[i]
    second += b[i] * b[i]
  }
  let lengths = first.squareRoot() * second.squareRoot()
  return lengths > 0 ? min(1, max(-1, product / lengths)) : nil
}
