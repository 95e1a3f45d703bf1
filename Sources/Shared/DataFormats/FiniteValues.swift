import CellData
import Tensors

extension DataFormats {
  /// Throws, naming cell and gene, if a matrix holds NaN or an infinite value. Readers call it for
  /// `x`. Code that takes the counts from a layer or from `raw` calls it for these.
  package static func checkFinite(
    _ matrix: MatrixValues, named name: String, cells: [String], genes: [String]
  ) throws(FormatFault) {
    let found: (row: Int, column: Int, value: Float)? =
      switch matrix {
      case .sparse(let values):
        values.firstNonFinite.map { ($0.row, $0.column, values.values[$0.entry]) }
      case .dense(let values):
        values.firstNonFinite.map { ($0.row, $0.column, values[$0.row, $0.column]) }
      }
    guard let found else { return }
    throw FormatFault(
      name, "cell \(cells[found.row]), gene \(genes[found.column]): the value is \(found.value)",
      "remove or replace it")
  }
}
