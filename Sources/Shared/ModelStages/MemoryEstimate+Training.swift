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
  package static func training(_ extent: DataExtent, hops: Int?, models: Int) -> MemoryEstimate {
    let area = Double(max(1, extent.cells * extent.genes))
    let share = Double(extent.bytes) / area
    let entryShare = Double(extent.entries) / area
    return MemoryEstimate(cells: extent.cells, genes: extent.genes) { cells, genes in
      let area = Double(cells) * Double(genes)
      let products = hops.map { hopProductBytes(cells: cells, genes: genes, hops: $0) }
      let weights = 16.0 * Double(genes) * Double(128 * ((hops ?? 3) + 1) + 3 * 512)
      let steps = hops == nil ? 12_000.0 * Double(cells) : Double(32 << 20)
      let model = Double(products ?? 0) + weights + steps + 24 * area * entryShare
      return Int(1.2 * share * area + Double(models) * model)
    }
  }
}
