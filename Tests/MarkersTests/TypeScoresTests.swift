import Foundation
import Markers
import Tensors
import TestSupport
import Testing

@Suite struct TypeScoresTests {
  private static let (cells, genes, clusters) = (60, 120, 4)

  /// 60 cells × 120 genes by a rule: every cluster has 10 genes that are higher in it, gene 119 is
  /// constant.
  private static let values = Matrix<Float>(
    (0..<cells).map { i in
      (0..<genes).map { j in
        if j == 119 { return 1 }
        let mixed = (i * 7919 + j * 104_729 + i * j * 31) % 97
        let level = mixed % (3 + j % 5) + (j / 10 == i % clusters && mixed % 4 != 0 ? 3 : 0)
        return Float(level) / 4
      }
    })
  private static let labels = (0..<cells).map { $0 % clusters }

  private static let types = [
    Array(0..<8), [10, 12, 14], [25, 3, 60], Array(70..<90), [119, 30],
  ]

  private func scores(_ types: [[Int]] = Self.types) throws -> TypeScores {
    try TypeScores(SparseMatrix(Self.values), labels: Self.labels, types: types)
  }

  /// scanpy 1.11.5: `score_genes` with `ctrl_size` of all genes. The genes of its values are
  /// standardized (ddof 1) after the bins are made from the values themselves. Means over the
  /// clusters. (T, K)
  private static let reference: [[Double]] = [
    [0.965802751, -0.262723738, -0.336208730, -0.366870284],
    [-0.377371070, 1.132495668, -0.570027369, -0.185097229],
    [0.130934954, -0.234240230, 0.365224690, -0.261919413],
    [-0.078214482, 0.028338996, 0.001907930, 0.047967556],
    [0.018644990, 0.077446386, -0.562092129, 0.466000752],
  ]

  @Test("scanpy's score_genes of standardized values, averaged over the clusters")
  func reference() throws {
    let found = try scores()
    #expect(found.clusters == [0, 1, 2, 3])
    for (cluster, ranking) in found.ranking.enumerated() {
      #expect(ranking.map(\.type).sorted() == Array(Self.types.indices))
      #expect(zip(ranking, ranking.dropFirst()).allSatisfy { $0.score >= $1.score })
      for entry in ranking {
        assertClose(
          [entry.score], [Self.reference[entry.type][cluster]], tolerance: 1e-5, scale: 1e-2,
          "type \(entry.type) in cluster \(cluster)")
      }
    }
    #expect(found.ranking[0][0].type == 0 && found.ranking[1][0].type == 1)
  }

  @Test(
    "evidence are the genes that are higher in the cluster, highest first; noise has no support")
  func evidence() throws {
    let found = try scores()
    let best = found.ranking[0][0]
    #expect(best.isSupported && (best.deviations ?? 0) > 4)
    #expect(Set(best.evidence).isSubset(of: 0..<8) && best.evidence.count > 5)
    func mean(_ gene: Int, _ isOwn: Bool) -> Double {
      let rows = (0..<Self.cells).filter { (Self.labels[$0] == 0) == isOwn }
      return rows.reduce(0) { $0 + Double(Self.values[$1, gene]) } / Double(rows.count)
    }
    #expect(best.evidence.allSatisfy { mean($0, true) > mean($0, false) })
    let others = found.ranking[2].filter { $0.type == 3 }
    #expect(others.allSatisfy { !$0.isSupported })
  }

  @Test("cells without a cluster have no say, and a type alone has a score")
  func leftOut() throws {
    let rows = (0..<Self.cells).filter { $0 % 7 != 3 }
    let part = Matrix<Float>(rows.map { i in (0..<Self.genes).map { Self.values[i, $0] } })
    let cut = try TypeScores(
      SparseMatrix(part), labels: rows.map { Self.labels[$0] }, types: [Self.types[0]])
    let marked = try TypeScores(
      SparseMatrix(Self.values),
      labels: (0..<Self.cells).map { $0 % 7 == 3 ? -1 : Self.labels[$0] }, types: [Self.types[0]])
    for (one, other) in zip(cut.ranking, marked.ranking) {
      assertClose([one[0].score], [other[0].score], tolerance: 1e-9)
    }
  }

  @Test("without control genes the score is the mean of the genes")
  func few() throws {
    let part = Matrix<Float>((0..<Self.cells).map { i in [Self.values[i, 0], Self.values[i, 11]] })
    let found = try TypeScores(SparseMatrix(part), labels: Self.labels, types: [[0, 1]])
    #expect(found.ranking[0][0].deviations == nil && found.ranking[0][0].score.isFinite)
  }

  @Test func refusals() throws {
    #expect(throws: MarkersFault.tooFewClusters(1)) {
      try TypeScores(
        SparseMatrix(Self.values), labels: Array(repeating: 0, count: Self.cells), types: [[1]])
    }
    #expect(throws: MarkersFault.unequalCounts(labels: 2, cells: Self.cells)) {
      try TypeScores(SparseMatrix(Self.values), labels: [0, 1], types: [[1]])
    }
    var bad = SparseMatrix(Self.values)
    bad.values[5] = .nan
    #expect(throws: MarkersFault.self) {
      try TypeScores(bad, labels: Self.labels, types: [[1]])
    }
  }
}
