import Autodiff
import Tensors

/// Which state of the clustering loop gives the result.
package enum KeptState: String, Sendable, CaseIterable {
  /// The one whose clusters have the highest score, the start included: training never makes the result worse by that measure.
  case best
  /// The last epoch's: the paper's.
  case last
}

/// What the states of a training are judged by.
struct StateJudge: Sendable {
  let partitions: PartitionJudge
  let filter: ReliabilityFilter
}

/// What the clustering loop knew after a run of the filter.
struct ClusteringState {
  /// Epochs done before; 0 is the start.
  let epoch: Int
  let filter: FilterResult
  /// max_j p_ij, or for the first partition the p of its own cluster. (N)
  let confidence: [Float]
  /// Z. (N, D)
  let latent: Matrix<Float>
  /// Of the assignment, by the judge of the start.
  let score: Double
  let addedEdges: Int
  /// All weights, the centers included. (1, count)
  let weights: Matrix<Float>
}

extension FilterResult {
  /// The same for another partition: a cell whose own cluster is another has no margin.
  func judging(_ labels: [Int]) -> FilterResult {
    FilterResult(
      reliability: labels.indices.map {
        labels[$0] == assignment[$0] ? reliability[$0] : .margin
      }, assignment: labels, margin: margin)
  }
}
