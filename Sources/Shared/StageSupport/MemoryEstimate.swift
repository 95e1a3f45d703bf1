// The peak memory of a stage. A run that needs too much is refused at once, and not after an hour.
// The estimate comes from the size of the data before they are read. Afterwards it comes from what
// is held. Benchmarks/memory.py measured peaks from 160 to 20,000 cells. None exceeds its estimate
// by more than a twentieth, and few are below two thirds of it.

import CellData
import Tensors

/// The peak memory of a stage as a function of its numbers of cells and genes.
package struct MemoryEstimate: Sendable {
  private let formula: @Sendable (_ cells: Int, _ genes: Int) -> Int
  private let cells: Int
  private let genes: Int
  /// A setting of the stage itself on which the estimate depends.
  private var choice: Choice?

  /// `bytes` gives the estimate for any value, never falling with it; less than `least` is no
  /// advice.
  private struct Choice: Sendable {
    let option: String
    let value: Int
    let least: Int
    let bytes: @Sendable (Int) -> Int
  }

  /// An option of the stage itself with which less would do.
  private struct Flag: Sendable {
    let option: String
    let bytes: Int
  }
  private var flag: Flag?

  /// The program's own memory before it reads, with some reserve.
  package static let program = ProcessEnvironment.residentBytes + 5 << 20

  /// An estimate for that many cells and genes. `formula` gives the bytes beside the program
  /// itself, and falls with neither.
  package init(
    cells: Int, genes: Int, _ formula: @escaping @Sendable (_ cells: Int, _ genes: Int) -> Int
  ) {
    (self.cells, self.genes, self.formula) = (cells, genes, formula)
  }

  /// An estimate for a program that holds the data already. `formula` gives the further bytes.
  package static func beside(
    _ extent: DataExtent, _ formula: @escaping @Sendable (_ cells: Int, _ genes: Int) -> Int
  ) -> MemoryEstimate {
    let held = max(0, ProcessEnvironment.residentBytes - program)
    let area = Double(max(1, extent.cells * extent.genes))
    return MemoryEstimate(cells: extent.cells, genes: extent.genes) { cells, genes in
      Int(Double(held) * Double(cells) * Double(genes) / area) + formula(cells, genes)
    }
  }

  /// The estimate of reading, beside the held data, and of the work that `formula` gives.
  package static func reading(
    _ extent: DataExtent,
    then formula: @escaping @Sendable (_ cells: Int, _ genes: Int) -> Int = { _, _ in 0 }
  ) -> MemoryEstimate {
    let share = Double(extent.bytes) / Double(max(1, extent.cells * extent.genes))
    return beside(extent) { cells, genes in
      Int(share * Double(cells) * Double(genes)) + formula(cells, genes)
    }
  }

  /// The estimate in bytes.
  package var bytes: Int { total(cells, genes) }

  private func total(_ cells: Int, _ genes: Int) -> Int { Self.program + formula(cells, genes) }

  /// The most cells, of those there are, that fit into `limit` with all genes; nil if not even a
  /// hundredth does.
  package func largestCells(within limit: Int) -> Int? {
    Self.worthwhile(Self.largest(upTo: cells) { total($0, genes) <= limit }, of: cells)
  }

  /// The most genes, of those there are, that fit into `limit` with all cells; nil if not even a
  /// hundredth does.
  package func largestGenes(within limit: Int) -> Int? {
    Self.worthwhile(Self.largest(upTo: genes) { total(cells, $0) <= limit }, of: genes)
  }

  /// The message if the estimate exceeds `limit`, in one line with what would fit; else nil.
  ///
  /// - Parameter program: what makes the data smaller, before its options: nothing, or
  ///   `sc-preprocess `.
  package func refusal(limit: Int, by program: String = "") -> String? {
    if bytes <= limit { return nil }
    let smaller = [
      largestCells(within: limit).map { "--subsample \($0)" },
      largestGenes(within: limit).map { "--genes \($0)" },
    ].compactMap { $0 }
    let own = largestChoice(within: limit) ?? flag.flatMap { $0.bytes <= limit ? $0.option : nil }
    let others = smaller.isEmpty ? [] : ["\(program)\(smaller.joined(separator: ", or "))"]
    let parts = (own.map { [$0] } ?? []) + others
    let remedy =
      parts.isEmpty
      ? "use a machine with more memory, or raise the limit"
      : "\(parts.joined(separator: ", or ")) would fit"
    return
      "not enough memory: \(cells) cells × \(genes) genes need about \(ByteCount(bytes)), but the limit is \(ByteCount(limit)) (--max-memory); \(remedy)"
  }

  /// The option with the highest value that fits; nil if no useful value fits.
  private func largestChoice(within limit: Int) -> String? {
    guard let choice else { return nil }
    let found = Self.largest(upTo: choice.value) { choice.bytes($0) <= limit }
    return found >= choice.least ? "\(choice.option) \(found)" : nil
  }

  /// By bisection; rounded down to two digits.
  private static func largest(upTo count: Int, where fits: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high + 1) / 2
      if fits(middle) { low = middle } else { high = middle - 1 }
    }
    var unit = 1
    while low / unit >= 100 { unit *= 10 }
    return low / unit * unit
  }

  private static func worthwhile(_ part: Int, of count: Int) -> Int? {
    part > 0 && part >= count / 100 ? part : nil
  }
}

extension MemoryEstimate {
  /// The estimate of sc-preprocess: the data, and beside it the kept entries with their counts,
  /// values, columns and encoding.
  ///
  /// Kept genes are taken to have twice the entries of the others. With `keepingAll`, raw holds all
  /// genes that pass the filters, with nearly all entries. `more` is the memory of a picture.
  package static func preprocessing(
    _ extent: DataExtent, subsample: Int?, genes: Int, keepingAll: Bool = false,
    beside more: Int = 0
  ) -> MemoryEstimate {
    let share = Double(extent.entries) / Double(max(1, extent.cells * extent.genes))
    let hasRaw = keepingAll && genes < extent.genes
    var result = MemoryEstimate(
      cells: min(extent.cells, subsample ?? .max), genes: min(extent.genes, genes)
    ) { cells, genes in
      let kept = Double(cells) * Double(genes) * min(1, 2 * share)
      let entries = min(Int(kept), extent.entries)
      let ofAll = hasRaw ? Int(Double(cells) * Double(extent.genes) * share) : 0
      let arrays =
        3 * SpooledMemory.residentBytes(of: 4 * entries) + 3 * entries
        + 3 * SpooledMemory.residentBytes(of: 4 * ofAll)
      return extent.bytes + extent.decodedRawBytes + more + arrays + extent.cells * 170
        + cells * 100 + extent.genes * 1000
    }
    if hasRaw {
      let less = preprocessing(extent, subsample: subsample, genes: genes, beside: more).bytes
      result.flag = Flag(option: "--only-variable", bytes: less)
    }
    return result
  }

  /// The estimate of sc-knn: the data, the principal components unless an embedding is used, the
  /// search and the graphs.
  package static func neighbors(
    _ extent: DataExtent, components: Int, neighbors: Int, usesEmbedding: Bool,
    isPaired: Bool = false, isRead: Bool = false, integrates: Bool = false
  ) -> MemoryEstimate {
    let entryShare = Double(extent.entries) / Double(max(1, extent.cells * extent.genes))
    // The options may give any number. More than there are is refused later.
    let components = min(components, extent.cells, extent.genes)
    @Sendable func estimate(_ neighbors: Int) -> MemoryEstimate {
      let formula = { @Sendable (cells: Int, genes: Int) in
        let area = Double(cells) * Double(genes)
        let isFormed = genes <= 3000
        let decomposition =
          usesEmbedding
          ? 0
          : isFormed
            ? 24 * genes * genes + min(genes, 500) * (16 << 10)
            : Int(8 * area * entryShare) + 200 * cells + 24_000 * genes
        // The points three times and once more as an index or centered, candidates, two graphs and
        // the weights of one.
        let search = cells * (20 * components + 90 * neighbors + 300)
        // Shares of clusters and distances from them, twice while they are sorted by batch; k-means
        // of a sample.
        let harmony =
          integrates
          ? cells * (16 * min(100, cells / 30 + 1) + 16 * components + 100)
            + min(20_000, cells) * 40 * components : 0
        // The weight of a second modality depends on how well its neighbors predict the genes.
        return (isPaired ? decomposition / 5 * 7 + (4 << 20) : decomposition) + search + harmony
      }
      return isRead ? .beside(extent, formula) : .reading(extent, then: formula)
    }
    let neighbors = min(neighbors, extent.cells)
    var result = estimate(neighbors)
    // Fewer than the default would make another graph than users mean.
    result.choice = Choice(
      option: "--neighbors", value: neighbors, least: 15, bytes: { estimate($0).bytes })
    return result
  }
}
