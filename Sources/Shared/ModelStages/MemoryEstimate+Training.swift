// N cells, G genes, B cells in a step, T the highest power of the graph.

import CellData
import Models
import StageSupport
import Training

/// What a training holds at its peak, beside the data.
package struct TrainingExtent: Sendable {
  /// T where the products of all cells with the graph's powers are kept; nil where steps take all cells.
  package var hops: Int?
  /// B; only looked at where hop products are kept.
  package var batch = 256
  /// How many models are trained at the same time, at most.
  package var models = 1
  /// Whether the models after the first have whole decoders too, and not the small ones of sc-pretrain.
  package var areWhole = false
  /// The heads of a decoder: three of the likelihood.
  package var heads = 3.0
  /// Copies of all weights that are kept beside those that the optimizer works on: the best state, a course.
  package var copies = 0.0
  /// Bytes for each cell that finding a first partition takes.
  package var start = 0.0
  /// Whether the model is one of two measurements, which orders the cells and adds noise.
  package var isPaired = false
  /// What the hop products of each model may take.
  package var productBytes = keptProductBytes

  /// How many of the cells the models learn from, at most; nil: all.
  package var learners: Int?

  package init(hops: Int?, batch: Int = 256) {
    (self.hops, self.batch) = (hops, batch == 0 ? 256 : batch)
  }

  /// The bytes for `cells` and `genes`, of which `entryShare` are entries of the counts.
  func bytes(_ cells: Int, _ genes: Int, entryShare: Double) -> Int {
    guard let learners, learners < cells else {
      return learning(cells, genes, entryShare: entryShare)
    }
    let copy = Int(16 * Double(learners) * Double(genes) * entryShare) + 500 * learners
    let coding = isPaired ? learning(cells, genes, entryShare: entryShare) : 800 * cells
    return copy + max(learning(learners, genes, entryShare: entryShare), coding)
  }

  private func learning(_ cells: Int, _ genes: Int, entryShare: Double) -> Int {
    let row = 4.0 * Double(genes)
    let powers = Double((hops ?? 3) + 1)
    // The encoder's first layer and the decoder's heads; weights, gradients and the optimizer's two moments.
    func weights(_ decoder: Double) -> Double { 1.06 * row * (128 * powers + heads * decoder) }
    let first = (4 + copies) * weights(512)
    // Each model has values and counts of its own, each further one of a view.
    let view = 16 * Double(cells) * Double(genes) * entryShare
    let further = areWhole ? first : 4 * weights(64) + view
    let others = Double(models - 1)
    let partition = start * Double(cells)
    return Int(first + view + others * further + Double(models) * work(cells, row) + partition)
      + Int(others) * products(cells, genes) + products(cells, genes)
  }

  private func products(_ cells: Int, _ genes: Int) -> Int {
    hops.map { hopProductBytes(cells: cells, genes: genes, hops: $0, limit: productBytes) } ?? 0
  }

  /// What a step computes with, and the codes of some cells at a time.
  private func work(_ cells: Int, _ row: Double) -> Double {
    let pairing = isPaired ? 1.7 * Double(cells) * row + Double(6 << 20) : 0
    let room = Double(3 << 20) + pairing
    guard hops == nil else { return 16 * Double(min(batch, cells)) * row + room }
    return 12_000 * Double(cells) + row * (0.3 * Double(cells) + 6 * Double(min(512, cells))) + room
  }
}

extension MemoryEstimate {
  /// Of sc-pretrain, and of sc-cluster where it trains; `isRead` where the data are held already.
  package static func training(
    _ extent: DataExtent, _ training: TrainingExtent, isRead: Bool
  ) -> MemoryEstimate {
    let entryShare = Double(extent.entries) / Double(max(1, extent.cells * extent.genes))
    let formula = { @Sendable (cells: Int, genes: Int) in
      training.bytes(cells, genes, entryShare: entryShare)
    }
    return isRead ? .beside(extent, formula) : .reading(extent, then: formula)
  }
}

/// What a training makes of the memory that it may use. Less of it costs time, and changes no bit of the result.
package struct TrainingMemory: Sendable {
  /// How many models are trained side by side, at most.
  package let models: Int
  /// What the hop products of each may take.
  package let productBytes: Int
  package let estimate: MemoryEstimate

  /// Hop products that take less than this are not cut.
  private static let fewestBytes = 256 << 20

  /// The fastest use that needs no more than `limit`: fewer models at a time, then fewer hop products; the least of all where none fits.
  package init(
    _ extent: DataExtent, _ training: TrainingExtent, within limit: Int, isRead: Bool = false
  ) {
    var training = training
    func needed() -> MemoryEstimate { .training(extent, training, isRead: isRead) }
    while needed().bytes > limit {
      if training.models > 1 {
        training.models = 1
      } else if training.hops != nil && training.productBytes > Self.fewestBytes {
        training.productBytes /= 2
      } else {
        break
      }
    }
    (models, productBytes, estimate) = (training.models, training.productBytes, needed())
  }
}
