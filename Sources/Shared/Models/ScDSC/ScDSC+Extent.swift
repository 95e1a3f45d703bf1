import Training

extension ScDSC.Configuration {
  private var encoderWidth: Double { Double((encoder + codes).reduce(0, +)) }
  private var decoderWidth: Double { Double(decoder.reduce(0, +)) }

  /// Weights of the layers that know no genes, of autoencoder and graph network. With their
  /// gradients and moments each takes 16 bytes.
  private func innerWeights(graphs: Int) -> Int {
    func products(_ widths: [Int]) -> Int {
      zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return (1 + graphs) * products(encoder + codes) + products([latent] + decoder)
  }

  /// What pretraining holds, in steps of `batch` cells; 0: of all. A step holds the layers' sums,
  /// normalized and rectified values, each with its gradient.
  package func extent(batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: batch == 0 ? nil : 0, batch: batch)
    (extent.encoder, extent.decoder, extent.heads) = (encoder.first ?? 0, decoder.last ?? 0, 4)
    extent.firstDecoder = decoder.first ?? 0
    let layerBytes = 24 * (encoderWidth + decoderWidth)
    if batch == 0 {
      // There are no powers of the graph, but the values of all cells, and once more in the step.
      (extent.encoder, extent.orderedCopies) = (max(1, extent.encoder / 4), 2)
      extent.cellBytes = layerBytes + 2000
    } else {
      extent.room += Int(layerBytes) * batch
    }
    extent.room += 16 * innerWeights(graphs: 0)
    return extent
  }

  /// What training with clusters holds: every layer of all cells with what normalizes it, the
  /// layers of the graph network, and the gradients of both. Targets and labels need the layers
  /// once more.
  package var clusteringExtent: TrainingExtent {
    var extent = TrainingExtent(hops: nil, batch: 0)
    // The first layer has no powers of the graph, but the graph network has one as wide.
    extent.encoder = max(1, (encoder.first ?? 0) / 2)
    (extent.decoder, extent.heads) = (decoder.last ?? 0, 4)
    extent.firstDecoder = decoder.first ?? 0
    extent.cellBytes = 8 * (6 * (encoderWidth + decoderWidth) + 8 * encoderWidth) + 2000
    extent.room += 28 * innerWeights(graphs: 1)
    return extent
  }
}

extension ScDSCPretraining {
  package var extent: TrainingExtent { model.extent(batch: batchSize) }
}

extension ScDSCClustering {
  /// The best state beside the start and the last; the consensus of the start. The stored model is
  /// not read yet: the layers are those that pretraining of the same preset has.
  package var extent: TrainingExtent {
    let pretraining: ScDSCPretraining = warmUp > 0 ? .standard : .paper
    var extent = pretraining.model.clusteringExtent
    (extent.copies, extent.start) = (3, 3600)
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
