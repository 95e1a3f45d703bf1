import Training

extension ScMVAE {
  /// What training such a model holds, in steps of `batch` cells.
  package static func extent(of shape: Configuration, batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch)
    extent.keepsProducts = false
    let totals = shape.library.first ?? 0
    extent.encoder = (shape.rnaEncoder.first ?? 0) + totals
    let half = (shape.shared.last ?? 0) / 2
    (extent.decoder, extent.heads) = (shape.rnaDecoder.last ?? half, 3)
    extent.firstDecoder = shape.shared.first ?? 0
    extent.encoderBiases = extent.encoder + (shape.secondEncoder.first ?? 0) + totals
    extent.secondLayers =
      (shape.secondEncoder.first ?? 0) + totals + 3 * (shape.secondDecoder.last ?? half)
    // The best weights of a round.
    extent.copies = 1
    // Three heads of both measurements with their gradients, and the kernel's scratch.
    extent.stepRows = 9
    // The hidden layers of the cells whose codes are computed together.
    let widths = (shape.rnaEncoder + shape.secondEncoder).reduce(0, +)
    extent.room = (4 << 20) + 16 * 1024 * widths + 32 * shape.hiddenWeights
    // Codes, m with l, and what the mixture is fitted to.
    extent.start = Double(8 * 6 * shape.latent)
    return extent
  }

  /// A pass of the encoders, and the consensus of the start.
  package static func clusteringExtent(batch: Int) -> TrainingExtent {
    extent(of: Configuration(genes: 0, features: 0), batch: batch).ofFirstPartition
  }
}

extension ScMVAE.Configuration {
  /// The weights between hidden layers.
  fileprivate var hiddenWeights: Int {
    let half = (shared.last ?? 0) / 2
    let stacks = [
      rnaEncoder, secondEncoder, [latent] + shared, [half] + rnaDecoder, [half] + secondDecoder,
    ]
    return stacks.reduce(0) { sum, widths in
      sum + zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

extension ScMVAEPretraining {
  package var extent: TrainingExtent { ScMVAE<Float>.extent(of: model, batch: batchSize) }
}
