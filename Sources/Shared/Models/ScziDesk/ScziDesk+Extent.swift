import Training

extension ScziDeskPretraining {
  package var extent: TrainingExtent { layers.extent(batch: batchSize) }
}

extension ScziDeskClustering {
  /// The best state beside the start and the last, and how the labels were; the consensus of the
  /// start. The stored model is not read yet.
  package var extent: TrainingExtent {
    var extent = ScziDeskPretraining.standard.layers.extent(batch: batchSize)
    (extent.copies, extent.start, extent.comparesPairs) = (4, 3600, true)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
