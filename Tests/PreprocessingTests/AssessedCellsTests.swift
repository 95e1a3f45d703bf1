import Foundation
import Preprocessing
import Tensors
import TestSupport
import Testing

/// What cells add up to, and which of them are far from the median.
@Suite struct AssessedCellsTests {
  @Test("shares are of all counts, and those of ribosomal proteins go by the names")
  func shares() throws {
    let counts = SparseMatrix(Matrix<Float>([[6, 2, 1, 1], [0, 0, 0, 0], [0, 3, 0, 1]]))
    let names = AxisNames(genes: ["A", "MT-ND1", "Rps27", "mm10_RPL3"])
    let cells = try AssessedCells(counts, names: names)
    #expect(cells.statistics.map(\.total) == [10, 0, 4])
    #expect(cells.statistics.map(\.genes) == [4, 0, 2])
    #expect(cells.statistics.map(\.mitochondrialShare) == [0.2, 0, 0.75])
    #expect(cells.statistics.map(\.ribosomalShare) == [0.2, 0, 0.25])
    #expect(cells.knowsMitochondrial && cells.knowsRibosomal)
    #expect(cells.fates == [.kept, .empty, .kept] && cells.passingRows == [0, 2])
    #expect(!isRibosomal("PRPS1") && !isRibosomal("rps1") && isRibosomal("RPLP0"))
    #expect(isRibosomal("GRCh38-RPL3") && isRibosomal("mm10---Rps2") && !isRibosomal("HLA-RPS1"))
  }

  private func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
  }

  /// The cells that the book's rule leaves, written down from its text; of the mitochondrial share
  /// the upper limit only.
  private func expected(_ rows: [[Float]], deviations: Double) -> [Bool] {
    let totals = rows.map { log1p(Double($0.reduce(0, +))) }
    let genes = rows.map { row in log1p(Double(row.count { $0 > 0 })) }
    let shares = rows.map { Double($0[0]) / Double($0.reduce(0, +)) }
    func reach(_ values: [Double]) -> (Double, Double) {
      let center = middle(values)
      return (center, deviations * middle(values.map { abs($0 - center) }))
    }
    let (counts, shown, mitochondrial) = (reach(totals), reach(genes), reach(shares))
    return rows.indices.map { i in
      abs(totals[i] - counts.0) <= counts.1 && abs(genes[i] - shown.0) <= shown.1
        && shares[i] <= mitochondrial.0 + mitochondrial.1
    }
  }

  private func rows(_ count: Int, seed: UInt64) -> [[Float]] {
    var generator = RandomGenerator(seed: seed)
    return (0..<count).map { _ in
      let depth = exp(generator.normal())
      return (0..<40).map { _ in Float((3 * depth * generator.uniform()).rounded()) + 1 - 1 }
        .enumerated().map { $0 == 0 ? $1 + 1 : $1 }
    }
  }

  @Test("median absolute deviations, by the definition", arguments: [1.0, 2, 5])
  func deviations(_ deviations: Double) throws {
    let rows = rows(101, seed: 3)
    var options = PreprocessingOptions()
    options.deviations = deviations
    let kinds = GeneKinds(
      mitochondrial: (0..<40).map { $0 == 0 }, ribosomal: Array(repeating: false, count: 40))
    let cells = try AssessedCells(SparseMatrix(Matrix(rows)), kinds: kinds, options: options)
    let kept = expected(rows, deviations: deviations)
    #expect(cells.fates.map { $0 == .kept } == kept)
    #expect(kept.contains(false) || deviations == 5)
  }

  @Test("with batches the medians are those of each")
  func batches() throws {
    let (first, second) = (rows(60, seed: 5), rows(40, seed: 6).map { $0.map { 20 * $0 } })
    var options = PreprocessingOptions()
    options.deviations = 2
    let kinds = GeneKinds(
      mitochondrial: (0..<40).map { $0 == 0 }, ribosomal: Array(repeating: false, count: 40))
    let cells = try AssessedCells(
      SparseMatrix(Matrix(first + second)), kinds: kinds,
      batches: Array(repeating: 7, count: 60) + Array(repeating: 2, count: 40), options: options)
    let kept = expected(first, deviations: 2) + expected(second, deviations: 2)
    #expect(cells.fates.map { $0 == .kept } == kept)
    #expect(cells.limits.map(\.batch) == [2, 7])
  }

  @Test("where most cells are the same, nothing is reported from that")
  func noDeviation() throws {
    var options = PreprocessingOptions()
    options.deviations = 1
    let counts = SparseMatrix(Matrix<Float>([[1, 1], [1, 1], [1, 1], [9, 0]]))
    let cells = try AssessedCells(counts, options: options)
    #expect(cells.fates.allSatisfy { $0 == .kept })
    #expect(cells.limits[0].counts == nil && cells.limits[0].mitochondrialShare == nil)
    options.deviations = 0
    #expect(throws: PreprocessingFault.self) { try AssessedCells(counts, options: options) }
  }
}
