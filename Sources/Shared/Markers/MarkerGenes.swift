import Glibc
import Tensors

/// The genes of every cluster, ranked by how much higher they are in it than in all other cells.
///
/// Wilcoxon's rank-sum test (1945) by its normal approximation with correction for ties, two-sided.
/// The p-values are adjusted by Benjamini and Hochberg (1995) over the genes of a cluster. It is
/// `scanpy.tl.rank_genes_groups(method="wilcoxon", tie_correct=True)`.
package struct MarkerGenes: Sendable {
  /// One gene in one cluster.
  package struct Entry: Sendable, Equatable, BitwiseCopyable {
    /// The column of the gene.
    package let gene: Int
    /// z = (R − n (N + 1) / 2) / √(T n m (N + 1) / 12). R is the rank sum of the cluster's n cells,
    /// m the number of other cells, T the correction for ties. It is 0 if all values are equal.
    package let score: Double
    /// P(|Z| ≥ |z|).
    package let pValue: Double
    /// The smallest rate of false discoveries at which the gene would be one.
    package fileprivate(set) var adjustedPValue: Double
    /// log₂ of (e^μ − 1 + 1e-9) in the cluster over that in the others, μ the mean of the
    /// log-normalized values.
    package let logFoldChange: Double
    /// The share of the cluster's cells, and of the others, in which the gene is not 0.
    package let fractionIn: Double
    package let fractionOut: Double
  }

  /// The clusters that have cells, rising.
  package let clusters: [Int]
  /// The genes of each of them, highest score first, ties by column. (K, G)
  package let ranking: [[Entry]]

  /// Ranks all genes.
  ///
  /// - Parameters:
  ///   - values: log-normalized values, cells × genes. (N, G)
  ///   - labels: the cluster of every cell; cells with a negative one are left out. (N)
  /// - Throws: if labels and cells differ in number, fewer than two clusters have cells, or a value
  ///   is not finite.
  package init(_ values: SparseMatrix<Float>, labels: [Int]) throws(MarkersFault) {
    guard labels.count == values.rows else {
      throw .unequalCounts(labels: labels.count, cells: values.rows)
    }
    let clusters = Set(labels.lazy.filter { $0 >= 0 }).sorted()
    guard clusters.count > 1 else { throw .tooFewClusters(clusters.count) }
    try MarkerGenes.requireFinite(values)
    let number = Dictionary(uniqueKeysWithValues: clusters.enumerated().map { ($1, $0) })
    let group = Buffer(labels.map { number[$0] ?? -1 })
    var sizes = Array(repeating: 0, count: clusters.count)
    for cluster in group where cluster >= 0 { sizes[cluster] += 1 }
    let table = MarkerGenes.table(values.transposed(), group, sizes)
    self.clusters = clusters
    ranking = clusters.indices.map { cluster in
      MarkerGenes.ranked((0..<values.columns).map { table[$0, cluster] })
    }
  }

  private static func requireFinite(_ values: SparseMatrix<Float>) throws(MarkersFault) {
    if let bad = values.firstNonFinite { throw .notFinite(row: bad.row, column: bad.column) }
  }

  /// Every gene against every cluster, not adjusted yet. (G, K)
  private static func table(
    _ genes: SparseMatrix<Float>, _ group: Buffer<Int>, _ sizes: [Int]
  ) -> Matrix<Entry> {
    var result = Matrix<Entry>(uninitializedRows: genes.rows, columns: sizes.count)
    parallelRows(of: &result, tileSize: 16) { rows, elements in
      let (cells, values, cluster) = (genes.indices.span, genes.values.span, group.span)
      for gene in rows {
        var stored: [(value: Float, cluster: Int)] = []
        for k in genes.range(ofRow: gene) where cluster[Int(cells[k])] >= 0 {
          stored.append((values[k], cluster[Int(cells[k])]))
        }
        let sums = RankSums(stored: stored, sizes: sizes)
        for number in sizes.indices {
          elements[(gene - rows.lowerBound) * sizes.count + number] = entry(
            gene, number, sums, sizes)
        }
      }
    }
    return result
  }

  private static func entry(_ gene: Int, _ cluster: Int, _ sums: RankSums, _ sizes: [Int])
    -> Entry
  {
    let cells = Double(sizes.reduce(0, +))
    let inside = Double(sizes[cluster])
    let outside = cells - inside
    let variance = sums.tieCorrection * inside * outside * (cells + 1) / 12
    let score =
      variance > 0 ? (sums.ranks[cluster] - inside * (cells + 1) / 2) / variance.squareRoot() : 0
    let total = sums.sums.reduce(0, +)
    let (meanIn, meanOut) = (sums.sums[cluster] / inside, (total - sums.sums[cluster]) / outside)
    let others = Double(sums.expressing.reduce(0, +) - sums.expressing[cluster])
    let p = erfc(abs(score) / 2.0.squareRoot())
    return Entry(
      gene: gene, score: score, pValue: p, adjustedPValue: p,
      logFoldChange: foldChange(meanIn, meanOut),
      fractionIn: Double(sums.expressing[cluster]) / inside, fractionOut: others / outside)
  }

  /// Means below 0, which no log-normalized values have, count as 0.
  private static func foldChange(_ meanIn: Double, _ meanOut: Double) -> Double {
    func level(_ mean: Double) -> Double { log2(expm1(min(700, max(0, mean))) + 1e-9) }
    return level(meanIn) - level(meanOut)
  }

  /// Adjusted and sorted.
  private static func ranked(_ entries: [Entry]) -> [Entry] {
    var result = entries
    let rates = falseDiscoveryRates(of: entries.map(\.pValue))
    for gene in entries.indices { result[gene].adjustedPValue = rates[gene] }
    return result.sorted { ($1.score, $0.gene) < ($0.score, $1.gene) }
  }
}
