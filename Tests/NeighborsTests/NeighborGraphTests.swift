import Neighbors
import Tensors
import TestSupport
import Testing

@Suite struct NeighborGraphTests {
  @Test func graphsHoldTheNeighbors() throws {
    let neighbors = try NearestNeighbors(of: clouds(200, 5), count: 7)
    let graph = NeighborGraph(neighbors)
    #expect(graph.distances.structuralFault() == nil)
    #expect(graph.connectivities.structuralFault() == nil)
    var relation = Matrix<Double>.zeros(200, 200)
    for i in 0..<200 {
      #expect(graph.distances.range(ofRow: i).count == 7)
      for c in 0..<7 {
        relation[i, Int(neighbors.indices[i, c])] = 1
        #expect(
          graph.distances.densified()[i, Int(neighbors.indices[i, c])] == neighbors.distances[i, c])
      }
    }
    let dense = graph.connectivities.densified()
    for i in 0..<200 {
      for j in 0..<200 {
        #expect(Double(dense[i, j]) == (relation[i, j] + relation[j, i]) / 2)
      }
    }
    let pattern = adjacencyPattern(fromDistances: graph.distances)
    #expect(pattern.structuralFault() == nil)
    for i in 0..<200 { relation[i, i] = 1 }
    #expect(pattern.densified().converted(to: Double.self) == relation)
  }

  /// Copies of a cell are at distance 0: their entries must stay.
  @Test func zeroDistancesAreEdges() throws {
    let same = try NearestNeighbors(of: Matrix<Float>.zeros(5, 2), count: 2)
    let graph = NeighborGraph(same)
    #expect(graph.distances.entryCount == 10)
    #expect(adjacencyPattern(fromDistances: graph.distances).entryCount == 15)
  }

  @Test(.enabled(if: Reference.isAvailable, "needs shared/reference"))
  func normalizationAgreesWithThePublishedPrograms() throws {
    let step = try Reference.load("sctpf_counts_step")
    for (source, target, reference) in [
      ("adjacency", "adjacency_normalized", step),
      ("graph_new_adj", "graph_new_adj_norm", try Reference.load("reliability_filter")),
    ] {
      let names = reference.keys.filter { $0.hasSuffix(target) }
      #expect(!names.isEmpty)
      for name in names {
        let base = String(name.dropLast(target.count)) + source
        let a = try #require(reference[base], "\(base)")
        let expected = try #require(reference[name])
        assertClose(
          normalizedAdjacency(SparseMatrix(a)).densified(), expected, tolerance: 1e-6, scale: 1e-3,
          name)
      }
    }
  }

  @Test func cellsWithoutEdgesStayEmpty() {
    let a = SparseMatrix(Matrix<Double>([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    let normalized = normalizedAdjacency(a)
    #expect(normalized.densified() == Matrix([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    let directed = SparseMatrix(Matrix<Double>([[0, 4], [0, 0]]))
    #expect(normalizedAdjacency(directed).densified() == Matrix([[0, 0], [0, 0]]))
  }

  @Test func componentsAreNumberedByTheirLowestCells() {
    let edges = SparseMatrix(
      Matrix<Float>([
        [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0],
      ]))
    #expect(connectedComponents(of: edges) == [0, 1, 2, 2, 0, 2])
  }

  @Test func componentsMatchFlooding() {
    var generator = RandomGenerator(seed: 5)
    for edges in [0, 20, 60, 90, 150] {
      var dense = Matrix<Float>.zeros(120, 120)
      for _ in 0..<edges {
        dense[generator.integer(below: 120), generator.integer(below: 120)] = 1
      }
      var expected = [Int](repeating: -1, count: 120)
      var count = 0
      for start in 0..<120 where expected[start] < 0 {
        var pending = [start]
        while let i = pending.popLast() {
          if expected[i] >= 0 { continue }
          expected[i] = count
          pending += (0..<120).filter { dense[i, $0] != 0 || dense[$0, i] != 0 }
        }
        count += 1
      }
      #expect(connectedComponents(of: SparseMatrix(dense)) == expected)
    }
  }
}
