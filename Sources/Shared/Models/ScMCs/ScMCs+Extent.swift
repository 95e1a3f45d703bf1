import Tensors
import Training

extension ScMCs {
  /// What training such a model holds, in steps of `batch` cells; 0: of all.
  package static func extent(of shape: Configuration, batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: 0, batch: batch == 0 ? .max : batch)
    extent.keepsProducts = false
    let widths = (shape.rnaEncoder + shape.secondEncoder).reduce(0, +)
    extent.encoder = shape.rnaEncoder.first ?? shape.latent
    (extent.decoder, extent.heads) = (extent.encoder, 3)
    let second = shape.secondEncoder.first ?? shape.latent
    extent.firstDecoder = (shape.rnaEncoder.last ?? 0) + (shape.secondEncoder.last ?? 0)
    extent.encoderBiases = extent.encoder + second
    extent.secondLayers = 4 * second
    // Three heads of both measurements with their gradients, and the kernel's scratch.
    extent.stepRows = 9
    // Values, gradients, masks and dropped values of the hidden layers of encoders and decoders;
    // two blocks of the shares of attention.
    extent.layerBytes = Double(32 * widths + 2 * 4 * 512)
    // The layers between the hidden ones with gradients and both moments, and the hidden values of
    // the cells whose codes are computed together.
    extent.room =
      (4 << 20) + 16 * 1024 * widths + 32 * shape.hiddenWeights
      + 4 * 64 * 2 * referenceLimit * Threads.count
    return extent
  }
}

extension ScMCs.Configuration {
  /// The weights between hidden layers of both encoders.
  fileprivate var hiddenWeights: Int {
    [rnaEncoder, secondEncoder].reduce(0) { sum, widths in
      sum + zip(widths, widths.dropFirst() + [latent]).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

extension ScMCsPretraining {
  package var extent: TrainingExtent {
    var extent = ScMCs<Float>.extent(of: model, batch: batchSize)
    // The best weights of a round.
    extent.copies = heldOutShare > 0 ? 1 : 0
    return extent
  }
}

extension ScMCs {
  /// A pass of the encoders over some cells at a time, and the consensus of the start.
  package static func clusteringExtent(batch: Int) -> TrainingExtent {
    let model = ScMCsPretraining.paper.model
    return ScMCs<Float>.extent(of: model, batch: batch).ofFirstPartition
  }
}

extension ScMCsClustering {
  package var extent: TrainingExtent { ScMCs<Float>.clusteringExtent(batch: 1024) }
}
