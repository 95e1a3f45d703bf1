import Foundation
import Markers
import Tensors
import TestSupport
import Testing

@Suite struct MarkerGenesTests {
  /// 30 cells × 6 genes in 3 clusters by a rule, quarters from 0 to 5 quarters, most of them tied.
  private static let values = Matrix<Float>(
    (0..<30).map { i in
      (0..<6).map { j in
        let mixed = (i * 7919 + j * 104_729 + i * j * 31) % 97
        return Float(max(0, mixed % 7 - 3) + (j == i % 3 && mixed % 3 != 0 ? 2 : 0)) / 4
      }
    })
  private static let labels = (0..<30).map { $0 % 3 }

  private func markers() throws -> MarkerGenes {
    try MarkerGenes(SparseMatrix(Self.values), labels: Self.labels)
  }

  /// scanpy 1.11 `rank_genes_groups(method="wilcoxon", tie_correct=True, pts=True)` on the same
  /// values: gene, score, log fold change, p, adjusted p, shares in and out.
  private static let reference: [[(Int, [Double])]] = [
    [
      (0, [1.642577767, 1.125210166, 0.1004703229, 0.3014109686, 0.8, 0.55]),
      (4, [0.3667159975, 0.1885969043, 0.7138308686, 0.8565970424, 0.5, 0.4]),
      (3, [0.1466864049, -0.09678941965, 0.8833795529, 0.8833795529, 0.5, 0.4]),
      (1, [-0.6947930455, -0.6213399172, 0.4871850138, 0.7307775207, 0.5, 0.6]),
      (2, [-1.040283442, -0.9806867838, 0.2982082282, 0.5964164564, 0.4, 0.55]),
      (5, [-2.563323975, -3.03096509, 0.01036752819, 0.06220516917, 0.2, 0.65]),
    ],
    [
      (5, [3.34656167, 2.044351816, 0.0008182045473, 0.004909227284, 1, 0.25]),
      (1, [1.389586091, 1.098084927, 0.1646546083, 0.3810052877, 0.7, 0.5]),
      (3, [0.7823274732, 0.7269141078, 0.4340221457, 0.5208265748, 0.5, 0.4]),
      (4, [-0.3911637366, -0.3998388946, 0.6956762115, 0.6956762115, 0.4, 0.45]),
      (0, [-1.140679002, -0.846143961, 0.2540035251, 0.3810052877, 0.5, 0.7]),
      (2, [-1.229425907, -1.250408053, 0.2189121636, 0.3810052877, 0.4, 0.55]),
    ],
  ]

  @Test("scanpy's genes, scores, fold changes, p-values and shares")
  func reference() throws {
    let markers = try markers()
    #expect(markers.clusters == [0, 1, 2])
    for (ranking, expected) in zip(markers.ranking, Self.reference) {
      #expect(ranking.map(\.gene) == expected.map(\.0))
      for (entry, (gene, numbers)) in zip(ranking, expected) {
        assertClose(
          [
            entry.score, entry.logFoldChange, entry.pValue, entry.adjustedPValue, entry.fractionIn,
            entry.fractionOut,
          ], numbers, tolerance: 2e-6, scale: 1e-3, "gene \(gene)")
      }
    }
  }

  @Test(
    "scores by the definition: ranks of a whole column, negative values too", arguments: [0, 1])
  func definition(_ shift: Float) throws {
    var values = Self.values
    for i in values.elements.indices where values.elements[i] != 0 && i % 5 == 0 {
      values.elements[i] -= shift
    }
    let ranking = try MarkerGenes(SparseMatrix(values), labels: Self.labels).ranking
    for (cluster, entries) in ranking.enumerated() {
      for entry in entries {
        let column = (0..<30).map { Double(values[$0, entry.gene]) }
        let sum = (0..<30).filter { Self.labels[$0] == cluster }.reduce(0.0) { sum, i in
          let below = column.count { $0 < column[i] }
          let equal = column.count { $0 == column[i] }
          return sum + Double(below) + Double(equal + 1) / 2
        }
        let runs = Dictionary(grouping: column) { $0 }.values.map { Double($0.count) }
        let ties = 1 - runs.reduce(0) { $0 + $1 * $1 * $1 - $1 } / (30 * 30 * 30 - 30)
        let score = (sum - 10 * 31 / 2) / (ties * 10 * 20 * 31 / 12).squareRoot()
        assertClose([entry.score], [score], tolerance: 1e-12)
      }
    }
  }

  @Test("cells without a cluster are as if they were not there; the threads change nothing")
  func leftOut() throws {
    let some = (0..<30).map { $0 < 24 ? Self.labels[$0] : -1 }
    let part = try MarkerGenes(SparseMatrix(Self.values), labels: some)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 3
    let rows = Self.values.selectingRows(Array(0..<24))
    let alone = try MarkerGenes(SparseMatrix(rows), labels: Array(some.prefix(24)))
    #expect(part.ranking == alone.ranking)
  }

  @Test("constant genes, single cells and no values have defined results")
  func degenerate() throws {
    for values in [Matrix<Float>.zeros(4, 2), Matrix(repeating: 3, rows: 4, columns: 2)] {
      let markers = try MarkerGenes(SparseMatrix(values), labels: [0, 0, 0, 7])
      #expect(markers.clusters == [0, 7])
      for entry in markers.ranking.joined() {
        #expect(entry.score == 0 && entry.pValue == 1 && entry.adjustedPValue == 1)
        #expect(entry.logFoldChange == 0)
      }
    }
    let none = try MarkerGenes(SparseMatrix(Matrix<Float>.zeros(3, 0)), labels: [0, 1, 1])
    #expect(none.ranking == [[], []])
  }

  @Test("faults")
  func faults() {
    let values = SparseMatrix(Self.values)
    #expect(throws: MarkersFault.tooFewClusters(1)) {
      try MarkerGenes(values, labels: Array(repeating: 3, count: 30))
    }
    #expect(throws: MarkersFault.unequalCounts(labels: 2, cells: 30)) {
      try MarkerGenes(values, labels: [0, 1])
    }
    var broken = values
    let place = broken.indptr[4]
    broken.values[place] = .nan
    #expect(throws: MarkersFault.notFinite(row: 4, column: Int(broken.indices[place]))) {
      try MarkerGenes(broken, labels: Self.labels)
    }
  }
}
