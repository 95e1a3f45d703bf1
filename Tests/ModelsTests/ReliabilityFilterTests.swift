import Models
import Neighbors
import Tensors
import TestSupport
import Testing
import Training

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceFilterTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let prefix: String
    let filter: ReliabilityFilter
    var testDescription: String { prefix }
  }

  /// Computed by scTPF's published program on 260 cells.
  @Test(arguments: [
    Setting(
      prefix: "t0.2_k2_z0.5_o20_",
      filter: ReliabilityFilter(
        margin: 0.2, neighbors: 2, outlierNeighbors: 20, outlierShare: 0.5)),
    Setting(
      prefix: "t0.3_k4_z0.8_o15_",
      filter: ReliabilityFilter(
        margin: 0.3, neighbors: 4, outlierNeighbors: 15, outlierShare: 0.8)),
    Setting(
      prefix: "t0_k6_z0.5_o60_",
      filter: ReliabilityFilter(
        margin: 0, neighbors: 6, outlierNeighbors: 60, outlierShare: 0.5)),
  ])
  func filter(_ setting: Setting) throws {
    let reference = try Reference.load("reliability_filter")
    let result = try setting.filter(
      codes: try #require(reference["z"]).converted(to: Float.self),
      softAssignment: try #require(reference["q"]).converted(to: Float.self))
    func cells(_ key: String) throws -> [Int] {
      try #require(reference[setting.prefix + key]).elements.map { Int($0) }
    }
    #expect(result.assignment == (try #require(reference["labels"])).elements.map { Int($0) })
    let confident = result.reliability.indices.filter { result.reliability[$0] != .margin }
    #expect(confident == (try cells("confident")))
    let small = result.reliability.indices.filter { result.reliability[$0] == .component }
    #expect(small == (try cells("small_comp")).sorted())
    #expect(result.reliableCells == (try cells("reliable")))
    #expect(result.margin == setting.filter.margin)
  }

  @Test func transform() throws {
    let reference = try Reference.load("reliability_filter")
    let reliable = Set(try #require(reference["graph_reliable"]).elements.map { Int($0) })
    let filter = FilterResult(
      reliability: (0..<260).map { reliable.contains($0) ? .reliable : .margin },
      assignment: try #require(reference["labels"]).elements.map { Int($0) }, margin: 0)
    let adjacency = try #require(reference["adj"]).converted(to: Float.self)
    let changed = transformed(
      SparseMatrix(adjacency), codes: try #require(reference["z"]).converted(to: Float.self),
      centers: try #require(reference["centers"]).converted(to: Float.self), filter: filter)
    let expected = try #require(reference["graph_new_adj"])
    #expect(changed.adjacency.structuralFault() == nil)
    #expect(changed.adjacency.densified().converted(to: Double.self) == expected)
    let before = adjacency.elements.reduce(0, +) - 260
    #expect(Float(changed.addedCount) == Float(expected.elements.reduce(0, +)) - before)
    assertClose(
      normalizedAdjacency(changed.adjacency).densified(),
      try #require(reference["graph_new_adj_norm"]), tolerance: 1e-6)
  }
}

@Suite struct ReliabilityFilterTests {
  private let codes = Matrix<Float>([[0, 0], [0, 1], [1, 0], [9, 9], [9, 8], [8, 9]])

  private func assignment(_ first: [Float]) -> Matrix<Float> {
    Matrix(first.map { [$0, 1 - $0] })
  }

  @Test func marginIsLoweredWhereNobodyPasses() throws {
    let soft = assignment([0.6, 0.55, 0.52, 0.45, 0.4, 0.3])
    let result = try ReliabilityFilter(margin: 0.9)(codes: codes, softAssignment: soft)
    // One cell in twenty of six is one cell: the surest, the last, with a margin of 0.4.
    #expect(result.reliableCells == [5])
    #expect(result.margin < 0.4 && result.margin > 0.39)
  }

  @Test func identicalCellsStillGiveAResult() throws {
    let result = try ReliabilityFilter(margin: 0.5)(
      codes: Matrix(repeating: 1, rows: 6, columns: 2),
      softAssignment: assignment([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]))
    #expect(result.assignment == [0, 0, 0, 0, 0, 0])
    #expect(result.reliableCount > 0)
  }

  @Test func oneClusterPassesTheMargin() throws {
    let result = try ReliabilityFilter(margin: 0.5, neighbors: 2)(
      codes: codes, softAssignment: Matrix(repeating: 1, rows: 6, columns: 1))
    #expect(!result.reliability.contains(.margin))
  }

  @Test func strayComponentsAndTheirTies() throws {
    // Two far-apart groups in one cluster, three cells each: the one with the lowest cell stays.
    let result = try ReliabilityFilter(margin: 0.5, neighbors: 2)(
      codes: codes, softAssignment: assignment([1, 1, 1, 1, 1, 1]))
    #expect(result.reliableCells == [0, 1, 2])
    #expect(result.reliability[3...].allSatisfy { $0 == .component })
  }
}
