import Training

extension ScMDC {
  /// What training such a model holds, in steps of `batch` cells.
  package static func extent(batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch)
    (extent.keepsProducts, extent.comparesPairs) = (false, true)
    // As if the second measurement had as many features as there are genes.
    (extent.encoder, extent.decoder) = (2 * 256, 256 + 20)
    (extent.firstDecoder, extent.encoderBiases) = (64 + 20, 256)
    // The values of both measurements, with noise, and the layers of both passes.
    (extent.stepRows, extent.room) = (2.6, 6 << 20)
    return extent
  }
}

extension ScMDCPretraining {
  package var extent: TrainingExtent { ScMDC<Float>.extent(batch: batchSize) }
}

extension ScMDCClustering {
  /// The best state beside the start and the last, and how the labels were; the consensus of the
  /// start.
  package var extent: TrainingExtent {
    var extent = ScMDC<Float>.extent(batch: batchSize)
    (extent.copies, extent.start) = (5, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
