// How far the losses of a model with clusters agree about where its weights should go (scTPF, AAAI 2023, equations 10 and 12):
//   Λ_FR = cos(∂L_PS/∂W, ∂L_S/∂W)       feature randomness: do the model's own clusters teach what the true labels would?
//   Λ_FD = cos(∂L_PS/∂W, ∂L_SS/∂W)      feature drift: does clustering pull the way that reconstruction does?
// over all trained weights W, the centers among them. L_S is L_PS with the one-hot of given clusters for Q, and no filter. Both are 1 at best
// and −1 at worst. Gradients are those of all cells at once: of sampled pairs of cells past 20,000, as in training.

import Autodiff
import Neighbors
import NeuralNetworks
import Tensors

/// A loss of a model with clusters.
package enum ClusteringObjective: Sendable {
  /// L_PS, of the clusters that the model itself finds for the cells marked with 1.
  case pseudoSupervised(reliable: Buffer<UInt8>)
  /// L_S, of given clusters; −1 for a cell without one.
  case supervised(targets: Buffer<Int32>)
  /// L_SS.
  case selfSupervised
}

/// The two cosines; nil where a gradient vanishes (no cell is trusted), or without given clusters.
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

extension GraphModel {
  /// A loss of a batch, not weighted by γ, with its gradient in `parameters.gradients`.
  package func loss(
    _ objective: ClusteringObjective, _ cells: Batch<S>, freezingCenters: Bool, on tape: Tape<S>
  ) -> Double {
    guard let centers else { preconditionFailure("a model without clusters") }
    let latent = embed(cells, on: tape)
    let place = tape.variable(centers)
    let anchors = freezingCenters ? tape.constant(place.value) : place
    let loss =
      switch objective {
      case .pseudoSupervised(let reliable):
        tape.assignmentLoss(of: latent, to: anchors, reliable: reliable, weight: 1)
      case .supervised(let targets):
        tape.assignmentLoss(of: latent, to: anchors, targets: targets, weight: 1)
      case .selfSupervised: selfSupervisedLoss(of: latent, cells, on: tape).total
      }
    tape.backward()
    return loss
  }

  /// Λ_FR and Λ_FD of the model as it is, over all cells; Λ_FR where `targets` gives clusters.
  ///
  /// - Parameter batches: with a plan for all cells at once.
  /// - Throws: `ModelFault` where a gradient is not finite.
  package func gradientAgreement(
    over batches: Batches<S>, reliable: Buffer<UInt8>, targets: Buffer<Int32>?,
    freezingCenters: Bool
  ) throws(ModelFault) -> GradientAgreement {
    let tape = Tape(parameters)
    func gradient(_ objective: ClusteringObjective) throws(ModelFault) -> [Double] {
      _ = loss(
        objective, batches.batch(nil, step: 0, on: tape), freezingCenters: freezingCenters, on: tape
      )
      let gradient = parameters.gradients.matrix().elements.map { Double($0) }
      guard gradient.allSatisfy(\.isFinite) else {
        throw ModelFault(
          .badData, "the gradient of a loss is not finite with these weights; train the model again"
        )
      }
      return gradient
    }
    let clustering = try gradient(.pseudoSupervised(reliable: reliable))
    let supervised = try targets.map { targets throws(ModelFault) in
      try gradient(.supervised(targets: targets))
    }
    return GradientAgreement(
      randomness: supervised.flatMap { cosine(clustering, $0) },
      drift: cosine(clustering, try gradient(.selfSupervised)))
  }
}

extension GraphModel where S == Float {
  /// Λ_FR and Λ_FD at a state of the clustering loop, whose weights the model takes: on the graph that T makes of the state, the cells that the
  /// filter trusted then teaching, as in the step that follows it.
  ///
  /// - Parameters:
  ///   - adjacency: A. (N, N)
  ///   - targets: gives the cluster that every cell should be in, from that which it is in; nil for Λ_FD alone.
  /// - Throws: `ModelFault` where the weights are not the model's, or a gradient is not finite, and whatever `targets` throws.
  package func gradientAgreement(
    at state: CourseState, data: ModelData<Float>, adjacency: SparseMatrix<Float>,
    freezingCenters: Bool, targets: ((_ assignment: [Int]) throws -> Buffer<Int32>)?
  ) throws -> GradientAgreement {
    try load(state.weights)
    guard let centers, let place = state.weights[centers.name],
      place.rows == centers.rows, place.columns == centers.columns
    else {
      throw ModelFault(
        .badData,
        "the centers of the clusters are missing or of another shape; run sc-cluster again")
    }
    let soft = softAssignment(
      of: Window(reading: state.latent), to: parameters.weights(of: centers))
    let assignment = (0..<soft.rows).map { largest(soft.row($0)) }
    let changed = transformed(
      adjacency, codes: state.latent, centers: place,
      filter: FilterResult(reliability: state.reliability, assignment: assignment, margin: 0))
    let graph = ModelGraph<Float>(
      adjacency: changed.adjacency, normalized: normalizedAdjacency(changed.adjacency))
    return try gradientAgreement(
      over: Batches(data, over: graph, reach: reachOfInput, plan: BatchPlan()),
      reliable: Buffer(state.reliability.map { $0 == .reliable ? 1 : 0 }),
      targets: try targets?(assignment), freezingCenters: freezingCenters)
  }
}

/// The place of the largest value, the first of equals.
private func largest(_ row: Span<Float>) -> Int {
  var best = 0
  for j in row.indices where row[j] > row[best] { best = j }
  return best
}

/// a·b / (‖a‖ ‖b‖), from −1 to 1; nil where either is zero.
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
