import Autodiff
import NeuralNetworks
import Tensors

/// The objective of a step of training with clusters.
package enum ClusteringObjective: Sendable {
  /// The whole loss: what training minimizes.
  case joint
  /// The terms that need no clusters: L_SS.
  case selfSupervised
  /// The terms of the model's own clusters: L_PS.
  case pseudoSupervised
  /// The same with given clusters, −1 for a cell without one (all cells of the step): L_S.
  case supervised(targets: Buffer<Int32>)

  package var reconstructs: Bool {
    switch self {
    case .joint, .selfSupervised: true
    case .pseudoSupervised, .supervised: false
    }
  }

  package var clusters: Bool {
    if case .selfSupervised = self { return false }
    return true
  }
}

/// The clusters of cells by their codes and the model's centers.
package struct Assignment<S: EngineScalar> {
  /// The most likely cluster, the first of equals. (N)
  package let labels: [Int]
  private let computeShares: () -> Matrix<S>

  package init(labels: [Int], shares: @escaping @autoclosure () -> Matrix<S>) {
    self.labels = labels
    computeShares = shares
  }

  /// Takes the share of every cluster (N, J); the largest decides.
  package init(shares: Matrix<S>) {
    self.init(labels: (0..<shares.rows).map { largest(shares.row($0)) }, shares: shares)
  }

  /// The share of every cluster; rows sum to 1. (N, J)
  package var shares: Matrix<S> { computeShares() }
}

/// The position of the largest value, the first of equals.
private func largest<S: EngineScalar>(_ row: Span<S>) -> Int {
  var best = 0
  for j in row.indices where row[j] > row[best] { best = j }
  return best
}

/// A model that embeds cells and may cluster them; `docs/extending.md` says how to add one.
///
/// A model defines its layers and its losses. The loops, checkpoints, start, guard, grid, snapshots
/// and diagnosis exist once, in this room.
package protocol TrainableModel<S> {
  associatedtype S: EngineScalar
  /// Divides the cells among steps: one measurement over a graph (`GraphSteps`), or two
  /// (`PairedSteps`).
  associatedtype Source: StepSource where Source.S == S

  /// The name in streams and messages.
  static var name: String { get }

  /// The trained weights.
  var parameters: Parameters<S> { get }
  /// The values that evaluation needs beside the weights: running means and variances of normalized
  /// layers.
  var statistics: [(name: String, window: Window<S>)] { get }
  /// The cluster centers in latent space, if the model has clusters. (J, D)
  var centers: Parameter? { get }

  /// Draws all weights and resets the statistics.
  func initialize(seed: UInt64)

  /// Called before the first step of each round of a pretraining in rounds, with the number of the
  /// part that learns in it.
  func beginRound(_ part: Int, over source: Source) throws

  /// The loss of a step of pretraining; writes the gradients.
  func pretrainingLoss(_ step: Source.Step, on tape: Tape<S>) -> [LossTerm]

  /// The loss of a step on cells that no step learns from, without random numbers.
  func heldOutLoss(_ step: Source.Step, on tape: Tape<S>) -> [LossTerm]

  /// Called once at the end of pretraining.
  func finishPretraining(over source: Source)

  /// Called once before training with clusters, when the centers have their first values.
  func startClustering(over source: Source)

  /// The loss of a step of training with clusters; writes the gradients.
  func clusteringLoss(
    _ step: Source.Step, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm]

  /// The latent codes of all cells, in the order of the data. (N, D)
  func codes(over source: Source) -> Matrix<S>

  /// The clusters of codes (N, D) by the present centers.
  func assignment(of codes: Matrix<S>) -> Assignment<S>

  /// The clusters of all cells, with known codes (N, D), for models whose codes alone do not show
  /// them.
  func assignment(of codes: Matrix<S>, over source: Source) -> Assignment<S>

  /// Whether the codes of a cell show its cluster: `assignment(of:)`.
  static var codesShowClusters: Bool { get }
}

extension TrainableModel {
  package var statistics: [(name: String, window: Window<S>)] { [] }

  package func initialize(seed: UInt64) { parameters.initialize(seed: seed) }

  package func beginRound(_ part: Int, over source: Source) throws {}

  package func heldOutLoss(_ step: Source.Step, on tape: Tape<S>) -> [LossTerm] {
    pretrainingLoss(step, on: tape)
  }

  package func finishPretraining(over source: Source) {}

  package func startClustering(over source: Source) {}

  package func assignment(of codes: Matrix<S>, over source: Source) -> Assignment<S> {
    assignment(of: codes)
  }

  package static var codesShowClusters: Bool { true }

  /// The present centers; a model without clusters has none. (J, D)
  package var centerValues: Window<S> {
    guard let centers else { preconditionFailure("a model without clusters") }
    return parameters.weights(of: centers)
  }

  /// The centers as a loss reads them: weights that learn, or constants where they are not trained.
  /// (J, D)
  package func centerWeights(areTrained: Bool, on tape: Tape<S>) -> Variable<S> {
    guard let centers else { preconditionFailure("a model without clusters") }
    let weights = tape.variable(centers)
    return areTrained ? weights : tape.constant(weights.value)
  }

  /// One step of pretraining: the loss with all gradients, ready for the optimizer.
  package func pretrainingStep(_ step: Source.Step, on tape: Tape<S>) -> LossTerms {
    let terms = pretrainingLoss(step, on: tape)
    tape.backward()
    return LossTerms(terms)
  }

  /// One step of training with clusters: the loss with all gradients, ready for the optimizer.
  package func clusteringStep(
    _ step: Source.Step, _ objective: ClusteringObjective = .joint, on tape: Tape<S>
  ) -> LossTerms {
    let terms = clusteringLoss(step, objective, on: tape)
    tape.backward()
    return LossTerms(terms)
  }
}
