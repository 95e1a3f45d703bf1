// Two scales bracket the number of cell types. Modularity is highest at the fine one: it continues
// to split what is well connected, the more the larger the data. The elbow of k-means' inertia is
// at the coarse one: it shows only what holds much of the variance. The estimate is the most stable
// partition near the geometric mean of the two. It reads no labels. But these rules were chosen
// among several for their error on labeled sets, so their figures there are optimistic.

import Glibc
import Synchronization
import Tensors

/// The number of clusters that a graph of cells, and an embedding of them, show.
package struct ClusterCountEstimate: Sendable {
  /// Leiden at one resolution.
  package struct Candidate: Sendable {
    /// γ.
    package let resolution: Double
    /// The number of clusters found.
    package let clusters: Int
    /// Q(1) of them.
    package let modularity: Double
    /// The mean adjusted Rand index with partitions of the graph without a fifth of its edges; nil
    /// if the number was not a candidate.
    package var stability: Double?
  }

  /// The estimate; at least 1.
  package let clusters: Int
  /// The number of highest modularity.
  package let modularityPeak: Int
  /// The elbow of the inertia; nil without an embedding.
  package let elbow: Int?
  /// The curve, by rising resolution.
  package let candidates: [Candidate]

  /// The largest number of clusters that is searched for in embeddings.
  fileprivate static let most = 30

  /// Partitions `graph` (N, N) at resolutions from 1/32 to 4 and, if given, `points` (N, D) into up
  /// to 30 clusters.
  ///
  /// Deterministic for a seed at any number of threads. Throws for an unusable graph or points that
  /// are not finite.
  package init(
    of graph: SparseMatrix<Float>, points: Matrix<some Real>?, seed: UInt64 = 0
  ) throws(ClusteringFault) {
    if let points {
      precondition(points.rows == graph.rows, "\(points.rows) points for \(graph.rows) cells")
    }
    let nodes = try CommunityGraph(graph)
    let resolutions = (-10...4).map { exp2(Double($0) / 2) }
    let runs = leidenRuns(resolutions.map { (nodes, $0) }, seed: seed)
    var curve = runs.indices.map {
      Candidate(
        resolution: resolutions[$0], clusters: runs[$0].count, modularity: runs[$0].modularity)
    }
    // Among equals the coarser one is chosen.
    let peak = curve.reduce(curve[0]) { $1.modularity > $0.modularity + 1e-9 ? $1 : $0 }.clusters
    modularityPeak = max(1, peak)
    if let points { elbow = try inertiaElbow(points, seed: seed) } else { elbow = nil }
    let center = sqrt(Double(modularityPeak * (elbow ?? modularityPeak)))
    let near = curve.indices.filter {
      Double(curve[$0].clusters) <= 1.2 * center && Double(curve[$0].clusters) >= center / 1.2
    }
    let found = stabilities(
      of: near.map { runs[$0] }, resolutions: near.map { resolutions[$0] }, on: nodes, seed: seed)
    for (position, index) in near.enumerated() { curve[index].stability = found[position] }
    let best = near.max { (curve[$0].stability ?? 0, $1) < (curve[$1].stability ?? 0, $0) }
    let estimate = best.map { curve[$0].clusters } ?? Int(center.rounded())
    clusters = min(max(1, graph.rows), max(1, estimate))
    candidates = curve
  }
}

/// A partition and its figures.
private struct Run: Sendable {
  let labels: [Int]
  let count: Int
  let modularity: Double
}

/// Leiden on each graph at its resolution, two iterations each, in parallel.
private func leidenRuns(_ tasks: [(CommunityGraph, Double)], seed: UInt64) -> [Run] {
  let results = Mutex([Run?](repeating: nil, count: tasks.count))
  parallelTiles(tasks.count) { number in
    let found = tasks[number].0.leiden(resolution: tasks[number].1, seed: seed, iterations: 2)
    let run = Run(
      labels: found.labels, count: found.clusterCount, modularity: found.modularity)
    results.withLock { $0[number] = run }
  }
  return results.withLock { $0.compactMap { $0 } }
}

/// The mean adjusted Rand index of every run with partitions of four graphs, each without a fifth
/// of the edges.
private func stabilities(
  of runs: [Run], resolutions: [Double], on graph: CommunityGraph, seed: UInt64
) -> [Double] {
  let thinned = (1...4).map { graph.withoutEdges(share: 0.2, seed: seed, stream: UInt64($0)) }
  let tasks = resolutions.flatMap { resolution in thinned.map { ($0, resolution) } }
  let again = leidenRuns(tasks, seed: seed)
  return runs.indices.map { i in
    (0..<thinned.count).reduce(0.0) {
      $0 + adjustedRandIndex(runs[i].labels, again[i * thinned.count + $1].labels)
    } / Double(thinned.count)
  }
}

/// The number of clusters at which the inertia of k-means is farthest below the line from one
/// cluster to 30 (Satopää et al. 2011). At most 4,000 of the points are used. nil for fewer than
/// four points, or if none differ.
private func inertiaElbow(_ points: Matrix<some Real>, seed: UInt64) throws(ClusteringFault) -> Int?
{
  let most = min(ClusterCountEstimate.most, points.rows - 1)
  if most < 3 { return nil }
  var generator = RandomGenerator(seed: seed.stream(.clusterCount))
  let sample =
    points.rows <= 4000
    ? points
    : points.selectingRows(
      Array(generator.permutation(points.rows).prefix(4000)).sorted())
  var inertia: [Double] = []
  for clusters in 1...most {
    inertia.append(
      try KMeans.fit(
        sample, clusters: clusters, seed: seed, options: KMeans.Options(restarts: 2, iterations: 50)
      ).inertia)
  }
  let (first, last) = (inertia[0], inertia[most - 1])
  if !(first > last) { return nil }
  let below = inertia.indices.map {
    (first - inertia[$0]) / (first - last) - Double($0) / Double(most - 1)
  }
  return 1 + (below.indices.max { (below[$0], $1) < (below[$1], $0) } ?? 0)
}
