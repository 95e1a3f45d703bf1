import Tensors
import Training

extension ScTPF.Configuration {
  /// What training this model holds, in steps of `batch` cells; 0: of all.
  package func extent(batch: Int) -> TrainingExtent {
    var extent = TrainingExtent(hops: batch == 0 || latentHops > 0 ? nil : hops, batch: batch)
    (extent.encoder, extent.decoder) = (hidden, decoder.last ?? latent)
    extent.firstDecoder = decoder.first ?? 0
    extent.heads = usesLikelihood ? 3 : 1
    // Both directions through the layers between, and the pairs of the adjacency loss.
    extent.cellBytes = 12_000
    // Some columns of the hidden layer twice, the codes, and the graph.
    extent.codingBytes = 800
    return extent
  }

  /// What a stored model holds before it is read: the largest that there may be.
  package static func extentOfStored(batch: Int) -> TrainingExtent {
    var model = Self(genes: 0)
    model.latentHops = 0
    return model.extent(batch: batch)
  }
}

extension ScTPFPretraining {
  /// The models after the first have small decoders.
  package var extent: TrainingExtent {
    var extent = model.extent(batch: batchSize)
    extent.furtherDecoder = Self.furtherDecoder.last
    return extent
  }
}

extension ScTPFClustering {
  /// The best state beside the start and the last; the consensus of the start. A grid has a model
  /// for each thread, with its start and its best state.
  package func extent(searchingGrid: Bool) -> TrainingExtent {
    var extent = ScTPF<Float>.Configuration.extentOfStored(batch: batchSize)
    (extent.copies, extent.start) = (3, 3600)
    if searchingGrid {
      extent.models = max(1, Threads.count)
      extent.copies += 1.5
      extent.haveOwnViews = false
    }
    extent.keepSnapshots(of: schedule)
    return extent
  }
}
