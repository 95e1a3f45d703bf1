import Tensors
import TestSupport
import Testing

@Suite struct ShortlistTests {
  /// Numbers whose products and sums are exact, so that every order of summation gives the same.
  private func wholeNumbers(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
    var generator = RandomGenerator(seed: seed)
    var result = Matrix<Float>.zeros(rows, columns)
    for i in result.elements.indices {
      result.elements[i] = Float((generator.uniform() * 40).rounded(.down)) - 20
    }
    return result
  }

  /// q · p and the last number of p.
  private func key(_ queries: Matrix<Float>, _ q: Int, _ points: Matrix<Float>, _ p: Int) -> Float {
    let width = points.columns - 1
    return (0..<width).reduce(points[p, width]) { $0 + queries[q, $1] * points[p, $1] }
  }

  /// The points that a plain sort puts first; of equal keys those that come first.
  private func nearest(
    _ queries: Matrix<Float>, _ q: Int, _ points: Matrix<Float>, among order: [Int], count: Int
  ) -> [Int] {
    let keys = order.map { key(queries, q, points, $0) }
    let places = order.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    return places.prefix(count).map { $0 }
  }

  /// Panels and groups of queries that are full, one short, and one over; one coordinate, none, and
  /// more than a cache holds.
  @Test(arguments: [
    (16, 6, 8, 3), (17, 7, 1, 2), (15, 5, 0, 4), (100, 13, 50, 31), (700, 25, 51, 1),
    (40, 3, 900, 5), (5, 1, 3, 9), (0, 4, 2, 2),
  ])
  func panelsGiveThePointsThatASortGives(points count: Int, rows: Int, width: Int, kept: Int) {
    let points = wholeNumbers(count, width + 1, seed: 1)
    let queries = wholeNumbers(rows + 2, width + 1, seed: 2)
    let panels = PointPanels(points)
    let some = (0..<rows).filter { $0 % 4 != 3 }
    let selves = (0..<rows).map { $0 % 2 == 0 ? $0 * 3 : -1 }
    var found = Shortlist(rows: rows, capacity: kept)
    found.offer(
      0..<count, of: panels, to: queries, from: 2, rows: some.map { Int32($0) },
      except: Buffer(selves.map { Int32($0) }))
    for r in 0..<rows {
      let others = (0..<count).filter { $0 != selves[r] }
      let expected =
        some.contains(r)
        ? nearest(queries, r + 2, points, among: others, count: kept).map { others[$0] } : []
      #expect(found.points(r).map { Int($0) } == expected, "row \(r)")
      let isFull = expected.count == kept
      #expect(
        found.worst(r) == (isFull ? key(queries, r + 2, points, expected[kept - 1]) : .infinity))
    }
  }

  @Test func someOfThePanelsAndPositionsWithoutAPoint() {
    let points = wholeNumbers(30, 5, seed: 3)
    let queries = wholeNumbers(4, 5, seed: 4)
    // Rows 29, 28, …, but nothing at every third position.
    let order = (0..<45).map { $0 % 3 == 2 ? -1 : 29 - ($0 - $0 / 3) }
    let panels = PointPanels(points, order: Buffer(order.map { Int32($0) }))
    #expect(panels.count == 45 && panels.width == 4)
    var found = Shortlist(rows: 4, capacity: 6)
    for part in [32..<45, 0..<16] {
      found.offer(
        part, of: panels, to: queries, rows: [0, 1, 2, 3], except: Buffer(repeating: -1, count: 4))
    }
    let seen = [32..<45, 0..<16].flatMap { $0 }.filter { order[$0] >= 0 }
    for r in 0..<4 {
      let places = nearest(queries, r, points, among: seen.map { order[$0] }, count: 6)
      #expect(found.points(r).map { Int($0) } == places.map { seen[$0] }, "row \(r)")
    }
    let own = panels.queries([1, 44 - 1])
    for (r, position) in [1, 43].enumerated() {
      for k in 0..<4 { #expect(own[r, k] == -2 * points[order[position], k]) }
      #expect(own[r, 4] == 1)
    }
  }

  @Test func whatIsNotANumberOrInfiniteIsLeftOut() {
    var points = wholeNumbers(20, 3, seed: 5)
    points[4, 2] = .nan
    points[7, 2] = .infinity
    let queries = wholeNumbers(1, 3, seed: 6)
    var found = Shortlist(rows: 1, capacity: 20)
    found.offer(
      0..<20, of: PointPanels(points), to: queries, rows: [0],
      except: Buffer(repeating: 0, count: 1))
    #expect(Set(found.points(0)) == Set((1..<20).map { Int32($0) }).subtracting([4, 7]))
    #expect(found.worst(0) == .infinity)
  }

  @Test func keysOfOneRowAreTakenIn() {
    let keys = Buffer<Float>([9, 3, .nan, 1, .infinity, 2, 3])
    var found = Shortlist(rows: 2, capacity: 3)
    found.offer(keys, 1..<7, to: 1)
    #expect(found.points(1) == [2, 4, 0] && found.worst(1) == 3)
    #expect(found.points(0) == [] && found.worst(0) == .infinity)
  }
}
