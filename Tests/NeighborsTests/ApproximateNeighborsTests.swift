import Neighbors
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct ApproximateNeighborsTests {
  /// The share of the neighbors found that the exact search finds too.
  private func agreement(_ found: NearestNeighbors, _ exact: NearestNeighbors) -> Double {
    let (n, k) = (exact.indices.rows, exact.indices.columns)
    var hits = 0
    for i in 0..<n {
      let expected = Set((0..<k).map { exact.indices[i, $0] })
      hits += (0..<k).count { expected.contains(found.indices[i, $0]) }
    }
    return Double(hits) / Double(n * k)
  }

  /// What holds of every result: k different other cells each, nearest first, ties by index, at
  /// their distances.
  private func expectWellFormed(
    _ found: NearestNeighbors, _ points: Matrix<Float>, name: String = ""
  ) {
    let k = found.indices.columns
    for i in 0..<points.rows {
      let row = (0..<k).map { (found.distances[i, $0], found.indices[i, $0]) }
      #expect(Set(row.map(\.1)).count == k, "\(name), row \(i)")
      #expect(row.allSatisfy { $0.1 >= 0 && $0.1 < points.rows && $0.1 != i }, "\(name), row \(i)")
      #expect(zip(row, row.dropFirst()).allSatisfy { $0 < $1 }, "\(name), row \(i)")
    }
  }

  @Test(arguments: Metric.allCases)
  func nearlyAllNeighborsAreFoundAndTheRecallIsTrue(metric: Metric) throws {
    let points = clouds(5000, 30, groups: 12)
    let found = try ApproximateNeighbors(of: points, count: 14, metric: metric)
    let exact = try NearestNeighbors(of: points, count: 14, metric: metric)
    let agreement = agreement(found.nearest, exact)
    #expect(agreement >= 0.95, "recall \(agreement)")
    #expect(found.sampledCells == 1000)
    assertClose([found.recall], [agreement], tolerance: 0.01)
    for i in 0..<5000 where found.nearest.indices[i, 13] == exact.indices[i, 13] {
      #expect(found.nearest.distances[i, 13] == exact.distances[i, 13])
    }
  }

  /// As files of several samples are: one type after the other.
  @Test func theOrderOfCellsDoesNotMatterMuch() throws {
    let mixed = clouds(6000, 20, groups: 10)
    let sorted = mixed.selectingRows((0..<6000).sorted { ($0 % 10, $0) < ($1 % 10, $1) })
    let found = try ApproximateNeighbors(of: sorted, count: 10)
    #expect(found.recall >= 0.95, "recall \(found.recall)")
    expectWellFormed(found.nearest, sorted)
  }

  @Test func threadsAndRepetitionChangeNothing() throws {
    let before = Threads.count
    defer { Threads.count = before }
    let points = clouds(3000, 20)
    Threads.count = 1
    let one = try ApproximateNeighbors(of: points, count: 10, seed: 3)
    let again = try ApproximateNeighbors(of: points, count: 10, seed: 3)
    Threads.count = 2
    let two = try ApproximateNeighbors(of: points, count: 10, seed: 3)
    for other in [again, two] {
      #expect(one.nearest.indices == other.nearest.indices)
      #expect(one.nearest.distances == other.nearest.distances)
      #expect(one.recall == other.recall)
    }
  }

  @Test(arguments: Metric.allCases)
  func identicalAndZeroCellsAreDefined(metric: Metric) throws {
    let copies = clouds(10, 6).selectingRows((0..<2000).map { $0 % 10 })
    let found = try ApproximateNeighbors(of: copies, count: 20, metric: metric)
    expectWellFormed(found.nearest, copies, name: "copies")
    #expect(found.recall == 1)
    #expect(found.nearest.distances.elements.allSatisfy { $0 == 0 })
    let zeros = try ApproximateNeighbors(
      of: Matrix<Float>.zeros(1500, 5), count: 7, metric: metric)
    expectWellFormed(zeros.nearest, .zeros(1500, 5), name: "zeros")
    #expect(zeros.nearest.distances.elements.allSatisfy { $0 == (metric == .cosine ? 1 : 0) })
    let flat = try ApproximateNeighbors(of: Matrix<Float>.zeros(40, 0), count: 2, metric: metric)
    expectWellFormed(flat.nearest, .zeros(40, 0), name: "flat")
  }

  /// Zero cells are at distance 1 from all others, and must not push out neighbors that are nearer
  /// than that.
  @Test func zeroCellsAreNoNeighborsByCosine() throws {
    var points = clouds(600, 8)
    for i in stride(from: 0, to: 600, by: 3) { for j in 0..<8 { points[i, j] = 0 } }
    let found = try ApproximateNeighbors(of: points, count: 5, metric: .cosine)
    let exact = try NearestNeighbors(of: points, count: 5, metric: .cosine)
    for i in 0..<600 where i % 3 != 0 {
      for k in 0..<5 { #expect(found.nearest.indices[i, k] == exact.indices[i, k]) }
    }
  }

  @Test func hugeSmallAndDistantValuesAreFound() throws {
    let points = clouds(800, 6)
    let unmoved = try NearestNeighbors(of: points, count: 6)
    for (name, factor, offset) in [
      ("huge", Float(1e36), Float(0)), ("large", 1e19, 0), ("little", 1e-19, 0),
      ("small", 1e-36, 0), ("distant", 1, 1000),
    ] {
      var moved = points
      for i in 0..<800 { for j in 0..<6 { moved[i, j] = factor * points[i, j] + offset } }
      let found = try ApproximateNeighbors(of: moved, count: 6)
      #expect(found.recall >= 0.99, "\(name): \(found.recall)")
      let exact = try NearestNeighbors(of: moved, count: 6)
      if offset == 0 { #expect(exact.indices == unmoved.indices, "\(name)") }
      #expect(agreement(found.nearest, exact) >= 0.98, "\(name)")
      let (cosine, exactCosine) = try (
        ApproximateNeighbors(of: moved, count: 6, metric: .cosine),
        NearestNeighbors(of: moved, count: 6, metric: .cosine)
      )
      #expect(agreement(cosine.nearest, exactCosine) >= 0.95, "\(name), cosine")
    }
  }

  /// One cell is so far away that the others' distances vanish against it. All pairs are then
  /// compared, with a message.
  @Test func aCellFarAwayCostsNoRecall() throws {
    for far in [Float(1e6), 1e12, 1e30] {
      var points = clouds(600, 6)
      points[17, 2] = far
      let found = try ApproximateNeighbors(of: points, count: 6)
      #expect(found.recall >= 0.98)
      #expect(
        agreement(found.nearest, try NearestNeighbors(of: points, count: 6)) >= 0.98, "\(far)")
      #expect(found.isExact == found.note.contains("all pairs were compared"))
    }
  }

  @Test func fewCellsAreSearchedCompletely() throws {
    for (n, k) in [(2, 1), (3, 1), (3, 2), (20, 19), (150, 149)] {
      let points = clouds(n, 4)
      let found = try ApproximateNeighbors(of: points, count: k)
      let exact = try NearestNeighbors(of: points, count: k)
      #expect(found.nearest.indices == exact.indices, "\(n) cells, \(k) neighbors")
      #expect(found.nearest.distances == exact.distances)
      #expect(found.recall == 1 && found.sampledCells == n)
    }
  }

  @Test func faultsSayWhatToDo() {
    let points = clouds(10, 3)
    for (k, kind) in [(0, FaultKind.usage), (10, .badData), (11, .badData)] {
      let fault = #expect(throws: NeighborsFault.self) {
        try ApproximateNeighbors(of: points, count: k)
      }
      #expect(fault?.kind == kind)
    }
    var bad = points
    bad[4, 1] = .infinity
    let fault = #expect(throws: NeighborsFault.self) {
      try ApproximateNeighbors(of: bad, count: 2)
    }
    #expect(fault?.description.contains("row 5") == true)
  }

  @Test func theMethodFollowsTheNumberOfCells() {
    #expect(SearchMethod.auto.resolved(cells: 50_000) == .exact)
    #expect(SearchMethod.auto.resolved(cells: 50_001) == .ivf)
    #expect(SearchMethod.exact.resolved(cells: 1_000_000) == .exact)
    #expect(SearchMethod.ivf.resolved(cells: 10) == .ivf)
  }

  /// Two groups far apart, of which one fills a few lists alone: no neighbor is taken from the
  /// other.
  @Test func separateGroupsAreNotLinked() throws {
    var points = clouds(4000, 12, groups: 1)
    for i in 0..<40 { points[i, 0] += 1000 }
    let found = try ApproximateNeighbors(of: points, count: 10)
    for i in 0..<4000 {
      for k in 0..<10 { #expect((found.nearest.indices[i, k] < 40) == (i < 40), "cell \(i)") }
    }
  }

  @Test func moreListsAreSearchedForAHigherRecall() throws {
    let points = clouds(20_000, 20, groups: 8)
    let (few, many) = try (
      ApproximateNeighbors(of: points, count: 10, recall: 0.5),
      ApproximateNeighbors(of: points, count: 10, recall: 0.999)
    )
    #expect(few.probes < many.probes && many.probes <= Double(many.lists))
    #expect(few.recall >= 0.5 && few.recall < many.recall && many.recall >= 0.999)
    let all = try ApproximateNeighbors(of: points, count: 10, recall: 1)
    #expect(all.recall == 1)
  }

  @Test func progressAndNote() throws {
    let steps = Mutex<[Int]>([])
    let found = try ApproximateNeighbors(of: clouds(5000, 4), count: 3) { done in
      steps.withLock { $0.append(done) }
    }
    let seen = steps.withLock { $0 }
    #expect(seen == seen.sorted() && seen.last == 5000 && seen.count == 2)
    #expect(
      found.note.wholeMatch(
        of: /recall (0\.\d{3}|1\.000) on 1000 cells, \d+ of 140 lists/) != nil)
  }
}
