// How well batches mix and types remain apart, as in scIB (Luecken et al. 2022, Nature Methods
// 19:41). All figures are scaled so that 1 is best.

import Glibc
import Tensors

/// The inverse Simpson index of the labels around each cell (LISI; Korsunsky et al. 2019): the
/// number of labels, as if all were equally frequent. NaN for a cell whose neighbors are all
/// infinitely far.
///
/// A neighbor's weight is exp(−β d), with β such that the entropy of the weights is
/// log(perplexity). β is found by the authors' bisection.
///
/// - Parameters:
///   - neighbors, distances: of every cell to its k nearest others. (N, k)
///   - labels: from 0. (N)
///   - perplexity: the effective number of neighbors; a third of k + 1 if it is nil.
package func inverseSimpson(
  neighbors: Matrix<Int32>, distances: Matrix<Float>, labels: [Int], perplexity: Double? = nil
) -> [Double] {
  precondition(
    neighbors.rows == labels.count && distances.rows == labels.count, "a label a cell")
  let classes = (labels.max() ?? 0) + 1
  let target = log(perplexity ?? (Double(neighbors.columns + 1) / 3).rounded(.down))
  return Array(
    parallelMap(labels.count) { i in
      let (others, apart) = (neighbors.row(i), distances.row(i))
      let weights = neighborWeights(apart, entropy: target)
      if weights.isEmpty { return .nan }
      var shares = [Double](repeating: 0, count: classes)
      for j in others.indices { shares[labels[Int(others[j])]] += weights[j] }
      return 1 / shares.reduce(0) { $0 + $1 * $1 }
    })
}

/// exp(−β d) over its sum, with the entropy `target`; empty if no β gives it.
private func neighborWeights(_ distances: Span<Float>, entropy target: Double) -> [Double] {
  var (beta, low, high) = (1.0, -Double.infinity, Double.infinity)
  var (weights, entropy): ([Double], Double) = ([], 0)
  for attempt in 0...50 {
    weights = distances.indices.map { exp(-Double(distances[$0]) * beta) }
    let sum = weights.reduce(0, +)
    let mean = distances.indices.reduce(0) { $0 + Double(distances[$1]) * weights[$1] }
    entropy = sum > 0 ? log(sum) + beta * mean / sum : 0
    if sum > 0 { weights = weights.map { $0 / sum } }
    if abs(entropy - target) < 1e-5 || attempt == 50 { break }
    if entropy > target {
      low = beta
      beta = high == .infinity ? beta * 2 : (beta + high) / 2
    } else {
      high = beta
      beta = low == -.infinity ? beta / 2 : (beta + low) / 2
    }
  }
  return entropy == 0 ? [] : weights
}

/// iLISI: (median − 1) / (B − 1) of the index of B batches; 1 if every neighborhood has all of them
/// in equal parts. nil for one batch.
package func integrationIndex(_ indices: [Double], batches: Int) -> Double? {
  guard batches > 1, let middle = finiteMedian(indices) else { return nil }
  return (middle - 1) / Double(batches - 1)
}

/// cLISI: (L − median) / (L − 1) of the index of L types; 1 if no neighborhood mixes them. nil for
/// one type.
package func separationIndex(_ indices: [Double], types: Int) -> Double? {
  guard types > 1, let middle = finiteMedian(indices) else { return nil }
  return (Double(types) - middle) / Double(types - 1)
}

private func finiteMedian(_ values: [Double]) -> Double? {
  let known = values.filter(\.isFinite)
  return known.isEmpty ? nil : median(known)
}

/// The graph connectivity: the share of a type's cells in the largest connected part of the graph
/// among them, as the mean over the types. nil without types.
///
/// - Parameters:
///   - labels: the type of every cell, −1 for none. (N)
///   - graph: (N, N), symmetric.
package func graphConnectivity(of labels: [Int], on graph: SparseMatrix<Float>) -> Double? {
  precondition(graph.rows == labels.count, "\(labels.count) labels for \(graph.rows) cells")
  var sets = DisjointSets(count: labels.count)
  let (column, value) = (graph.indices.span, graph.values.span)
  for i in labels.indices where labels[i] >= 0 {
    for k in graph.range(ofRow: i) where value[k] != 0 && labels[Int(column[k])] == labels[i] {
      sets.union(i, Int(column[k]))
    }
  }
  var sizes: [Int: [Int: Int]] = [:]
  for i in labels.indices where labels[i] >= 0 {
    sizes[labels[i], default: [:]][sets.root(of: i), default: 0] += 1
  }
  if sizes.isEmpty { return nil }
  let shares = sizes.keys.sorted().map { type in
    let parts = (sizes[type] ?? [:]).values
    return Double(parts.max() ?? 0) / Double(parts.reduce(0, +))
  }
  return shares.reduce(0, +) / Double(shares.count)
}

/// The mean over the types of 1 − |s|, s the silhouette widths of a type's cells by batch: 1 if
/// batches mix fully. Types of one batch, or with one cell for each batch, do not count; nil if no
/// type counts.
///
/// Throws if labels and points differ in number, or a coordinate is not finite.
package func batchSilhouette(
  _ points: Matrix<Float>, types: [Int], batches: [Int], seed: UInt64 = 0
) throws(MetricsFault) -> Double? {
  guard types.count == points.rows, batches.count == points.rows else {
    throw .unequalCounts(labels: min(types.count, batches.count), cells: points.rows)
  }
  let members = Dictionary(grouping: types.indices) { types[$0] }
  var means: [Double] = []
  for type in members.keys.sorted() where type >= 0 {
    let cells = members[type] ?? []
    let widths = try Silhouette.compute(
      points.selectingRows(cells), labels: cells.map { batches[$0] }, seed: seed)?.widths
    guard let widths else { continue }
    means.append(widths.reduce(0) { $0 + 1 - abs($1) } / Double(widths.count))
  }
  return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
}
