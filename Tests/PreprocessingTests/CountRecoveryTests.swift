import Foundation
import Preprocessing
import Tensors
import TestSupport
import Testing

/// log(1 + c · target / n_i) computed in Float as the programs do it.
private func logNormalized(
  _ counts: SparseMatrix<Float>, target: Float, _ logarithm: @Sendable (Float) -> Float
) -> SparseMatrix<Float> {
  let totals = (0..<counts.rows).map { i in
    counts.range(ofRow: i).reduce(Float(0)) { $0 + counts.values[$1] }
  }
  return counts.mapEntries { row, x in logarithm(x / totals[row] * target) }
}

@Suite struct CountRecoveryTests {
  @Test func countsPassUnchanged() throws {
    let counts = simulatedCounts(cells: 30, genes: 20)
    let recovery = try CountRecovery(of: counts)
    #expect(recovery.counts == counts && recovery.transform == nil && recovery.note == nil)
  }

  @Test(arguments: ValueTransform.allCases, [Float(1e4), 1e6, 137])
  func everyTransformIsUndoneExactly(transform: ValueTransform, target: Float) throws {
    let counts = simulatedCounts(cells: 200, genes: 300)
    let stored = logNormalized(counts, target: target) { x in
      switch transform {
      case .naturalLog: log1p(x)
      case .log2: Float(log2(1 + Double(x)))
      case .log10: Float(log10(1 + Double(x)))
      case .scaled: x
      }
    }
    let recovery = try CountRecovery(of: stored)
    #expect(recovery.counts == counts)
    #expect(recovery.transform == transform && recovery.decimals == nil)
  }

  @Test func valuesOfThreeDecimalsAreUndone() throws {
    let counts = simulatedCounts(cells: 100, genes: 300)
    let stored = logNormalized(counts, target: 1e4) { (log1p($0) * 1000).rounded() / 1000 }
    let recovery = try CountRecovery(of: stored)
    #expect(recovery.counts == counts)
    #expect(recovery.decimals == 3)
    #expect(recovery.note?.contains("rounded to 3 decimals") == true)
  }

  /// A cell without any single count: 3 and 2 show the unit, though no value is the unit itself.
  @Test func theSmallestValueNeedNotBeOneCount() throws {
    let counts = SparseMatrix(Matrix<Float>([[2, 3, 7, 0], [1, 4, 9, 2], [10, 6, 15, 0]]))
    let stored = logNormalized(counts, target: 1e4) { log1p($0) }
    #expect(try CountRecovery(of: stored).counts == counts)
  }

  /// Cells whose counts are all even: the largest unit fits, half of it is right. A known total
  /// shows that. So does T / unit, which is whole in the other cells, if the true total is odd
  /// (genes were left out after normalising).
  @Test func commonDivisorsAreSettledByTotals() throws {
    var counts = simulatedCounts(cells: 60, genes: 100).densified()
    for j in 0..<100 { counts[7, j] = j % 15 == 0 ? 2 + 2 * Float(j % 4) : 0 }
    for j in 0..<100 { counts[9, j] = j % 5 == 0 ? 3 : 0 }
    let all = SparseMatrix(counts)
    let totals = (0..<60).map { i in
      Float(11) + all.range(ofRow: i).reduce(Float(0)) { $0 + all.values[$1] }
    }
    let stored = all.mapEntries { row, x in log1p(x / totals[row] * 1e4) }
    let known = try CountRecovery(
      of: stored, knownTotals: [KnownTotals(name: "n", values: totals.map { Double($0) })])
    #expect(known.counts == all)
    let inferred = try CountRecovery(of: stored).counts.densified()
    #expect(
      Array(inferred.row(7).indices.map { inferred[7, $0] }) == (0..<100).map { counts[7, $0] })
  }

  /// Batches normalized to different sums: totals that agree with the counts already leave no room
  /// for a divisor, whatever else is in the table.
  @Test(
    arguments: [
      [50, 100], [1e4, 2e4, 3e4], [1e4, 1e4, 1e4, 2e4], Array(repeating: 1e4, count: 19) + [2e4],
    ] as [[Float]])
  func totalsThatAgreeLeaveNoDivisor(targets: [Float]) throws {
    let counts = simulatedCounts(cells: 60, genes: 120, density: 2)
    let totals = sums(of: counts)
    let stored = counts.mapEntries { row, x in
      log1p(x / Float(totals[row]) * targets[row * targets.count / 60])
    }
    let known = KnownTotals(name: "total_counts", values: totals)
    let other = KnownTotals(name: "n_counts", values: totals.map { _ in 1e4 })
    for candidates in [[known], [other, known], []] {
      let recovery = try CountRecovery(of: stored, knownTotals: candidates)
      #expect(recovery.counts == counts && recovery.contradiction == nil)
    }
  }

  /// Totals of other values than these (all the same, at random, or halved in some cells) change
  /// nothing, with a message.
  @Test func totalsThatContradictAreNotUsed() throws {
    let counts = simulatedCounts(cells: 60, genes: 40)
    let totals = sums(of: counts)
    let stored = counts.mapEntries { row, x in log1p(x / Float(totals[row]) * 1e4) }
    for (values, word) in [
      (totals.map { _ in 1e4 }, "does not agree"),
      (totals.indices.map { 50 + Double($0 * 37 % 100) }, "does not agree"),
      (totals.indices.map { $0 < 3 ? totals[$0] / 2 : totals[$0] }, "in 3 of 60 cells"),
    ] {
      let recovery = try CountRecovery(
        of: stored, knownTotals: [KnownTotals(name: "n", values: values)])
      #expect(recovery.counts == counts)
      #expect(recovery.contradiction?.contains(word) == true, "\(recovery.contradiction ?? "none")")
    }
  }

  private func sums(of counts: SparseMatrix<Float>) -> [Double] {
    (0..<counts.rows).map { i in
      counts.range(ofRow: i).reduce(0) { $0 + Double(counts.values[$1]) }
    }
  }

  @Test func aCellOfOneValueHasThatUnit() throws {
    let stored = SparseMatrix(
      Matrix<Float>([[0.7, 0.7, 0, 0.7], [log1p(2.5), log1p(5), log1p(7.5), 0]]))
    #expect(
      try CountRecovery(of: stored).counts.densified() == Matrix([[1, 1, 0, 1], [1, 2, 3, 0]]))
  }

  @Test func whatCannotBeRestoredIsAFault() throws {
    let names = AxisNames(cells: ["c1", "c2"], genes: ["g1", "g2", "g3"])
    func fault(_ rows: [[Float]]) -> String {
      #expect(throws: PreprocessingFault.self) {
        try CountRecovery(of: SparseMatrix(Matrix(rows)), names: names)
      }?.description ?? ""
    }
    #expect(fault([[1, 2, 3], [0.5, -0.25, 1]]).hasPrefix("cell 'c2', gene 'g2': value -0.25"))
    #expect(fault([[1, .nan, 3], [1, 1, 1]]).hasPrefix("cell 'c1', gene 'g2': value nan"))
    let smooth: [[Float]] = [[1, 2, 3], [0.517_331_2, 1.239_481_3, 2.071_944_1]]
    #expect(fault(smooth).contains("--allow-noninteger"))
    #expect(fault(smooth).hasPrefix("cell 'c"))
    let letThrough = try CountRecovery(
      of: SparseMatrix(Matrix(smooth)), allowingNonInteger: true)
    #expect(letThrough.isNonInteger && letThrough.counts == SparseMatrix(Matrix(smooth)))
    // Any number is a multiple of itself.
    let lone: [[Float]] = [[0.8, 0, 0], [0, 0.5, 0]]
    #expect(
      fault(lone)
        == "cell 'c1', gene 'g1': value 0.8 is not an integer, and counts cannot be restored, because no cell has values of two genes; check whether this is a matrix of counts"
    )
    #expect(
      try CountRecovery(of: SparseMatrix(Matrix(lone)), allowingNonInteger: true).isNonInteger)
  }

  /// Counts with shares of reads that fit several genes: no factor of a normalization, whatever the
  /// shares.
  @Test(arguments: [[2], [3], [2, 3], [2, 3, 4]] as [[Float]], [0.02, 0.4])
  func sharesOfReadsAreNoNormalization(parts: [Float], density: Double) {
    var generator = RandomGenerator(seed: 5)
    let values = simulatedCounts(cells: 60, genes: 120, density: 2).densified()
    var shared = values
    for i in 0..<60 {
      for j in 0..<120 where values[i, j] > 0 && generator.uniform() < density {
        shared[i, j] += 1 / parts[(i + j) % parts.count]
      }
    }
    let stored = SparseMatrix(shared)
    #expect(throws: PreprocessingFault.self) { try CountRecovery(of: stored) }
    let used = try? CountRecovery(of: stored, allowingNonInteger: true)
    #expect(used?.counts == stored && used?.isNonInteger == true)
  }

  /// Cells that were brought to one total have one unit; a half is one as good as another.
  @Test(arguments: ValueTransform.allCases, [Float(0.5), 0.25, 10])
  func aUnitThatAllCellsShareIsOne(transform: ValueTransform, unit: Float) throws {
    let counts = simulatedCounts(cells: 60, genes: 120)
    let stored = counts.mapEntries { _, c in
      let y = Double(c * unit)
      return switch transform {
      case .naturalLog: Float(log1p(y))
      case .log2: Float(log2(1 + y))
      case .log10: Float(log10(1 + y))
      case .scaled: Float(y)
      }
    }
    if transform == .scaled && unit == 10 { return }
    if transform == .scaled && unit == 0.5 {
      // Without a logarithm halves may as well be shares of reads.
      #expect(throws: PreprocessingFault.self) { try CountRecovery(of: stored) }
      return
    }
    #expect(try CountRecovery(of: stored).counts == counts)
  }

  /// The logarithm of plain counts: an even cell stays even.
  @Test func countsUnderALogarithmAlone() throws {
    var counts = simulatedCounts(cells: 60, genes: 100).densified()
    for j in 0..<100 { counts[7, j] *= 2 }
    let all = SparseMatrix(counts)
    let recovery = try CountRecovery(of: all.mapEntries { _, c in log1p(c) })
    #expect(recovery.counts == all)
    #expect(recovery.note == "the values are log1p of counts; the counts were restored")
  }

  @Test func roundingErrorsOfWholeNumbersAreTakenOut() throws {
    let counts = SparseMatrix(Matrix<Float>([[1, 0, 12, 3], [7, 2, 0, 1], [5, 5, 1, 900]]))
    let nearly = counts.mapEntries { row, x in row == 1 ? x * (1 - 0x1p-22) : x * (1 + 0x1p-22) }
    let recovery = try CountRecovery(of: nearly)
    #expect(recovery.counts == counts)
    #expect(recovery.note?.contains("whole numbers but for rounding errors") == true)
  }
}
