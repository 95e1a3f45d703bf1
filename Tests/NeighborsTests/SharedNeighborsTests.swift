import Neighbors
import Tensors
import Testing

@Suite struct SharedNeighborsTests {
  @Test func weightsAreJaccardIndicesByTheirDefinition() throws {
    let neighbors = try NearestNeighbors(of: clouds(200, 5), count: 7)
    let graph = NeighborGraph(neighbors)
    let weights = sharedNeighborWeights(fromDistances: graph.distances)
    #expect(weights.structuralFault() == nil)
    let sets = (0..<200).map { cell in
      Set((0..<7).map { Int(neighbors.indices[cell, $0]) } + [cell])
    }
    let dense = weights.densified()
    for i in 0..<200 {
      for j in 0..<200 {
        let joined = i != j && (sets[i].contains(j) || sets[j].contains(i))
        let share =
          Float(sets[i].intersection(sets[j]).count) / Float(sets[i].union(sets[j]).count)
        #expect(dense[i, j] == (joined ? share : 0))
      }
    }
  }

  /// The same cells are joined, whatever the weights.
  @Test func edgesAreThoseOfTheBinaryGraph() throws {
    let graph = NeighborGraph(try NearestNeighbors(of: clouds(300, 4), count: 14))
    let weights = sharedNeighborWeights(fromDistances: graph.distances)
    #expect(weights.indptr == graph.connectivities.indptr)
    #expect(weights.indices == graph.connectivities.indices)
    #expect(weights.values.allSatisfy { $0 > 0 && $0 <= 1 })
  }

  /// Copies of one cell share all neighbors but those that ties decide.
  @Test func zeroDistancesCount() throws {
    let graph = NeighborGraph(try NearestNeighbors(of: Matrix<Float>.zeros(3, 2), count: 2))
    #expect(
      sharedNeighborWeights(fromDistances: graph.distances).values.allSatisfy { $0 == 1 })
  }
}
