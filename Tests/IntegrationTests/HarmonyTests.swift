import Foundation
import Integration
import Tensors
import TestSupport
import Testing

/// 240 cells of eight types in ten dimensions; every third is of a batch that is moved. Whole
/// numbers by hashing, so that other programs can make the same.
private func movedBatch() -> (points: Matrix<Float>, batches: [Int], types: [Int]) {
  let rows = (0..<240).map { i in
    (0..<10).map { j -> Float in
      let noise = Double((UInt64(i * 1009 + j).splitMixed >> 40) % 1000) / 500 - 1
      let shift = i % 3 == 0 ? (j < 5 ? 3.0 : -2.0) : 0
      return Float((j == i % 8 ? 10.0 : 0) + noise + shift)
    }
  }
  return (Matrix(rows), (0..<240).map { $0 % 3 == 0 ? 0 : 1 }, (0..<240).map { $0 % 8 })
}

@Suite struct HarmonyTests {
  /// Numbers of harmonypy 0.0.10, its cells choosing their clusters in our order:
  /// Tests/Interop/quality.py.
  @Test func agreesWithHarmonypy() throws {
    let (points, batches, _) = movedBatch()
    let found = try Harmony(of: points, batches: batches)
    assertClose(found.objective, [26.150377, 26.150396], tolerance: 1e-5)
    #expect(found.rounds == 1 && found.hasConverged)
    let expected: [(Int, [Double])] = [
      (
        0,
        [
          11.63345, 1.31602, 1.69944, 1.2944, 1.82258, -0.38497, -2.10292, -1.57629, -0.50937,
          -1.6864,
        ]
      ),
      (
        1,
        [
          2.06859, 11.29121, 2.09053, 1.15929, 0.39857, -0.70315, -1.81565, -0.98051, -1.67303,
          -1.31096,
        ]
      ),
      (
        239,
        [
          1.7318, 1.82923, 1.37241, 2.32591, 1.47882, -0.55936, -1.38036, 8.10173, -1.07744,
          -0.51267,
        ]
      ),
    ]
    for (cell, row) in expected {
      assertClose(
        (0..<10).map { Double(found.corrected[cell, $0]) }, row, tolerance: 1e-4, scale: 10)
    }
    let moved = zip(found.corrected.elements, points.elements).reduce(0) { $0 + abs($1.0 - $1.1) }
    assertClose([Double(moved)], [2791.8097643951496], tolerance: 1e-4)
  }

  /// Σ over cells of the distance to the mean of its type and batch in the other batch.
  private func apart(_ points: Matrix<Float>, _ batches: [Int], _ types: [Int]) -> Double {
    (0..<8).reduce(0) { sum, type in
      let means = (0..<2).map { batch in
        let cells = types.indices.filter { types[$0] == type && batches[$0] == batch }
        return (0..<10).map { j in
          cells.reduce(0.0) { $0 + Double(points[$1, j]) } / Double(cells.count)
        }
      }
      return sum
        + zip(means[0], means[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
  }

  @Test("batches come together, types stay apart")
  func brings() throws {
    let (points, batches, types) = movedBatch()
    let corrected = try Harmony(of: points, batches: batches).corrected
    #expect(apart(corrected, batches, types) < 0.2 * apart(points, batches, types))
  }

  @Test("the same for any number of threads, and whatever the batches are called")
  func threads() throws {
    let (points, batches, _) = movedBatch()
    let one = try Harmony(of: points, batches: batches)
    Threads.count = 3
    defer { Threads.count = 1 }
    #expect(try Harmony(of: points, batches: batches).corrected == one.corrected)
    #expect(try Harmony(of: points, batches: batches.map { 5 + 2 * $0 }).corrected == one.corrected)
  }

  @Test(
    "one batch, none and values that are not finite are refused; few cells and many batches are not"
  )
  func edges() throws {
    var (points, batches, _) = movedBatch()
    let one = #expect(throws: IntegrationFault.self) {
      try Harmony(of: points, batches: batches.map { _ in 3 })
    }
    #expect(one?.description.contains("all cells are of one batch") == true)
    batches[7] = -1
    #expect(throws: IntegrationFault.self) { try Harmony(of: points, batches: batches) }
    let two = try Harmony(of: points.selectingRows([0, 1]), batches: [0, 1])
    #expect(two.corrected.elements.allSatisfy { $0.isFinite })
    let each = try Harmony(of: points, batches: Array(0..<240))
    #expect(each.corrected.elements.allSatisfy { $0.isFinite })
    let zeros = try Harmony(of: .zeros(60, 4), batches: (0..<60).map { $0 % 2 })
    #expect(zeros.corrected.elements.allSatisfy { $0 == 0 })
    points[3, 2] = .nan
    #expect(throws: IntegrationFault.self) {
      try Harmony(of: points, batches: (0..<240).map { $0 % 2 })
    }
  }
}
