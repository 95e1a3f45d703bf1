import Clustering
import Tensors
import TestSupport
import Testing

@Suite struct LeidenEdgeCaseTests {
  @Test func noCells() throws {
    let found = try leiden(of: graph(0, []))
    #expect(found.labels.isEmpty && found.clusterCount == 0 && found.modularity == 0)
  }

  @Test func noEdges() throws {
    let found = try leiden(of: graph(5, []))
    #expect(found.labels == [0, 1, 2, 3, 4] && found.modularity == 0)
    let zeros = try leiden(of: graph(3, [(0, 1), (1, 2)], weight: 0))
    #expect(zeros.clusterCount == 3)
  }

  @Test func isolatedCellsAreAlone() throws {
    let found = try leiden(of: graph(7, [(0, 1), (1, 2), (2, 0), (4, 5)]))
    #expect(samePartition(found.labels, [0, 0, 0, 1, 2, 2, 3]))
  }

  @Test func componentsStayApart() throws {
    let edges = karateClub + karateClub.map { ($0.0 + 34, $0.1 + 34) }
    let found = try leiden(of: graph(68, edges), resolution: 0.1)
    #expect(samePartition(found.labels, (0..<68).map { $0 / 34 }))
    #expect(try leiden(of: graph(68, edges), resolution: 0).labels == found.labels)
  }

  /// A loop counts in its cell's degree as the matrix has it, once.
  @Test func selfLoopsCount() throws {
    var dense = graph(34, karateClub).densified()
    for i in 0..<34 { dense[i, i] = i % 2 == 0 ? 3 : 0 }
    let looped = SparseMatrix(dense)
    let found = try leiden(of: looped)
    assertClose([found.modularity], [definedQuality(found.labels, looped, 1)], tolerance: 1e-12)
    #expect(found.labels != (try leiden(of: graph(34, karateClub)).labels))
    let onlyLoops = SparseMatrix(Matrix<Float>([[2, 0], [0, 2]]))
    assertClose([try leiden(of: onlyLoops).modularity], [0.5], tolerance: 1e-12)
  }

  @Test(arguments: [Double.nan, .infinity, -1])
  func unusableResolutionsAreFaults(value: Double) {
    #expect(throws: ClusteringFault.self) {
      try leiden(of: graph(34, karateClub), resolution: value)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -1])
  func unusableWeightsAreFaults(value: Float) {
    #expect(throws: ClusteringFault.self) { try leiden(of: graph(3, [(0, 1)], weight: value)) }
  }

  @Test func graphsThatAreNotSquareAreFaults() {
    #expect(throws: ClusteringFault.notSquare(rows: 2, columns: 3)) {
      try leiden(of: SparseMatrix(Matrix<Float>.zeros(2, 3)))
    }
  }

  @Test(arguments: 1...34) func everyNumberOfClustersIsReached(clusters: Int) throws {
    let found = try leiden(of: graph(34, karateClub), clusters: clusters)
    #expect(found.clusterCount == clusters && Set(found.labels) == Set(0..<clusters))
    assertClose(
      [found.modularity], [definedQuality(found.labels, graph(34, karateClub), 1)],
      tolerance: 1e-9)
  }

  /// Two clusters of a graph of five components: the smallest are merged first.
  @Test func fewerClustersThanComponentsAreMerged() throws {
    let (graph, _) = plantedPartition(sizes: [5, 30, 6, 40, 4], inside: 1, outside: 0, seed: 1)
    let found = try leiden(of: graph, clusters: 2)
    let expected = [1, 1, 1, 0, 1].enumerated().flatMap {
      Array(repeating: $0.element, count: [5, 30, 6, 40, 4][$0.offset])
    }
    #expect(samePartition(found.labels, expected))
    #expect(try leiden(of: graph, clusters: 1).clusterCount == 1)
  }

  @Test func manyIsolatedCellsAreMerged() throws {
    let found = try leiden(of: graph(3000, [(0, 1), (1, 2), (3, 4)]), clusters: 3)
    #expect(found.clusterCount == 3)
    #expect(Set(found.labels[0...2]).count == 1 && found.labels[3] == found.labels[4])
  }

  @Test(arguments: [0, -2, 35]) func impossibleNumbersOfClustersAreFaults(clusters: Int) {
    #expect(throws: ClusteringFault.clusterCount(clusters, cells: 34)) {
      try leiden(of: graph(34, karateClub), clusters: clusters)
    }
  }
}
