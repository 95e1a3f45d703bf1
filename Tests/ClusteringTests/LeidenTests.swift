import Clustering
import Foundation
import Tensors
import TestSupport
import Testing

/// Zachary's karate club (1977): the friendships among its 34 members.
let karateClub: [(Int, Int)] = [
  (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 10), (0, 11), (0, 12),
  (0, 13), (0, 17), (0, 19), (0, 21), (0, 31), (1, 2), (1, 3), (1, 7), (1, 13), (1, 17), (1, 19),
  (1, 21), (1, 30), (2, 3), (2, 7), (2, 8), (2, 9), (2, 13), (2, 27), (2, 28), (2, 32), (3, 7),
  (3, 12), (3, 13), (4, 6), (4, 10), (5, 6), (5, 10), (5, 16), (6, 16), (8, 30), (8, 32), (8, 33),
  (9, 33), (13, 33), (14, 32), (14, 33), (15, 32), (15, 33), (18, 32), (18, 33), (19, 33),
  (20, 32), (20, 33), (22, 32), (22, 33), (23, 25), (23, 27), (23, 29), (23, 32), (23, 33),
  (24, 25), (24, 27), (24, 31), (25, 31), (26, 29), (26, 33), (27, 33), (28, 31), (28, 33),
  (29, 32), (29, 33), (30, 32), (30, 33), (31, 32), (31, 33), (32, 33),
]

/// `count` cliques of `size` cells, each joined to the next by one edge.
func ringOfCliques(_ count: Int, size: Int) -> SparseMatrix<Float> {
  var edges: [(Int, Int)] = []
  for clique in 0..<count {
    for i in 0..<size {
      for j in 0..<i { edges.append((clique * size + i, clique * size + j)) }
    }
    edges.append((clique * size, ((clique + 1) % count) * size + 1))
  }
  return graph(count * size, edges)
}

/// Q(γ) by its definition, over all pairs of cells.
func definedQuality(_ labels: [Int], _ graph: SparseMatrix<Float>, _ resolution: Double) -> Double {
  let dense = graph.densified()
  let degrees = (0..<graph.rows).map { i in
    (0..<graph.rows).reduce(0.0) { $0 + Double(dense[i, $1]) }
  }
  let total = degrees.reduce(0, +)
  var sum = 0.0
  for i in 0..<graph.rows {
    for j in 0..<graph.rows where labels[i] == labels[j] {
      sum += Double(dense[i, j]) - resolution * degrees[i] * degrees[j] / total
    }
  }
  return sum / total
}

/// Whether the cells of every cluster form one connected component.
func clustersAreConnected(_ labels: [Int], _ graph: SparseMatrix<Float>) -> Bool {
  var reached = Set<Int>()
  var components = 0
  for start in 0..<graph.rows where reached.insert(start).inserted {
    components += 1
    var pending = [start]
    while let cell = pending.popLast() {
      for k in graph.range(ofRow: cell) {
        let other = Int(graph.indices[k])
        if labels[other] == labels[cell] && reached.insert(other).inserted { pending.append(other) }
      }
    }
  }
  return components == Set(labels).count
}

@Suite(.serialized) struct LeidenTests {
  /// The optimum is known: 0.41979 with four clusters (Brandes et al. 2008).
  @Test(arguments: 0..<20) func karateClubReachesTheOptimum(seed: UInt64) throws {
    let found = try leiden(of: graph(34, karateClub), seed: seed)
    assertClose([found.modularity], [0.4197896], tolerance: 1e-6)
    #expect(found.clusterCount == 4)
  }

  @Test func cliquesAreFound() throws {
    let found = try leiden(of: ringOfCliques(12, size: 6))
    #expect(samePartition(found.labels, (0..<72).map { $0 / 6 }))
    // The resolution limit (Fortunato and Barthélemy 2007): many small cliques join in pairs at γ =
    // 1, not at a higher one.
    let small = ringOfCliques(30, size: 5)
    #expect(try leiden(of: small).clusterCount < 20)
    #expect(samePartition(try leiden(of: small, resolution: 3).labels, (0..<150).map { $0 / 5 }))
  }

  @Test(arguments: 0..<3) func plantedGroupsAreFound(seed: UInt64) throws {
    let (graph, truth) = plantedPartition(
      sizes: [40, 60, 80, 100, 120], inside: 0.3, outside: 0.02, seed: seed)
    let found = try leiden(of: graph, seed: seed)
    #expect(samePartition(found.labels, truth))
    // By falling size.
    #expect(found.labels.prefix(40).allSatisfy { $0 == 4 } && found.labels.last == 0)
  }

  @Test(arguments: [0.3, 1, 2.5]) func figuresAreThoseOfTheLabels(resolution: Double) throws {
    let (plain, _) = plantedPartition(
      sizes: [30, 30, 50], inside: 0.2, outside: 0.05, seed: 4)
    var generator = RandomGenerator(seed: 9)
    var weighted = plain.mapValues { _ in Float(0) }
    for i in 0..<plain.rows {
      for k in plain.range(ofRow: i) { weighted.values[k] = Float(generator.uniform()) }
    }
    let graph = mean(weighted, weighted.transposed())
    let found = try leiden(of: graph, resolution: resolution)
    assertClose(
      [found.quality, found.modularity],
      [definedQuality(found.labels, graph, resolution), definedQuality(found.labels, graph, 1)],
      tolerance: 1e-6)
    // A direction more or less makes no difference.
    #expect(try leiden(of: weighted, resolution: resolution).labels == found.labels)
    #expect(clustersAreConnected(found.labels, graph))
  }

  /// No single move, and no union of two clusters, raises what was maximized.
  @Test func resultIsLocallyOptimal() throws {
    let (graph, _) = plantedPartition(sizes: [25, 25, 30], inside: 0.2, outside: 0.1, seed: 8)
    let found = try leiden(of: graph, resolution: 1.2)
    for cell in 0..<graph.rows {
      for cluster in 0...found.clusterCount {
        var moved = found.labels
        moved[cell] = cluster
        #expect(definedQuality(moved, graph, 1.2) <= found.quality + 1e-9)
      }
    }
    for a in 0..<found.clusterCount {
      for b in 0..<a {
        let joined = found.labels.map { $0 == a ? b : $0 }
        #expect(definedQuality(joined, graph, 1.2) <= found.quality + 1e-9)
      }
    }
  }

  /// Sparse random graphs, in which moving alone leaves clusters that are not connected.
  @Test(arguments: 0..<12) func clustersHangTogether(seed: UInt64) throws {
    var generator = RandomGenerator(seed: seed)
    let edges = (0..<900).map { _ in
      (generator.integer(below: 600), generator.integer(below: 600))
    }.filter { $0.0 != $0.1 }
    let graph = graph(600, edges)
    for resolution in [0.05, 0.5, 1, 4] {
      let found = try leiden(of: graph, resolution: resolution, seed: seed)
      #expect(clustersAreConnected(found.labels, graph))
      #expect(Set(found.labels) == Set(0..<found.clusterCount))
    }
    let once = try leiden(of: graph, seed: seed, iterations: 1)
    #expect(once.iterations == 1 && clustersAreConnected(once.labels, graph))
    #expect(try leiden(of: graph, seed: seed).quality >= once.quality)
  }

  @Test func seedDecidesAndThreadsDoNot() throws {
    let (graph, _) = plantedPartition(
      sizes: [150, 150, 150], inside: 0.05, outside: 0.02, seed: 3)
    defer { Threads.count = 1 }
    let reference = try leiden(of: graph, seed: 5)
    let exact = try leiden(of: graph, clusters: 7, seed: 5)
    for threads in [1, 2, 3] {
      Threads.count = threads
      #expect(try leiden(of: graph, seed: 5).labels == reference.labels)
      #expect(try leiden(of: graph, clusters: 7, seed: 5).labels == exact.labels)
    }
    #expect(try leiden(of: graph, seed: 6).labels != reference.labels)
  }
}

/// (A + B) / 2 of two graphs with the same pattern.
private func mean(_ a: SparseMatrix<Float>, _ b: SparseMatrix<Float>) -> SparseMatrix<Float> {
  var result = a
  for k in 0..<a.entryCount { result.values[k] = (a.values[k] + b.values[k]) / 2 }
  return result
}
