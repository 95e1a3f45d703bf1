import Clustering
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct ClusterCountEstimateTests {
  @Test(arguments: [3, 6, 10]) func plantedNumbersAreFound(groups: Int) throws {
    let (graph, truth) = plantedPartition(
      sizes: Array(repeating: 40, count: groups), inside: 0.4, outside: 0.01, seed: 2)
    let centers = (0..<groups).map { group in (0..<groups).map { $0 == group ? Float(9) : 0 } }
    var generator = RandomGenerator(seed: 3)
    let points = Matrix(truth.map { centers[$0].map { $0 + Float(generator.normal()) } })
    let found = try ClusterCountEstimate(of: graph, points: points)
    #expect(found.clusters == groups && found.modularityPeak == groups)
    #expect(abs((found.elbow ?? 0) - groups) <= 1)
    #expect(found.candidates.contains { $0.clusters == groups && ($0.stability ?? 0) > 0.99 })
    let graphOnly = try ClusterCountEstimate(of: graph, points: Matrix<Float>?.none)
    #expect(graphOnly.clusters == groups && graphOnly.elbow == nil)
  }

  @Test func aRandomGraphIsNotStable() throws {
    let (graph, _) = plantedPartition(sizes: [200], inside: 0.06, outside: 0, seed: 5)
    let found = try ClusterCountEstimate(of: graph, points: Matrix<Float>?.none)
    #expect(found.candidates.compactMap(\.stability).allSatisfy { $0 < 0.6 })
  }

  @Test func threadsChangeNothing() throws {
    let (graph, _) = plantedPartition(sizes: [60, 60, 90], inside: 0.2, outside: 0.05, seed: 7)
    defer { Threads.count = 1 }
    let points = blobs(clusters: 3, perCluster: 70, dimensions: 4, spread: 2, seed: 1).points
    let reference = try ClusterCountEstimate(of: graph, points: points, seed: 4)
    for threads in [2, 3] {
      Threads.count = threads
      let again = try ClusterCountEstimate(of: graph, points: points, seed: 4)
      #expect(again.clusters == reference.clusters && again.elbow == reference.elbow)
      #expect(again.candidates.map(\.modularity) == reference.candidates.map(\.modularity))
      #expect(again.candidates.map(\.stability) == reference.candidates.map(\.stability))
    }
  }

  @Test func degenerateGraphsHaveAnEstimate() throws {
    let none = Matrix<Float>?.none
    #expect(try ClusterCountEstimate(of: graph(1, []), points: none).clusters == 1)
    #expect(try ClusterCountEstimate(of: graph(0, []), points: none).clusters == 1)
    let same = Matrix<Float>(repeating: 1, rows: 34, columns: 2)
    let found = try ClusterCountEstimate(of: graph(34, karateClub), points: same)
    #expect(found.elbow == nil && (1...34).contains(found.clusters))
  }

  @Test func unusableInputIsAFault() {
    #expect(throws: ClusteringFault.self) {
      try ClusterCountEstimate(of: graph(3, [(0, 1)], weight: .nan), points: Matrix<Float>?.none)
    }
    #expect(throws: ClusteringFault.notFinite(row: 0, column: 0)) {
      try ClusterCountEstimate(
        of: graph(5, [(0, 1)]), points: Matrix<Float>(repeating: .nan, rows: 5, columns: 1))
    }
  }
}
