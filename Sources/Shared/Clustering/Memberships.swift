import Glibc
import Tensors

/// The cluster of every cell in each of several partitions.
///
/// N cells, R partitions.
struct Memberships: Sendable {
  /// The clusters of the cells, from 0 in each partition. (R of N)
  let codes: [[Int32]]
  /// The clusters of each partition. (R)
  let counts: [Int]
  /// The weight of each partition over the sum of all. (R)
  let shares: [Double]

  var cellCount: Int { codes[0].count }

  /// Takes partitions by any integers, and their weights, by default equal ones.
  ///
  /// Throws for no partitions, unequal lengths, and weights that are negative, not finite or all
  /// zero.
  init(_ partitions: [[Int]], weights: [Double]?) throws(ClusteringFault) {
    let weights = weights ?? Array(repeating: 1, count: partitions.count)
    let total = weights.reduce(0, +)
    guard !partitions.isEmpty, weights.count == partitions.count, total > 0, total.isFinite,
      weights.allSatisfy({ $0 >= 0 })
    else { throw .partitionWeights(partitions: partitions.count, weights: weights.count) }
    for (number, partition) in partitions.enumerated()
    where partition.count != partitions[0].count {
      throw .partitionLength(number, cells: partition.count, expected: partitions[0].count)
    }
    let names = partitions.map { Set($0).sorted() }
    counts = names.map(\.count)
    codes = zip(partitions, names).map { labels, names in
      let code = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
      return labels.map { code[$0] ?? 0 }
    }
    shares = weights.map { $0 / total }
  }

  /// √share if the cell is in that cluster, so that the product of two rows is the co-association
  /// of their cells. (N, Σ K_r)
  func matrix() -> Matrix<Double> {
    let width = counts.reduce(0, +)
    var result = Matrix<Double>.zeros(cellCount, width)
    var elements = result.elements.mutableSpan
    var offset = 0
    for (r, labels) in codes.enumerated() {
      for (i, label) in labels.enumerated() {
        elements[i * width + offset + Int(label)] = sqrt(shares[r])
      }
      offset += counts[r]
    }
    return result
  }

  /// The mean co-association of every cell with the others of its cluster; 1 for a cell alone. (N)
  func confidence(in labels: [Int]) -> [Float] {
    let (clusters, count) = compacted(
      Buffer(labels.map { Int32(truncatingIfNeeded: $0) }), below: (labels.max() ?? 0) + 1)
    var sizes = [Int](repeating: 0, count: count)
    for label in clusters.span.indices { sizes[Int(clusters[label])] += 1 }
    // For every partition, the cells in each pair of a cluster and a cluster of that partition.
    let together = zip(codes, counts).map { codes, own in
      var table = [Int](repeating: 0, count: count * own)
      for (i, code) in codes.enumerated() { table[Int(clusters[i]) * own + Int(code)] += 1 }
      return table
    }
    return labels.indices.map { i in
      let cluster = Int(clusters[i])
      let others = sizes[cluster] - 1
      if others == 0 { return 1 }
      var sum = 0.0
      for r in codes.indices {
        sum += shares[r] * Double(together[r][cluster * counts[r] + Int(codes[r][i])] - 1)
      }
      return Float(min(1, max(0, sum / Double(others))))
    }
  }
}

/// The cells that are in the same clusters of all partitions, as one group each.
struct MembershipGroups: Sendable {
  /// The clusters of each group, one for each partition. (M, R)
  let patterns: Matrix<Int32>
  /// Cells in each. (M)
  let sizes: [Int]
  /// The group of every cell. (N)
  let ofCell: [Int]
  private let shares: [Double]

  /// Groups the cells. If there are more than `limit` groups, the smallest join the most similar of
  /// the others.
  init(_ memberships: Memberships, limit: Int) {
    shares = memberships.shares
    var places: [[Int32]: Int] = [:]
    var (patterns, sizes): ([[Int32]], [Int]) = ([], [])
    let own = (0..<memberships.cellCount).map { i in
      let pattern = memberships.codes.map { $0[i] }
      let place = places[pattern] ?? patterns.count
      if place == patterns.count {
        places[pattern] = place
        patterns.append(pattern)
        sizes.append(0)
      }
      sizes[place] += 1
      return place
    }
    // The largest first; among equals the earlier.
    let order = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    let kept = order.prefix(limit).sorted()
    let all = Matrix(patterns)
    let target = Self.targets(all, kept: kept, shares: shares)
    var total = [Int](repeating: 0, count: kept.count)
    for (group, place) in target.enumerated() { total[place] += sizes[group] }
    self.patterns = all.selectingRows(kept)
    self.sizes = total
    ofCell = own.map { target[$0] }
  }

  /// The position in `kept` of every group, or of the kept one most similar to it.
  private static func targets(_ patterns: Matrix<Int32>, kept: [Int], shares: [Double]) -> [Int] {
    var place = [Int](repeating: -1, count: patterns.rows)
    for (position, group) in kept.enumerated() { place[group] = position }
    let known = place
    return Array(
      parallelMap(patterns.rows) { group in
        if known[group] >= 0 { return known[group] }
        var (best, highest) = (0, -1.0)
        for (position, other) in kept.enumerated() {
          let similarity = similarity(patterns.row(group), patterns.row(other), shares)
          if similarity > highest { (best, highest) = (position, similarity) }
        }
        return best
      })
  }

  /// The co-associations of the groups. (M, M)
  func similarities() -> Matrix<Double> {
    let count = patterns.rows
    var result = Matrix<Double>(uninitializedRows: count, columns: count)
    parallelRows(of: &result, tileSize: 32) { rows, out in
      for (row, i) in rows.enumerated() {
        for j in 0..<count {
          out[row * count + j] = similarity(patterns.row(i), patterns.row(j), shares)
        }
      }
    }
    return result
  }
}

/// The weighted share of partitions that put both together.
private func similarity(_ a: Span<Int32>, _ b: Span<Int32>, _ shares: [Double]) -> Double {
  var sum = 0.0
  for r in shares.indices where a[r] == b[r] { sum += shares[r] }
  return sum
}
