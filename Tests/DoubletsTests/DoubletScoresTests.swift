import Doublets
import Tensors
import TestSupport
import Testing

/// Cells of three types, and at the end 20 sums of two of them. Whole numbers by hashing, so that
/// other programs can make the same. (120, 400)
private func cellsAndDoublets() -> [[Float]] {
  let cells = (0..<100).map { i in
    (0..<400).map { j in
      let range = 2 + j % 5 + (j / 130 == i % 3 ? 12 : 0)
      return Float((UInt64(i * 1_000_003 + j).splitMixed >> 40) % UInt64(range))
    }
  }
  return cells
    + (0..<20).map { k in zip(cells[4 * k], cells[4 * k + 1 + k % 2]).map { $0 + $1 } }
}

@Suite struct DoubletScoresTests {
  private let rows = cellsAndDoublets()

  /// Numbers of scrublet 0.2.3 (use_approx_neighbors=False, expected_doublet_rate=0.06) with our
  /// pairs of cells: Tests/Interop/quality.py.
  @Test func agreesWithScrublet() throws {
    let counts = SparseMatrix(Matrix(rows))
    let found = try DoubletScores(of: counts, rows: Array(rows.indices))
    assertClose(
      Array(found.scores[..<6]),
      [0.0939759, 0.0552764, 0.1296296, 0.0552764, 0.0552764, 0.1296296], tolerance: 1e-6)
    assertClose(
      Array(found.scores[100..<106]),
      [0.3380282, 0.1296296, 0.193133, 0.193133, 0.3380282, 0.3380282], tolerance: 1e-6)
    // Cells that are added to themselves keep their position: either of the two may be the last
    // neighbor.
    assertClose([found.scores.reduce(0, +)], [11.139105826691567], tolerance: 1e-3)
    assertClose([found.simulated.reduce(0, +)], [37.24976803044919], tolerance: 1e-3)
    // The threshold of scrublet is 0.04155518, above which 88 of the 120 cells lie.
    #expect(found.threshold == nil && found.refusedCalls == 88)
    #expect(!found.calls.contains(true) && found.detectableFraction == nil)
  }

  @Test("the largest share that is called grows with the rate, and never reaches all cells")
  func largestShare() {
    func share(_ rate: Double) -> Double {
      var options = DoubletOptions()
      options.rate = rate
      return options.largestShare
    }
    assertClose(
      [0.001, 0.06, 0.08, 0.2, 0.5].map(share), [0.3, 0.3, 0.4, 0.6, 0.75], tolerance: 1e-12)
  }

  @Test("only the rows named count, and a threshold that is given holds")
  func partOfTheRows() throws {
    let apart = SparseMatrix(
      Matrix(rows.flatMap { [$0, $0.map { _ in Float(50) }] }))
    var options = DoubletOptions()
    options.threshold = 0.3
    let whole = try DoubletScores(
      of: SparseMatrix(Matrix(rows)), rows: Array(rows.indices), options: options)
    let part = try DoubletScores(
      of: apart, rows: rows.indices.map { 2 * $0 }, options: options)
    #expect(part.scores == whole.scores && part.threshold == 0.3)
    #expect(part.calls == whole.scores.map { $0 > 0.3 })
    let detectable = try #require(part.detectableFraction)
    #expect(detectable == Double(part.simulated.count { $0 > 0.3 }) / 240)
  }

  @Test("the same for any number of threads, other pairs for another sample or seed")
  func randomNumbers() throws {
    let counts = SparseMatrix(Matrix(rows))
    func scores(_ change: (inout DoubletOptions) -> Void = { _ in }) throws -> [Double] {
      var options = DoubletOptions()
      change(&options)
      return try DoubletScores(of: counts, rows: Array(rows.indices), options: options).scores
    }
    let one = try scores()
    Threads.count = 3
    defer { Threads.count = 1 }
    #expect(try scores() == one)
    #expect(try scores { $0.seed = 1 } != one)
    #expect(try scores { $0.sample = 1 } != one)
    // A higher rate raises every score.
    let higher = try scores { $0.rate = 0.2 }
    #expect(zip(higher, one).allSatisfy { $0 > $1 })
  }

  @Test("too few cells, or genes that do not vary, are refused")
  func refusals() throws {
    let counts = SparseMatrix(Matrix(rows))
    let few = #expect(throws: DoubletsFault.self) {
      try DoubletScores(of: counts, rows: Array(0..<29))
    }
    #expect(few?.description.hasPrefix("29 cells are too few") == true)
    let same = SparseMatrix(Matrix((0..<40).map { _ in [Float](repeating: 5, count: 20) }))
    let flat = #expect(throws: DoubletsFault.self) {
      try DoubletScores(of: same, rows: Array(0..<40))
    }
    #expect(flat?.description.contains("genes vary") == true)
  }
}
