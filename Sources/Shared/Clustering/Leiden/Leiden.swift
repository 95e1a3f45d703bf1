// A matrix entry is an edge's weight from one of its ends, and the diagonal counts once. So the
// modularity is that of Metrics, for any symmetric matrix. (Programs that store a loop as an edge
// count it twice.) One run is sequential, so threads cannot change it.

import Tensors

/// A partition of a graph's cells into communities of high modularity (Traag, Waltman and van Eck
/// 2019).
///
/// N cells, K clusters.
package struct Leiden: Sendable {
  /// The cluster of every cell, from 0 to K − 1 by falling size (the one with the lowest cell first
  /// among equals). (N)
  package let labels: [Int]
  /// K.
  package let clusterCount: Int
  /// Q(1), whatever the resolution: Σ_c W_cc / W − (d_c / W)²; 0 for a graph without weights.
  package let modularity: Double
  /// Q(γ) = Σ_c W_cc / W − γ (d_c / W)², the maximized value.
  package let quality: Double
  /// γ.
  package let resolution: Double
  /// The number of rounds until nothing changed. A round moves nodes, refines and merges parts,
  /// from the partition before.
  package let iterations: Int
}

/// Maximizes the modularity with resolution γ by the Leiden algorithm, iterated until it gains
/// nothing more or `iterations` are done.
///
/// The weights are the mean of `graph` (N, N) and its transpose. Every cluster is connected; a cell
/// without neighbors is alone. The result depends on graph, resolution, seed and `iterations` only.
/// Throws for a graph that is not square, and for a weight or a resolution that is negative or not
/// finite.
package func leiden(
  of graph: SparseMatrix<Float>, resolution: Double = 1, seed: UInt64 = 0, iterations: Int? = nil
) throws(ClusteringFault) -> Leiden {
  guard resolution >= 0 && resolution.isFinite else { throw .resolution(resolution) }
  return try CommunityGraph(graph).leiden(
    resolution: resolution, seed: seed, iterations: iterations)
}

extension CommunityGraph {
  /// As above, for a resolution that is finite and not negative.
  func leiden(resolution: Double, seed: UInt64, iterations: Int? = nil) -> Leiden {
    var generator = RandomGenerator(seed: seed.stream(.leiden))
    var labels = Buffer((0..<count).map { Int32($0) })
    var (clusterCount, done) = (count, 0)
    var best = quality(of: labels, clusterCount: clusterCount, resolution: resolution)
    while done < iterations ?? .max {
      let (next, nextCount) = improved(labels, resolution: resolution, generator: &generator)
      done += 1
      let reached = quality(of: next, clusterCount: nextCount, resolution: resolution)
      if !(reached > best + 1e-12) { break }
      (labels, clusterCount, best) = (next, nextCount, reached)
    }
    return summarized(labels, clusterCount, resolution: resolution, iterations: done)
  }

  /// One iteration: move, refine, aggregate, until every cluster is one node.
  private func improved(
    _ start: Buffer<Int32>, resolution: Double, generator: inout RandomGenerator
  ) -> (Buffer<Int32>, Int) {
    var level = self
    var (labels, _) = compacted(start)
    // The node of the level that every cell belongs to. (N)
    var node = Buffer((0..<count).map { Int32($0) })
    while true {
      moveNodes(of: level, labels: &labels, resolution: resolution, generator: &generator)
      var clusterCount: Int
      (labels, clusterCount) = compacted(labels)
      if clusterCount == level.count { break }
      var (parts, partCount) = refine(
        level, clusters: labels, resolution: resolution, generator: &generator)
      // If nothing can be merged without loss, the clusters themselves are merged.
      if partCount == level.count { (parts, partCount) = (labels, clusterCount) }
      let next = level.aggregated(by: parts, into: partCount)
      var lifted = Buffer<Int32>(repeating: 0, count: partCount)
      for i in 0..<level.count { lifted[Int(parts[i])] = labels[i] }
      node = composed(node, parts)
      (level, labels) = (next, lifted)
    }
    return connectedParts(of: composed(node, labels))
  }

  /// The labels numbered by falling size, with their figures.
  func summarized(
    _ labels: Buffer<Int32>, _ clusterCount: Int, resolution: Double, iterations: Int
  ) -> Leiden {
    let sorted = numberedBySize(labels, clusterCount: clusterCount)
    return Leiden(
      labels: sorted, clusterCount: clusterCount,
      modularity: quality(of: labels, clusterCount: clusterCount, resolution: 1),
      quality: quality(of: labels, clusterCount: clusterCount, resolution: resolution),
      resolution: resolution, iterations: iterations)
  }

  /// Every cluster split into its connected components, which never lowers the modularity; refined
  /// clusters are connected already.
  private func connectedParts(of labels: Buffer<Int32>) -> (Buffer<Int32>, Int) {
    var part = Buffer<Int32>(repeating: -1, count: count)
    var (found, pending) = (0, [Int]())
    let (begins, ends, label) = (starts.span, neighbors.span, labels.span)
    var target = part.mutableSpan
    for start in 0..<count where target[start] < 0 {
      target[start] = Int32(found)
      pending.append(start)
      while let node = pending.popLast() {
        for k in begins[node]..<begins[node + 1] {
          let other = Int(ends[k])
          if target[other] >= 0 || label[other] != label[node] { continue }
          target[other] = Int32(found)
          pending.append(other)
        }
      }
      found += 1
    }
    return (part, found)
  }
}

/// The label in `second` of every cell's label in `first`. (N)
private func composed(_ first: Buffer<Int32>, _ second: Buffer<Int32>) -> Buffer<Int32> {
  var result = first
  let values = second.span
  var target = result.mutableSpan
  for cell in target.indices { target[cell] = values[Int(target[cell])] }
  return result
}

/// Labels renumbered by falling size, the cluster with the lowest cell first among equals. (N)
func numberedBySize(_ labels: Buffer<Int32>, clusterCount: Int) -> [Int] {
  var sizes = Array(repeating: 0, count: clusterCount)
  var first = Array(repeating: Int.max, count: clusterCount)
  for (cell, label) in labels.enumerated() {
    sizes[Int(label)] += 1
    first[Int(label)] = min(first[Int(label)], cell)
  }
  let order = sizes.indices.sorted { (sizes[$1], first[$0]) < (sizes[$0], first[$1]) }
  var rank = Array(repeating: 0, count: clusterCount)
  for (position, label) in order.enumerated() { rank[label] = position }
  return labels.map { rank[Int($0)] }
}
