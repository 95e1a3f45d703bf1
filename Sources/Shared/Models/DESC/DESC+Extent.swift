import Training

extension DESC.Configuration {
  /// What training such a model holds, in steps of `batch` cells; 0: of all. Its widest layers have
  /// 128 outputs, and one decoder explains the values.
  ///
  /// - Parameter reconstructs: whether steps explain the values, which they do but with clusters.
  package static func extent(batch: Int, reconstructs: Bool) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch == 0 ? .max : batch)
    extent.keepsProducts = false
    (extent.encoder, extent.decoder, extent.heads) = (128, 128, 1)
    // One layer leads from the codes of few cells to all genes.
    (extent.firstDecoder, extent.directHeads) = (128, 1)
    // The optimizer has one moment, not two.
    extent.copies = -1
    // The values, a mask, what it leaves, what is explained before and after tanh with gradients,
    // the differences and their squares.
    (extent.stepRows, extent.layerBytes) = reconstructs ? (11, 18_000) : (3, 6000)
    return extent
  }
}

extension DESCPretraining {
  package var extent: TrainingExtent {
    DESC<Float>.Configuration.extent(batch: batchSize, reconstructs: true)
  }
}

extension DESCClustering {
  /// The best state beside the start and the last, and how the labels were; the consensus of the
  /// start.
  package var extent: TrainingExtent {
    var extent = DESC<Float>.Configuration.extent(batch: batchSize, reconstructs: false)
    (extent.copies, extent.start) = (4, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
