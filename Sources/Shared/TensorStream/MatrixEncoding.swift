import CellData
import Tensors

extension Encoder {
  /// A matrix of cells × genes, in the narrowest type that holds its values.
  mutating func encode(
    _ matrix: MatrixValues, named name: String, rows: Int, columns: Int
  ) throws {
    switch matrix {
    case .sparse(let matrix):
      try encode(
        matrix, named: name, rows: rows, columns: columns, values: Tensor.narrowest(matrix.values))
    case .dense(let matrix):
      guard matrix.columns == columns else {
        throw StreamFault.unwritable(name, "\(matrix.columns) columns beside \(columns)")
      }
      try encode(matrix, named: name, rows: rows, mustBeFinite: true, isNarrow: true)
    }
  }

  /// A dense matrix. (rows, any)
  mutating func encode(
    _ matrix: Matrix<Float>, named name: String, rows: Int, mustBeFinite: Bool,
    isNarrow: Bool = false
  ) throws {
    guard matrix.rows == rows else {
      throw StreamFault.unwritable(name, "\(matrix.rows) rows beside \(rows)")
    }
    if mustBeFinite { try requireFinite(matrix, named: name) }
    let tensor = isNarrow ? Tensor.narrowest(matrix.elements) : Tensor(matrix.elements)
    try put(
      name,
      Tensor(
        elementType: tensor.elementType, shape: [matrix.rows, matrix.columns], bytes: tensor.bytes))
  }

  /// A sparse matrix, its values already in the form to be stored. (rows, columns)
  mutating func encode(
    _ matrix: SparseMatrix<Float>, named name: String, rows: Int, columns: Int, values: Tensor
  ) throws {
    try requireSize(matrix.rows, matrix.columns, of: name, rows, columns)
    if let problem = matrix.structuralFault() { throw StreamFault.unwritable(name, problem) }
    try requireFinite(matrix, named: name)
    try put(name + ".indptr", Tensor(matrix.indptr))
    try put(
      name + ".indices",
      columns < 65_536
        ? Tensor(matrix.indices.converted { UInt16(truncatingIfNeeded: $0) })
        : Tensor(matrix.indices.converted { UInt32(truncatingIfNeeded: $0) }))
    try put(name + ".data", values)
    try noteRows(name, rows, columns)
  }

  /// A matrix of compressed rows that was not decoded, as it came. (rows, columns)
  mutating func encode(_ matrix: StoredMatrix, named name: String, rows: Int, columns: Int) throws {
    try requireSize(matrix.rows, matrix.columns, of: name, rows, columns)
    try put(name + ".indptr", matrix.indptr)
    try put(name + ".indices", matrix.indices)
    try put(name + ".data", matrix.data)
    try noteRows(name, rows, columns)
  }

  private mutating func noteRows(_ name: String, _ rows: Int, _ columns: Int) throws {
    try note(name + ".encoding", "csr_matrix")
    try note(name + ".shape", "[\(rows),\(columns)]")
  }

  private func requireSize(
    _ ownRows: Int, _ ownColumns: Int, of name: String, _ rows: Int, _ columns: Int
  ) throws {
    guard (ownRows, ownColumns) == (rows, columns) else {
      throw StreamFault.unwritable(
        name, "\(ownRows) × \(ownColumns) beside \(rows) × \(columns)")
    }
  }
}

extension Tensor {
  /// Whether `narrowest` of these values would have this type. False if a value is not finite.
  var isNarrowest: Bool {
    switch elementType {
    case .uint8: return true
    case .uint16: return bytes.reinterpreted(as: UInt16.self).contains { $0 > 255 }
    case .float32:
      let values = bytes.reinterpreted(as: Float.self)
      return values.firstNonFinite == nil && Tensor.narrowest(values).elementType == .float32
    default: return false
    }
  }

  /// Values as U8 or U16 if all of them are counts that fit, else unchanged.
  static func narrowest(_ values: Buffer<Float>) -> Tensor {
    let (count, size) = (values.count, 1 << 16)
    // The largest value of each tile; −1 if one does not fit.
    let largest = parallelMap(tileCount(count, of: size), tileSize: 1) { number in
      let span = values.span
      var largest: Float = 0
      for i in tile(number, of: size, in: count) {
        let value = span[i]
        // The sign matters too: −0 must come back as −0.
        guard value.sign == .plus, value <= 65_535, value == value.rounded(.towardZero) else {
          return Float(-1)
        }
        largest = max(largest, value)
      }
      return largest
    }
    if largest.contains(-1) { return Tensor(values) }
    return (largest.max() ?? 0) <= 255
      ? Tensor(values.converted { UInt8($0) }) : Tensor(values.converted { UInt16($0) })
  }
}

extension Buffer where Element: Sendable {
  /// The elements in another form, one by one, by tiles in parallel.
  @inline(__always)
  func converted<Other: BitwiseCopyable>(
    _ transform: @escaping @Sendable (Element) -> Other
  ) -> Buffer<Other> {
    var result = Buffer<Other>(spooledCount: count)
    // SAFETY: every tile writes its own elements.
    let target = unsafe SharedPointer(result.mutablePointer())
    let (source, count, size) = (self, count, 1 << 16)
    parallelTiles(tileCount(count, of: size)) { number in
      let span = source.span
      for i in tile(number, of: size, in: count) { unsafe target.pointer[i] = transform(span[i]) }
    }
    return result
  }
}
