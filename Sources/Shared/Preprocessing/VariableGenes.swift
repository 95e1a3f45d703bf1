import Glibc
import Tensors

/// How variable each gene is, given how much it is expressed.
package struct VariableGenes: Sendable {
  /// Per gene: log(1 + mean) for seurat, the mean otherwise.
  package let means: [Double]
  /// Per gene: log(variance / mean) for seurat, variance / mean for cell_ranger, the variance for
  /// seurat_v3; 0 if the gene does not vary.
  package let dispersions: [Double]
  /// The value that ranks the genes (for seurat_v3 the standardised variance); 0 if the gene does
  /// not vary.
  package let normalizedDispersions: [Double]
  /// Whether the gene varies at all: those that do not rank last.
  package let varies: [Bool]
  /// All genes, the most variable first; ties, and genes that do not vary, by index.
  package let ranking: [Int]

  /// The `count` first of the ranking, in rising order.
  package func top(_ count: Int) -> [Int] { Array(ranking.prefix(count)).sorted() }

  /// Ranks by `keys` one after another (smaller first), then by falling normalised dispersion, then
  /// by index.
  init(
    means: [Double], dispersions: [Double], normalizedDispersions: [Double], varies: [Bool],
    keys: [[Double]] = []
  ) {
    self.means = means
    self.dispersions = dispersions
    self.normalizedDispersions = normalizedDispersions
    self.varies = varies
    ranking = means.indices.sorted { a, b in
      for key in keys where key[a] != key[b] { return key[a] < key[b] }
      if varies[a] != varies[b] { return varies[a] }
      let (x, y) = (normalizedDispersions[a], normalizedDispersions[b])
      return x != y && varies[a] ? x > y : a < b
    }
  }
}

extension VariableGenes {
  /// The flavor 'seurat' of scanpy: dispersion of x / s (before the logarithm), z-scored within 20
  /// bins of the log mean.
  ///
  /// A gene alone in its bin gets 1, as there. If a bin's dispersions are all the same, they are
  /// only centred. Genes without counts in these cells are in no bin.
  init(seurat moments: GeneMoments, genes: [Int], bins: Int = 20) {
    let varies = genes.map { moments.variance($0) > 0 }
    let means = genes.map { log1p(moments.mean($0)) }
    let dispersions = zip(genes, varies).map { gene, varies in
      varies ? log(moments.variance(gene) / max(moments.mean(gene), 1e-12)) : 0
    }
    let present = moments.arePresent(genes)
    let bin = MeanBins(equalWidth: bins, over: zip(means, present).filter(\.1).map(\.0))
    self.init(
      means: means, dispersions: dispersions,
      normalizedDispersions: bin.normalized(dispersions, means, varies) { values in
        if values.count == 1 { return (0, values[0]) }
        let center = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        return (center, (squares / Double(values.count - 1)).squareRoot())
      }, varies: varies)
  }

  /// The flavor 'cell_ranger' of scanpy: dispersion of the log-normalised values, scaled by median
  /// and median absolute deviation within bins. Bins are cut at the percentiles 10, 15, …, 100 of
  /// the mean. If a bin's deviation is 0, its values are only centred. Genes without counts in
  /// these cells are in no bin.
  init(cellRanger moments: GeneMoments, genes: [Int]) {
    let varies = genes.map { moments.variance($0) > 0 }
    let means = genes.map { moments.mean($0) }
    let dispersions = genes.map { moments.variance($0) / max(moments.mean($0), 1e-12) }
    let present = moments.arePresent(genes)
    let bin = MeanBins(percentilesOf: zip(means, present).filter(\.1).map(\.0))
    let normalized = bin.normalized(dispersions, means, present) { values in
      let center = median(values)
      return (center, median(values.map { abs($0 - center) }) / 0.674_489_750_196_081_7)
    }
    self.init(
      means: means, dispersions: dispersions,
      normalizedDispersions: zip(normalized, varies).map { $1 ? $0 : 0 }, varies: varies)
  }
}

extension GeneMoments {
  /// Whether each of the genes has counts in any of the cells. A batch may lack genes that others
  /// have.
  fileprivate func arePresent(_ genes: [Int]) -> [Bool] { genes.map { detected[$0] > 0 } }
}

/// Bins of the genes' means: bin b holds edges[b] < mean ≤ edges[b + 1].
struct MeanBins {
  private let edges: [Double]

  /// Bins of equal width over the range, the lowest edge a thousandth of the range below it
  /// (pandas' `cut`).
  init(equalWidth count: Int, over means: [Double]) {
    var low = means.min() ?? 0
    var high = means.max() ?? 0
    let isSingle = low == high
    if isSingle {
      low -= low == 0 ? 0.001 : 0.001 * abs(low)
      high += high == 0 ? 0.001 : 0.001 * abs(high)
    }
    let step = (high - low) / Double(count)
    var edges = (0...count).map { $0 == count ? high : low + Double($0) * step }
    if !isSingle { edges[0] -= (high - low) * 0.001 }
    self.edges = edges
  }

  /// Bins cut at the percentiles 10, 15, …, 100, open at both ends; equal edges are one.
  init(percentilesOf means: [Double]) {
    let sorted = means.sorted()
    var edges = [-Double.infinity]
    for percent in stride(from: 10, through: 100, by: 5) where !sorted.isEmpty {
      let position = Double(percent) / 100 * Double(sorted.count - 1)
      let below = Int(position)
      let above = min(below + 1, sorted.count - 1)
      let edge = sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
      if edge > (edges.last ?? edge) { edges.append(edge) }
    }
    self.edges = edges + [.infinity]
  }

  private func bin(of mean: Double) -> Int {
    var (low, high) = (0, edges.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if mean <= edges[middle] { high = middle } else { low = middle }
    }
    return low
  }

  /// (value − center) / spread with center and spread of the values of the same bin; the genes not
  /// `included` get 0.
  func normalized(
    _ values: [Double], _ means: [Double], _ included: [Bool],
    _ statistics: ([Double]) -> (center: Double, spread: Double)
  ) -> [Double] {
    var members = [[Int]](repeating: [], count: edges.count)
    for i in values.indices where included[i] { members[bin(of: means[i])].append(i) }
    var result = [Double](repeating: 0, count: values.count)
    for genes in members where !genes.isEmpty {
      let (center, spread) = statistics(genes.map { values[$0] })
      for i in genes {
        result[i] =
          genes.count == 1 && spread != 0
          ? (values[i] - center) / spread : (values[i] - center) / (spread > 0 ? spread : 1)
      }
    }
    return result
  }
}
