import Foundation
import Neighbors
import Tensors
import TestSupport
import Testing

/// All distances sorted, ties by index: the definition.
private func bruteForce(
  _ queries: Matrix<Float>, _ points: Matrix<Float>, _ k: Int, _ metric: Metric, selves: [Int]?
) -> (indices: [Int32], distances: [Double]) {
  func vector(_ m: Matrix<Float>, _ i: Int) -> [Double] {
    (0..<m.columns).map { Double(m[i, $0]) }
  }
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    switch metric {
    case .euclidean: return zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
    case .cosine:
      let product = zip(a, b).map { $0 * $1 }.reduce(0, +)
      let norms = [a, b].map { v in v.map { $0 * $0 }.reduce(0, +).squareRoot() }
      return norms[0] * norms[1] == 0 ? 1 : 1 - product / (norms[0] * norms[1])
    }
  }
  var (indices, distances): ([Int32], [Double]) = ([], [])
  for i in 0..<queries.rows {
    let q = vector(queries, i)
    var all: [(distance: Double, index: Int)] = []
    for j in 0..<points.rows where j != selves?[i] {
      all.append((distance(q, vector(points, j)), j))
    }
    all.sort { $0.distance != $1.distance ? $0.distance < $1.distance : $0.index < $1.index }
    for neighbor in all.prefix(k) {
      indices.append(Int32(neighbor.index))
      distances.append(neighbor.distance)
    }
  }
  return (indices, distances)
}

@Suite struct NearestNeighborsTests {
  @Test(arguments: Metric.allCases, [(300, 1, 1), (300, 5, 14), (1500, 30, 6), (20, 3, 19)])
  func searchMatchesTheDefinition(metric: Metric, shape: (Int, Int, Int)) throws {
    let (n, d, k) = shape
    // In one dimension all cosine distances are 0 or 2: rounding would decide the definition's own
    // order.
    let points = clouds(n, metric == .cosine ? d + 2 : d)
    let found = try NearestNeighbors(of: points, count: k, metric: metric)
    let expected = bruteForce(points, points, k, metric, selves: Array(0..<n))
    #expect(Array(found.indices.elements) == expected.indices)
    assertClose(found.distances.elements, expected.distances, tolerance: 1e-5, scale: 1e-2)
  }

  @Test func queriesApartFromPointsMayMeetThemselves() throws {
    let points = clouds(700, 8)
    let subset = Array(stride(from: 3, to: 700, by: 7))
    let queries = points.selectingRows(subset)
    let all = try NearestNeighbors(of: queries, among: points, count: 5)
    #expect((0..<subset.count).allSatisfy { all.indices[$0, 0] == Int32(subset[$0]) })
    #expect((0..<subset.count).allSatisfy { all.distances[$0, 0] == 0 })
    let others = try NearestNeighbors(of: queries, among: points, count: 4, selves: subset)
    for i in 0..<subset.count {
      #expect((0..<4).map { others.indices[i, $0] } == (1...4).map { all.indices[i, $0] })
    }
  }

  /// Far from the origin the products cancel; grids and copies are full of ties.
  @Test func hardPointsAreFoundExactly() throws {
    var far = clouds(400, 6)
    for i in 0..<400 { for j in 0..<6 { far[i, j] = far[i, j] / 64 + 20_000 } }
    let grid = Matrix<Float>((0..<400).map { [Float($0 % 20), Float($0 / 20)] })
    let copies = clouds(10, 4).selectingRows((0..<500).map { $0 % 10 })
    let outlier = Matrix<Float>((0..<300).map { [Float($0), $0 == 17 ? 1e6 : 0] })
    for (name, points) in [("far", far), ("grid", grid), ("copies", copies), ("outlier", outlier)] {
      let found = try NearestNeighbors(of: points, count: 9)
      let expected = bruteForce(points, points, 9, .euclidean, selves: Array(0..<points.rows))
      #expect(Array(found.indices.elements) == expected.indices, "\(name)")
    }
  }

  @Test func identicalAndZeroCellsAreDefined() throws {
    for metric in Metric.allCases {
      let zeros = try NearestNeighbors(
        of: Matrix<Float>.zeros(50, 3), count: 3, metric: metric)
      #expect((0..<3).map { zeros.indices[10, $0] } == [0, 1, 2])
      #expect((0..<3).map { zeros.indices[1, $0] } == [0, 2, 3])
      #expect(zeros.distances.elements.allSatisfy { $0 == (metric == .cosine ? 1 : 0) })
    }
    let flat = try NearestNeighbors(of: Matrix<Float>.zeros(4, 0), count: 2)
    #expect(flat.indices[3, 1] == 1)
  }

  @Test func faultsSayWhatToDo() {
    let points = clouds(10, 3)
    for (k, kind) in [(0, FaultKind.usage), (-1, .usage), (10, .badData), (11, .badData)] {
      let fault = #expect(throws: NeighborsFault.self) {
        try NearestNeighbors(of: points, count: k)
      }
      #expect(fault?.kind == kind)
    }
    #expect(throws: NeighborsFault.self) {
      try NearestNeighbors(of: Matrix<Float>.zeros(1, 3), count: 1)
    }
    var bad = points
    bad[4, 1] = .nan
    let fault = #expect(throws: NeighborsFault.self) { try NearestNeighbors(of: bad, count: 2) }
    #expect(fault?.description.contains("row 5") == true)
  }

  @Test func theNumberOfThreadsDoesNotMatter() throws {
    let before = Threads.count
    defer { Threads.count = before }
    let points = clouds(3000, 20)
    Threads.count = 1
    let one = try NearestNeighbors(of: points, count: 10)
    Threads.count = 3
    let three = try NearestNeighbors(of: points, count: 10)
    #expect(one.indices == three.indices && one.distances == three.distances)
  }
}
