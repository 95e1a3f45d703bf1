// The type of cells in a cluster, from known genes of the types and genes similar to them. The
// control genes are all genes of the same level of expression, not a random sample of them. So a
// score has no random noise and needs no seed.

import Tensors

/// The score of every type in every cluster.
///
/// N cells, G genes, K clusters; S the genes of a type, C its control genes. z_gk is the mean over
/// the cells of cluster k of (x_ig − μ_g) / σ_g, with mean and deviation (ddof 1) over all cells:
///
///     score = mean of z_gk over S − mean of z_gk over C
///
/// It is `scanpy.tl.score_genes` (Tirosh et al., Science 2016) on standardized values, averaged
/// over the cluster, with the largest `ctrl_size`. The genes are divided into 25 bins by the rank
/// of their mean. C are all other genes in the bins of S.
///
/// `deviations` is score · √|S| / σ_C, with the deviation of z_gk over C: the statistic of PAGE
/// (Kim and Volsky, BMC Bioinformatics 2005).
package struct TypeScores: Sendable {
  /// One type in one cluster.
  package struct Entry: Sendable, Equatable {
    package let type: Int
    package let score: Double
    /// How many standard errors the score is above 0; nil if the control genes do not vary.
    package let deviations: Double?
    /// The columns of the type's genes that are higher in the cluster than among all cells, highest
    /// z first.
    package let evidence: [Int]

    /// Whether the score is unlikely by chance: two standard errors above 0.
    package var isSupported: Bool { score > 0 && (deviations ?? .infinity) >= 2 }
  }

  /// The bins of genes, as in scanpy.
  static let bins = 25

  /// The clusters that have cells, rising.
  package let clusters: [Int]
  /// The types of each cluster, highest score first, ties in the order of the types. (K, T)
  package let ranking: [[Entry]]

  /// - Parameters:
  ///   - values: log-normalized values. (N, G)
  ///   - labels: the cluster of every cell; cells with a negative one are left out. (N)
  ///   - types: the columns of the genes of each type, at least one each, none twice in a type.
  /// - Throws: if labels and cells differ in number, fewer than two clusters have cells, or a value
  ///   is not finite.
  package init(
    _ values: SparseMatrix<Float>, labels: [Int], types: [[Int]]
  ) throws(MarkersFault) {
    guard labels.count == values.rows else {
      throw .unequalCounts(labels: labels.count, cells: values.rows)
    }
    clusters = Set(labels.lazy.filter { $0 >= 0 }).sorted()
    guard clusters.count > 1 else { throw .tooFewClusters(clusters.count) }
    if let bad = values.firstNonFinite { throw .notFinite(row: bad.row, column: bad.column) }
    let levels = GeneLevels(values, labels, clusters)
    let bin = TypeScores.bins(of: levels.means)
    let controls = types.map { TypeScores.controls(of: $0, bin) }
    ranking = clusters.indices.map { cluster in
      let entries = types.indices.map { type in
        TypeScores.entry(type, types[type], controls[type], levels.standardized[cluster])
      }
      return entries.sorted { ($1.score, $0.type) < ($0.score, $1.type) }
    }
  }

  /// rank(min) // n, with n = genes / (bins − 1), rounded.
  static func bins(of means: [Double]) -> [Int] {
    let count = Double(means.count) / Double(bins - 1)
    let size = max(1, Int(count.rounded(.toNearestOrEven)))
    let order = means.indices.sorted { (means[$0], $0) < (means[$1], $1) }
    var result = [Int](repeating: 0, count: means.count)
    var rank = 0
    for (place, gene) in order.enumerated() {
      if place == 0 || means[gene] != means[order[place - 1]] { rank = place + 1 }
      result[gene] = rank / size
    }
    return result
  }

  private static func controls(of genes: [Int], _ bin: [Int]) -> [Int] {
    let (own, bins) = (Set(genes), Set(genes.map { bin[$0] }))
    return bin.indices.filter { bins.contains(bin[$0]) && !own.contains($0) }
  }

  private static func entry(
    _ type: Int, _ genes: [Int], _ controls: [Int], _ z: [Double]
  ) -> Entry {
    func mean(_ columns: [Int]) -> Double {
      columns.isEmpty ? 0 : columns.reduce(0) { $0 + z[$1] } / Double(columns.count)
    }
    let center = mean(controls)
    let score = mean(genes) - center
    let squares = controls.reduce(0) { $0 + (z[$1] - center) * (z[$1] - center) }
    let deviation = controls.count > 1 ? (squares / Double(controls.count - 1)).squareRoot() : 0
    return Entry(
      type: type, score: score,
      deviations: deviation > 0 ? score * Double(genes.count).squareRoot() / deviation : nil,
      evidence: genes.filter { z[$0] > 0 }.sorted { (z[$1], $0) < (z[$0], $1) })
  }
}

/// The level of expression of each gene.
private struct GeneLevels {
  /// The means over all cells with a cluster. (G)
  let means: [Double]
  /// z_gk; 0 if a gene does not vary. (K, G)
  let standardized: [[Double]]

  init(_ values: SparseMatrix<Float>, _ labels: [Int], _ clusters: [Int]) {
    let number = Dictionary(uniqueKeysWithValues: clusters.enumerated().map { ($1, $0) })
    let genes = values.columns
    var sums = [[Double]](
      repeating: [Double](repeating: 0, count: genes), count: clusters.count)
    var squares = [Double](repeating: 0, count: genes)
    var sizes = [Double](repeating: 0, count: clusters.count)
    let (column, value) = (values.indices.span, values.values.span)
    for i in 0..<values.rows {
      guard let cluster = number[labels[i]] else { continue }
      sizes[cluster] += 1
      for k in values.indptr[i]..<values.indptr[i + 1] {
        let (gene, x) = (Int(column[k]), Double(value[k]))
        sums[cluster][gene] += x
        squares[gene] += x * x
      }
    }
    let cells = sizes.reduce(0, +)
    let means = (0..<genes).map { gene in
      sums.reduce(0) { $0 + $1[gene] } / cells
    }
    let deviations = (0..<genes).map { gene in
      (max(0, squares[gene] - cells * means[gene] * means[gene]) / max(1, cells - 1)).squareRoot()
    }
    self.means = means
    standardized = sums.enumerated().map { cluster, sums in
      (0..<genes).map { gene in
        let deviation = deviations[gene]
        // The rounding error of a constant gene is no deviation.
        return deviation > 1e-6 * abs(means[gene])
          ? (sums[gene] / sizes[cluster] - means[gene]) / deviation : 0
      }
    }
  }
}
