import CellData
import Tensors

/// Where a matrix holds a value that is not a finite number.
struct NonFiniteValue {
  let row: Int
  let column: Int
  let value: Float

  /// The first such value in row order; nil if all are finite.
  init?(in matrix: MatrixValues) {
    switch matrix {
    case .sparse(let sparse):
      guard let k = NonFiniteValue.position(in: sparse.values) else { return nil }
      row = (0..<sparse.rows).first { sparse.indptr[$0 + 1] > k } ?? 0
      column = Int(sparse.indices[k])
      value = sparse.values[k]
    case .dense(let dense):
      guard let k = NonFiniteValue.position(in: dense.elements) else { return nil }
      (row, column) = (k / dense.columns, k % dense.columns)
      value = dense.elements[k]
    }
  }

  private static func position(in values: Buffer<Float>) -> Int? {
    let span = values.span
    for k in span.indices where !span[k].isFinite { return k }
    return nil
  }
}

extension DataFormats {
  /// Throws, naming cell and gene, if a matrix holds NaN or an infinite value. Readers do this for `x`; who takes the counts from
  /// a layer or from `raw` does it for these.
  package static func checkFinite(
    _ matrix: MatrixValues, named name: String, cells: [String], genes: [String]
  ) throws(FormatFault) {
    guard let found = NonFiniteValue(in: matrix) else { return }
    throw FormatFault(
      name, "cell \(cells[found.row]), gene \(genes[found.column]): the value is \(found.value)",
      "remove or replace it")
  }
}
