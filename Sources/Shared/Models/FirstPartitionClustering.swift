import NeuralNetworks
import Training

/// How a model without a loss of clusters (DCCA, scMVAE) clusters: the first partition of its codes
/// is the result.
package struct FirstPartitionClustering: ClusteringSettings, Equatable {
  package var plan = ClusteringPlan.ofFirstPartition

  /// The consensus of what k-means finds in the codes of all models.
  package static let standard = FirstPartitionClustering()

  /// k-means on the codes.
  package static let paper = FirstPartitionClustering().keepingLast(from: .kmeans, epochs: 0)

  package static let released = paper

  package init() {}
}

extension TrainingExtent {
  /// What finding a first partition holds, where a step of training holds this: a pass of the
  /// encoders, and the consensus.
  var ofFirstPartition: TrainingExtent {
    var extent = self
    (extent.copies, extent.start) = (2, 3600)
    return extent
  }
}

extension ClusteringPlan {
  /// No epochs.
  static let ofFirstPartition: ClusteringPlan = {
    var plan = ClusteringPlan(gamma: 0, trainsCenters: false)
    plan.schedule.epochs = 0
    return plan
  }()
}
