import NeuralNetworks
import Training

/// How a model without a loss of clusters (DCCA, scMVAE) clusters: the first partition of its codes
/// is the result.
package struct FirstPartitionClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule.ofFirstPartition
  package var batchSize = 256
  package var gamma = 0.0
  package var trainsCenters = false

  /// The consensus of what k-means finds in the codes of all models.
  package static let standard = FirstPartitionClustering()

  /// k-means on the codes.
  package static let paper: FirstPartitionClustering = {
    var preset = FirstPartitionClustering()
    (preset.start, preset.schedule.keeps) = (.kmeans, .last)
    return preset
  }()

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

extension ClusteringSchedule {
  /// No epochs.
  static let ofFirstPartition: ClusteringSchedule = {
    var schedule = ClusteringSchedule()
    schedule.epochs = 0
    return schedule
  }()
}
