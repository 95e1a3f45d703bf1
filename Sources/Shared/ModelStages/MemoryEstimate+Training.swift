import CellData
import Models
import StageSupport

extension MemoryEstimate {
  /// Of sc-pretrain, and of sc-cluster where it trains: what is read, and for each model trained at a time its copies, its weights
  /// with the optimizer's memory, and its hop products or what one step on all cells needs.
  ///
  /// - Parameters:
  ///   - hops: the highest power of the graph whose products are used; nil where steps take all cells.
  ///   - models: how many are trained at the same time, at most.
  ///   - productBytes: what the hop products of each may take.
  package static func training(
    _ extent: DataExtent, hops: Int?, models: Int, productBytes: Int = keptProductBytes
  ) -> MemoryEstimate {
    let area = Double(max(1, extent.cells * extent.genes))
    let share = Double(extent.bytes) / area
    let entryShare = Double(extent.entries) / area
    return MemoryEstimate(cells: extent.cells, genes: extent.genes) { cells, genes in
      let area = Double(cells) * Double(genes)
      let products = hops.map {
        hopProductBytes(cells: cells, genes: genes, hops: $0, limit: productBytes)
      }
      let weights = 16.0 * Double(genes) * Double(128 * ((hops ?? 3) + 1) + 3 * 512)
      let steps = hops == nil ? 12_000.0 * Double(cells) : Double(32 << 20)
      let model = Double(products ?? 0) + weights + steps + 24 * area * entryShare
      return Int(1.2 * share * area + Double(models) * model)
    }
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

  /// The fastest use that needs no more than `limit`: fewer models at a time than `models`, then fewer hop products; the least of all where none fits.
  package init(_ extent: DataExtent, hops: Int?, models: Int, within limit: Int) {
    var (models, bytes) = (models, keptProductBytes)
    func needed() -> MemoryEstimate {
      .training(extent, hops: hops, models: models, productBytes: bytes)
    }
    while needed().bytes > limit {
      if models > 1 {
        models = 1
      } else if hops != nil && bytes > Self.fewestBytes {
        bytes /= 2
      } else {
        break
      }
    }
    (self.models, productBytes, estimate) = (models, bytes, needed())
  }
}
