import Foundation
import Neighbors
import Tensors
import TestSupport
import Testing

@Suite struct SelfTuningAffinityTests {
  @Test func weightsAreThoseOfTheirFormula() throws {
    let neighbors = try NearestNeighbors(of: clouds(120, 4), count: 10)
    let affinity = selfTuningAffinity(neighbors)
    #expect(affinity.structuralFault() == nil)
    let found = affinity.densified()
    var expected = Matrix<Double>.zeros(120, 120)
    for i in 0..<120 {
      for c in 0..<10 {
        let j = Int(neighbors.indices[i, c])
        let distance = Double(neighbors.distances[i, c])
        let scale = Double(neighbors.distances[i, 6]) * Double(neighbors.distances[j, 6])
        expected[i, j] = exp(-distance * distance / scale)
        expected[j, i] = expected[i, j]
      }
    }
    for i in 0..<120 {
      for j in 0..<120 { #expect(abs(Double(found[i, j]) - expected[i, j]) < 1e-6) }
    }
  }

  /// The scale of the embedding is nothing; fewer neighbors than the rank give the farthest.
  @Test func scaleDoesNotMatter() throws {
    let points = clouds(80, 3)
    let small = selfTuningAffinity(try NearestNeighbors(of: points, count: 5))
    var moved = points
    for i in 0..<80 { for j in 0..<3 { moved[i, j] *= 1024 } }
    let large = selfTuningAffinity(try NearestNeighbors(of: moved, count: 5))
    #expect(small.indices == large.indices)
    for k in small.values.indices { #expect(abs(small.values[k] - large.values[k]) < 1e-6) }
  }

  @Test func copiesHaveWeightOne() throws {
    let affinity = selfTuningAffinity(
      try NearestNeighbors(of: Matrix<Float>.zeros(20, 2), count: 8))
    #expect(affinity.values.allSatisfy { $0 == 1 })
  }
}
