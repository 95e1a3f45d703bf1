import Training

extension ScTAGPretraining {
  package var extent: TrainingExtent { base.extent }
}

extension ScTAGClustering {
  /// The best state beside the start and the last; the consensus of the start.
  package var extent: TrainingExtent {
    var extent = ScTPF<Float>.Configuration.extentOfStored(batch: batchSize)
    (extent.copies, extent.start) = (3, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
