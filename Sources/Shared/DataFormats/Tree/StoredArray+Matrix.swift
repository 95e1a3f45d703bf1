import CellData
import Tensors

/// Above this share of values that are not zero a matrix is kept dense.
let denseShare = 0.4

extension StoredArray {
  /// A two-dimensional dataset, read by blocks of rows. It is sparse if less than 40 % of its first
  /// block is not zero, else dense. One dimension is read as one column.
  func matrixValues() throws -> MatrixValues {
    let (rows, columns) = try matrixShape()
    guard rows > 0, columns > 0 else { return .dense(.zeros(rows, columns)) }
    if shape.count == 1 { return .dense(try denseMatrix()) }
    let blockRows = rowsAtOnce(rows: rows, columns: columns)
    var block = Buffer<Float>(uninitializedCount: blockRows * columns)
    let packed = try rowReader()
    func readRows(from begin: Int, _ size: Int) throws {
      if let packed { return try packed.read(size, into: &block) }
      try read(into: &block, at: 0, start: [begin, 0], extent: [size, columns])
    }
    try readRows(from: 0, blockRows)
    if Self.share(of: block.span) >= denseShare { return .dense(try denseMatrix()) }
    var builder = RowBuilder<Float>(columns: columns)
    for begin in stride(from: 0, to: rows, by: blockRows) {
      let size = min(blockRows, rows - begin)
      if begin > 0 { try readRows(from: begin, size) }
      let span = block.span
      for i in 0..<size { builder.append(row: span, from: i * columns) }
      try checkBudget(builder.entryCount, size: 8)
      tree.progress(begin + size, rows)
    }
    return .sparse(builder.matrix)
  }

  /// The same as a dense matrix, zeros included.
  func denseMatrix() throws -> Matrix<Float> {
    let (rows, columns) = try matrixShape()
    return Matrix(rows: rows, columns: columns, elements: try numbers(Float.self))
  }

  /// Which part of the values is not zero.
  static func share(of values: Span<Float>) -> Double {
    var filled = 0
    for k in values.indices where values[k] != 0 { filled += 1 }
    return Double(filled) / Double(max(1, values.count))
  }

  private func matrixShape() throws -> (Int, Int) {
    guard type.kind.isNumeric, type.dimensions.isEmpty else {
      throw FormatFault(path, "holds \(type.kind.name) where a matrix of numbers is needed")
    }
    guard shape.count == 1 || shape.count == 2, !isNull else {
      throw FormatFault(path, "has \(shape.count) dimensions where a matrix is needed")
    }
    let columns = shape.count == 2 ? shape[1] : 1
    guard columns <= Int(Int32.max), shape[0] <= Int(Int32.max) else {
      throw FormatFault(path, "claims the dimensions \(shape)")
    }
    return (shape[0], columns)
  }

  /// How many rows to read at once: whole rows of chunks if they are small, else what the chunk
  /// cache serves.
  private func rowsAtOnce(rows: Int, columns: Int) -> Int {
    let most = 1 << 22
    guard let chunk, chunk.count == 2, chunk[1] > 0 else {
      return max(1, min(rows, most / columns))
    }
    let band = chunk[0] * ((columns + chunk[1] - 1) / chunk[1]) * chunk[1]
    if band <= most { return min(rows, chunk[0] * max(1, most / band)) }
    return min(rows, cacheBytes < largestChunkCache ? max(1, most / columns) : chunk[0])
  }
}
