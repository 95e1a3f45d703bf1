import Training

extension ScEMC {
  /// What training such a model holds. The widths of scTPF are no less than its own, up to T = 3.
  package static func extent(hops: Int, batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: hops, batch: batch)
    (extent.encoder, extent.decoder) = (128, 512)
    (extent.firstDecoder, extent.encoderBiases) = (64 + 20, 2 * 256)
    // Steps are rows of ordered cells, with noise.
    (extent.orderedCopies, extent.room) = (1.7, 9 << 20)
    return extent
  }
}

extension ScEMCPretraining {
  package var extent: TrainingExtent { ScEMC<Float>.extent(hops: hops, batch: batchSize) }
}

extension ScEMCClustering {
  /// The best state beside the start and the last, and how the labels were; the consensus of the
  /// start. T is taken to be 3: the stored model is not read yet.
  package var extent: TrainingExtent {
    var extent = ScEMC<Float>.extent(hops: 3, batch: batchSize)
    (extent.copies, extent.start) = (5, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
