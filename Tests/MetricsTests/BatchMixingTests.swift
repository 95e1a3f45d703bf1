import Foundation
import Metrics
import Tensors
import TestSupport
import Testing

/// 150 cells of three types and two batches, the second moved. Whole numbers by hashing, so that
/// other programs can make the same.
private let cells: (points: Matrix<Float>, types: [Int], batches: [Int]) = {
  let rows = (0..<150).map { i in
    (0..<4).map { j -> Float in
      let noise = Double((UInt64(i * 1009 + j).splitMixed >> 40) % 1000) / 500 - 1
      return Float((j == i % 3 ? 1.2 : 0) + noise + (i % 2 == 1 && j == 3 ? 1.5 : 0))
    }
  }
  return (Matrix(rows), (0..<150).map { $0 % 3 }, (0..<150).map { $0 % 2 })
}()

@Suite struct BatchMixingTests {
  /// The 29 nearest others of each cell, by the definition.
  private var neighbors: (Matrix<Int32>, Matrix<Float>) {
    let points = cells.points
    let rows = (0..<150).map { i in
      (0..<150).filter { $0 != i }.map { k in
        (
          (0..<4).reduce(0.0) { sum, j in
            let apart = Double(points[i, j]) - Double(points[k, j])
            return sum + apart * apart
          }.squareRoot(), k
        )
      }.sorted { $0 < $1 }.prefix(29)
    }
    return (
      Matrix(rows.map { $0.map { Int32($0.1) } }), Matrix(rows.map { $0.map { Float($0.0) } })
    )
  }

  /// Numbers of a program written down from the paper's: `lisi` of Tests/Interop/quality.py,
  /// perplexity 10.
  @Test func theIndexAgreesWithTheDefinition() throws {
    let (indices, distances) = neighbors
    let batches = inverseSimpson(
      neighbors: indices, distances: distances, labels: cells.batches, perplexity: 10)
    assertClose(
      Array(batches[..<4]), [1.05472586, 1.32011767, 1.99064267, 1.30688319], tolerance: 1e-4)
    assertClose([batches.reduce(0, +)], [200.66638907125053], tolerance: 1e-4)
    let types = inverseSimpson(neighbors: indices, distances: distances, labels: cells.types)
    assertClose([types.reduce(0, +)], [229.08437370183424], tolerance: 1e-4)
    assertClose(
      [
        try #require(integrationIndex(batches, batches: 2)),
        try #require(separationIndex(types, types: 3)),
      ], [0.1499220790836637, (3 - 1.381782979226007) / 2], tolerance: 1e-4)
    #expect(integrationIndex(batches, batches: 1) == nil && separationIndex([], types: 2) == nil)
  }

  @Test("kBET agrees with scipy.stats.chi2, and is 1 where each neighborhood is as the whole")
  func neighborhoods() throws {
    let (indices, _) = neighbors
    let share = try #require(neighborhoodAcceptance(neighbors: indices, batches: cells.batches))
    assertClose([share], [52.0 / 150], tolerance: 1e-12)
    let byType = try #require(neighborhoodAcceptance(neighbors: indices, batches: cells.types))
    assertClose([byType], [25.0 / 150], tolerance: 1e-12)
    #expect(neighborhoodAcceptance(neighbors: indices, batches: cells.types.map { _ in 0 }) == nil)
    let pairs = Matrix<Int32>((0..<4).map { [Int32($0 ^ 1)] })
    #expect(neighborhoodAcceptance(neighbors: pairs, batches: [0, 1, 0, 1]) == 1)
    // χ² of 2 with one degree of freedom: p = 0.157 of both in one batch.
    #expect(neighborhoodAcceptance(neighbors: pairs, batches: [0, 0, 1, 1]) == 1)
    #expect(neighborhoodAcceptance(neighbors: pairs, batches: [0, 0, 1, 1], level: 0.16) == 0)
    assertClose(
      [(1, 3.841458820694124), (5, 11.07), (2, 0.3), (30, 80)].map {
        chiSquaredTail($0.1, freedom: $0.0)
      }, [0.04999999999999989, 0.050009618622405425, 0.8607079764250578, 1.975623243491056e-06],
      tolerance: 1e-12)
  }

  @Test("of equal distances each neighbor weighs the same; of infinite ones there is no value")
  func equalDistances() {
    let indices = Matrix<Int32>([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
    let found = inverseSimpson(
      neighbors: indices, distances: Matrix(repeating: 1, rows: 4, columns: 3),
      labels: [0, 0, 1, 2], perplexity: 3)
    assertClose(found, [3, 3, 9 / 5.0, 9 / 5.0], tolerance: 1e-9)
    let far = inverseSimpson(
      neighbors: indices, distances: Matrix(repeating: .infinity, rows: 4, columns: 3),
      labels: [0, 0, 1, 2])
    #expect(far.allSatisfy { $0.isNaN })
  }

  /// sklearn's silhouette_samples.
  @Test func silhouetteOfBatches() throws {
    let value = try batchSilhouette(cells.points, types: cells.types, batches: cells.batches)
    assertClose([try #require(value)], [0.7300106563913098], tolerance: 1e-5)
    // A type of one batch does not count.
    let alone = try batchSilhouette(
      cells.points, types: cells.types.map { min($0, 1) },
      batches: zip(cells.types, cells.batches).map { $0 == 0 ? 0 : $1 })
    let other = try batchSilhouette(
      cells.points.selectingRows((0..<150).filter { $0 % 3 > 0 }),
      types: Array(repeating: 4, count: 100),
      batches: (0..<150).filter { $0 % 3 > 0 }.map { $0 % 2 })
    assertClose([try #require(alone)], [try #require(other)], tolerance: 1e-12)
    #expect(
      try batchSilhouette(cells.points, types: cells.types, batches: cells.types) == nil)
  }

  @Test("the largest connected part of each type")
  func connectivity() {
    func graph(_ edges: [(Int, Int)]) -> SparseMatrix<Float> {
      var dense = Matrix<Float>.zeros(6, 6)
      for (a, b) in edges {
        dense[a, b] = 1
        dense[b, a] = 1
      }
      return SparseMatrix(dense)
    }
    let labels = [0, 0, 0, 1, 1, -1]
    #expect(graphConnectivity(of: labels, on: graph([(0, 1), (1, 2), (3, 4)])) == 1)
    // The way by a cell of another type, or of none, does not count.
    let value = graphConnectivity(of: labels, on: graph([(0, 1), (1, 3), (3, 2), (4, 5), (5, 3)]))
    #expect(value == (2 / 3.0 + 1 / 2.0) / 2)
    #expect(graphConnectivity(of: [-1, -1, -1, -1, -1, -1], on: graph([])) == nil)
  }
}
