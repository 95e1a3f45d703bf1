// Counting programs and people put lines into tables that are no genes or cells. These are the
// number of reads on no gene, and sums of all others.

import CellData
import Tensors

extension CellData {
  /// The object without the lines of counting programs that are no genes. On request it also leaves
  /// out genes and cells that are the sums of all others. A message names what is left out.
  func withoutSummaries(_ options: ReadingOptions, andSums: Bool) -> CellData {
    guard history.isEmpty else { return self }
    // A sum may count the lines that are no genes, or not.
    var result = andSums ? withoutSums(options) : self
    let isLine = result.var.index.map(CellData.isSummary)
    if isLine.contains(true), isLine.contains(false) {
      let names = zip(result.var.index, isLine).filter(\.1).map(\.0)
      options.announce?(
        "these lines are not genes, but read statistics of a counting program; left out: \(listed(names))"
      )
      result = result.selectingGenes(isLine.indices.filter { !isLine[$0] })
      if let raw = result.raw {
        let kept = raw.var.index.indices.filter { !CellData.isSummary(raw.var.index[$0]) }
        result.raw = RawValues(x: raw.x.selectingColumns(kept), var: raw.var.selectingRows(kept))
      }
      if andSums { result = result.withoutSums(options) }
    }
    return result
  }

  /// What HTSeq, STAR, featureCounts and counters of antibody tags call reads that they give to no
  /// gene or antibody.
  private static func isSummary(_ name: String) -> Bool {
    let ofHTSeq = [
      "__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned", "__alignment_not_unique",
    ]
    let ofSTAR = ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"]
    // CITE-seq-Count and kite.
    let ofTags = ["unmapped", "no_match", "bad_struct", "total_reads", "ambiguous"]
    return ofSTAR.contains(name) || ofTags.contains(name) || name.hasPrefix("Unassigned_")
      || ofHTSeq.contains { name == $0 || name.hasPrefix($0 + "[") }
  }

  private func withoutSums(_ options: ReadingOptions) -> CellData {
    guard let values = x?.sparse() else { return self }
    var result = self
    let sums = SumLines(of: values)
    if !sums.columns.isEmpty {
      let names = sums.columns.map { self.var.index[$0] }
      options.announce?(
        "these lines are not genes, but the sums of all others; left out: \(listed(names))")
      let left = Set(sums.columns)
      result = result.selectingGenes((0..<values.columns).filter { !left.contains($0) })
    }
    if !sums.rows.isEmpty {
      let names = sums.rows.map { obs.index[$0] }
      options.announce?(
        "these lines are not cells, but the sums of all others; left out: \(listed(names))")
      let left = Set(sums.rows)
      result = result.selectingCells((0..<values.rows).filter { !left.contains($0) })
    }
    return result
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", …" : "")
  }
}

/// The rows and columns of a matrix that are the sums of all others.
private struct SumLines {
  private(set) var rows: [Int] = []
  private(set) var columns: [Int] = []

  /// By chance no line of a matrix of five others by five is their sum.
  private static let fewest = 6

  init(of matrix: SparseMatrix<Float>) {
    guard matrix.rows >= Self.fewest, matrix.columns >= Self.fewest else { return }
    var (rowSums, columnSums) = (
      [Double](repeating: 0, count: matrix.rows), [Double](repeating: 0, count: matrix.columns)
    )
    let (column, value) = (matrix.indices.span, matrix.values.span)
    for i in 0..<matrix.rows {
      for k in matrix.indptr[i]..<matrix.indptr[i + 1] {
        rowSums[i] += Double(value[k])
        columnSums[Int(column[k])] += Double(value[k])
      }
    }
    var (ofRow, ofColumn) = (
      [Share](repeating: Share(), count: matrix.rows),
      [Share](repeating: Share(), count: matrix.columns)
    )
    for i in 0..<matrix.rows {
      for k in matrix.indptr[i]..<matrix.indptr[i + 1] where value[k] != 0 {
        let j = Int(column[k])
        ofColumn[j].take(Double(value[k]), of: rowSums[i])
        ofRow[i].take(Double(value[k]), of: columnSums[j])
      }
    }
    columns = Self.lines(ofColumn, across: rowSums.count { $0 != 0 })
    rows = Self.lines(ofRow, across: columnSums.count { $0 != 0 })
  }

  /// A line of which every value is the same part of its sum: 1/2 for a single such line, 1/3 for
  /// two, ….
  private static func lines(_ shares: [Share], across count: Int) -> [Int] {
    guard count >= fewest else { return [] }
    let found = shares.indices.filter { shares[$0].part > 0 && shares[$0].count == count }
    return found.filter { place in
      found.count { shares[$0].part == shares[place].part } == shares[place].part - 1
    }
  }

  /// Which part of the sums the values of a line are.
  private struct Share {
    /// 0 before the first value, −1 if they are not all the same.
    private(set) var part = 0
    private(set) var count = 0

    mutating func take(_ value: Double, of sum: Double) {
      count += 1
      let ratio = sum / value
      let whole = ratio.rounded()
      let isWhole = abs(ratio - whole) <= 1e-6 && (2...6).contains(whole)
      part = isWhole && (part == 0 || part == Int(whole)) ? Int(whole) : -1
    }
  }
}
