// N cells, G genes, B cells in a step, T the highest power of the graph.

import Tensors

/// The memory of a training at its peak, beside the data. Every model sets its own values; the
/// defaults are those of a small one.
package struct TrainingExtent: Sendable {
  /// T if the products of all cells with the graph's powers are kept; nil if steps read all cells.
  package var hops: Int?
  /// B; used only if hop products are kept.
  package var batch: Int
  /// Whether hop products are kept: false for a model that reads no graph.
  package var keepsProducts = true
  /// The largest number of models that are trained at the same time.
  package var models = 1
  /// The width of the encoder's first layer, which has this many weights for each gene and power.
  package var encoder = 128
  /// The width of the decoder's last layer, which has this many weights for each gene and head.
  package var decoder = 512
  /// The decoder's width in the models after the first; nil: the same.
  package var furtherDecoder: Int?
  /// The width of the decoder's first layer, which has this many weights for each batch that it
  /// reads; and the number of these batches.
  package var firstDecoder = 512
  /// Heads that read the codes with no layer between, for the genes or a second measurement: each
  /// has one weight for every feature and batch.
  package var directHeads = 0
  package var batches = 0
  /// Whether the encoder reads them too.
  package var encodesBatches = false
  /// The width of its biases for each of them; nil: that of the encoder.
  package var encoderBiases: Int?
  /// Whether each of these has a view of the data, and not the data of the first.
  package var haveOwnViews = true
  /// The heads of a decoder: three of the likelihood.
  package var heads = 3
  /// The widths of the first and the last layer of a second measurement, which has as many weights
  /// for each of its features.
  package var secondLayers = 0
  /// Its features and entries; 0 features: as many as there are genes.
  package var secondFeatures = 0
  package var secondEntries = 0
  /// Copies of all weights that are kept beside those that the optimizer changes: the best state,
  /// snapshots.
  package var copies = 0.0
  /// Bytes for each cell while a first partition is computed.
  package var start = 0.0
  /// Bytes for each cell of a step on all cells.
  package var cellBytes = 12_000.0
  /// Rows of values that a step without hop products computes for each of its cells.
  package var stepRows = 1.3
  /// Bytes that the layers of such a step hold for each of its cells.
  package var layerBytes = 18_000.0
  /// Whether such a step holds every pair of its cells, twice.
  package var comparesPairs = false
  /// Copies of the values of all cells, one number for each gene: for a model that orders them and
  /// adds noise.
  package var orderedCopies = 0.0
  /// The largest number of cells that the models learn from; nil: all.
  package var learners: Int?
  /// Bytes for each cell that is coded without learning; nil: as many as learning needs.
  package var codingBytes: Int?
  /// Bytes that do not depend on any size.
  package var room = 3 << 20
  /// The bytes that the hop products of each model may use.
  package var productBytes = keptProductBytes

  package init(hops: Int?, batch: Int = 256) {
    (self.hops, self.batch) = (hops, batch == 0 ? 256 : batch)
  }

  /// The bytes for `cells` and `genes`, of which `entryShare` are entries of the counts.
  package func bytes(_ cells: Int, _ genes: Int, entryShare: Double) -> Int {
    let all = { learning(cells, genes, entryShare: entryShare) }
    guard let learners, learners < cells else { return all() }
    let copy = Int(16 * Double(learners) * Double(genes) * entryShare) + 500 * learners
    let coding = codingBytes.map { $0 * cells } ?? all()
    return copy + max(learning(learners, genes, entryShare: entryShare), coding)
  }

  private func learning(_ cells: Int, _ genes: Int, entryShare: Double) -> Int {
    let row = 4.0 * Double(genes)
    let powers = Double((hops ?? 3) + 1)
    // Weights, gradients and the optimizer's two moments; all other layers are a twentieth.
    func weights(_ decoder: Int) -> Double {
      1.06 * row * (Double(encoder) * powers + Double(heads * decoder))
    }
    let first = (4 + copies) * (weights(decoder) + secondWeights(genes))
    let further = (4 + copies) * (weights(furtherDecoder ?? decoder) + secondWeights(genes))
    // A model's own values and counts.
    let view = 16 * Double(cells) * Double(genes) * entryShare
    let others = Double(models - 1) * (further + (haveOwnViews ? view : 0))
    let partition = start * Double(cells)
    let step = work(cells, row + 4 * features(genes)) + covariate(cells, genes)
    return Int(
      first + view + others + Double(models) * step
        + 16 * Double(secondLayers == 0 ? 0 : secondEntries) + partition)
      + models * products(cells, genes)
  }

  /// The weights of the batches; for the cells of a step their one-hot, alone and beside the codes,
  /// with a gradient. If an encoder reads them, a bias for every cell, and the sum, with gradients.
  private func covariate(_ cells: Int, _ genes: Int) -> Double {
    let step = hops == nil && keepsProducts ? cells : min(batch, cells)
    if batches == 0 { return 0 }
    let own = encodesBatches ? Double(encoderBiases ?? encoder) : 0
    let explained = secondLayers == 0 ? Double(genes) : features(genes)
    let decoders = Double(firstDecoder) + Double(directHeads) * explained
    let weights = 4 * (4 + copies) * (decoders + own)
    return Double(batches) * (weights + 16 * Double(step)) + 24 * own * Double(step)
  }

  private func features(_ genes: Int) -> Double {
    secondLayers == 0 ? 0 : Double(secondFeatures == 0 ? genes : secondFeatures)
  }

  private func secondWeights(_ genes: Int) -> Double {
    1.06 * 4 * features(genes) * Double(secondLayers)
  }

  private func products(_ cells: Int, _ genes: Int) -> Int {
    guard let hops, keepsProducts else { return 0 }
    return hopProductBytes(cells: cells, genes: genes, hops: hops, limit: productBytes)
  }

  /// The memory of a step, and of the codes of some cells at a time.
  private func work(_ cells: Int, _ row: Double) -> Double {
    let room = Double(room) + orderedCopies * Double(cells) * row
    // The values of a batch, with noise, and the layers of both passes.
    if !keepsProducts {
      let own = Double(min(batch, cells))
      return own * (stepRows * row + layerBytes + (comparesPairs ? 8 * own : 0)) + room
    }
    guard hops == nil else { return 16 * Double(min(batch, cells)) * row + room }
    return cellBytes * Double(cells) + row * (0.3 * Double(cells) + 6 * Double(min(512, cells)))
      + room
  }
}

extension TrainingExtent {
  /// Counts the states that a schedule keeps.
  package mutating func keepSnapshots(of schedule: ClusteringSchedule) {
    guard schedule.keepsSnapshots else { return }
    copies += 1.8 * Double(1 + schedule.epochs / schedule.interval)
  }
}
