import Training

extension ScDeepCluster.Configuration {
  /// What training this model holds, in steps of `batch` cells; 0: of all. It keeps no hop
  /// products.
  package func extent(batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch == 0 ? .max : batch)
    extent.keepsProducts = false
    (extent.encoder, extent.decoder) = (encoder.first ?? 0, decoder.last ?? 0)
    extent.firstDecoder = decoder.first ?? 0
    return extent
  }
}

extension ScDeepClusterPretraining {
  package var extent: TrainingExtent { model.extent(batch: batchSize) }
}

extension ScDeepClusterClustering {
  /// The best state beside the start and the last, and how the labels were; the consensus of the
  /// start. The stored model is not read yet.
  package var extent: TrainingExtent {
    var extent = ScDeepClusterPretraining.standard.model.extent(batch: batchSize)
    (extent.copies, extent.start) = (5, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
