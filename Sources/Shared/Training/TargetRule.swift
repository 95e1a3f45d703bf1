import Autodiff
import NeuralNetworks
import Tensors

/// Steps whose cells may have a target distribution over the clusters.
package protocol TargetedSteps: StepSource {
  /// P, constant between its updates; nil without one. (N, K)
  var targets: Matrix<S>? { get set }
}

extension Tape {
  /// The target distribution of a step: the stored one, or the one-hot of given clusters. A cell
  /// without a cluster has no 1. (B, K)
  package func targets(
    of stored: Window<S>?, _ objective: ClusteringObjective, clusters: Int
  ) -> Window<S> {
    if case .supervised(let labels) = objective {
      return oneHot(labels, classes: clusters)
    }
    guard let stored else { preconditionFailure("a step without a target distribution") }
    return stored
  }
}

/// Computes the target distribution P again after every state (DEC: Xie, Girshick, Farhadi 2016,
/// equation 3). Ends training if a state changes fewer labels than a share of the cells. A filter,
/// if there is one, assesses the cells and changes nothing.
package final class TargetRule<Source: TargetedSteps>: ClusteringRule where Source.S == Float {
  private let stability: StabilityRule<Source>

  package init(stableShare: Double, filter: CalibratedFilter? = nil) {
    stability = StabilityRule(share: stableShare, filter: filter)
  }

  package var settings: [(name: String, value: Double)] { stability.settings }

  package func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws {
    try stability.begin(codes: codes, assignment)
  }

  package func filter(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws
    -> FilterResult?
  {
    try stability.filter(codes: codes, assignment)
  }

  package func isConverged(_ state: ClusteringState) -> Bool { stability.isConverged(state) }

  package func follow(_ state: ClusteringState, centers: Matrix<Float>, over source: Source) {
    let shares = softAssignment(
      of: Window(reading: state.latent), to: Window(reading: centers))
    source.targets = targetDistribution(of: shares, order: source.order)
  }
}
