import Training

extension DCCA {
  /// What training such a model holds, in steps of `batch` cells.
  package static func extent(of shape: Configuration, batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch)
    extent.keepsProducts = false
    extent.encoder = shape.rnaEncoder.first ?? 0
    (extent.decoder, extent.heads) = (shape.rnaDecoder.last ?? shape.latent, 2)
    extent.firstDecoder = (shape.rnaDecoder.first ?? 0) + (shape.secondDecoder.first ?? 0)
    extent.directHeads = shape.secondDecoder.isEmpty ? 2 : 0
    extent.encoderBiases = extent.encoder + (shape.secondEncoder.first ?? 0)
    extent.secondLayers =
      (shape.secondEncoder.first ?? 0) + 2 * (shape.secondDecoder.last ?? shape.latent)
    // The best weights of a round.
    extent.copies = 1
    // Two or three heads of both measurements with their gradients, and the kernel's scratch.
    extent.stepRows = 9
    // The hidden layers of the cells whose codes are computed together.
    let widths = shape.rnaEncoder.reduce(0, +) + shape.secondEncoder.reduce(0, +)
    extent.room = (4 << 20) + 16 * 1024 * widths
    return extent
  }
}

extension DCCAPretraining {
  package var extent: TrainingExtent { DCCA<Float>.extent(of: model, batch: batchSize) }
}

extension DCCA {
  /// A pass of the encoders, and the consensus of the start.
  package static func clusteringExtent(batch: Int) -> TrainingExtent {
    extent(of: Configuration(genes: 0, features: 0), batch: batch).ofFirstPartition
  }
}
