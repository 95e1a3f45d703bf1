// The conditions under which three lists are a matrix in compressed rows, for indices of any width.

/// Whether row starts and the columns of entries, stored in 16 bits, are valid compressed rows.
package func areCompressedRows(indptr: Buffer<Int>, indices: Buffer<UInt16>, columns: Int) -> Bool {
  areSound(indptr, indices, columns)
}

/// The same for columns stored in 32 bits.
package func areCompressedRows(indptr: Buffer<Int>, indices: Buffer<UInt32>, columns: Int) -> Bool {
  columns <= Int(Int32.max) && areSound(indptr, indices, columns)
}

@inline(__always)
private func areSound<Index: FixedWidthInteger & BitwiseCopyable & Sendable>(
  _ starts: Buffer<Int>, _ indices: Buffer<Index>, _ columns: Int
) -> Bool {
  let (rows, size) = (starts.count - 1, 1024)
  guard rows >= 0, starts[0] == 0, starts[rows] == indices.count else { return false }
  let found = parallelMap(tileCount(rows, of: size), tileSize: 1) { number in
    tile(number, of: size, in: rows).allSatisfy {
      rowFault($0, from: starts[$0], to: starts[$0 + 1], indices.span, columns) == nil
    }
  }
  return !found.contains(false)
}

/// The error in row `i`, whose entries are `begin..<end`; nil if there is none.
@inline(__always)
func rowFault<Index: FixedWidthInteger & BitwiseCopyable>(
  _ i: Int, from begin: Int, to end: Int, _ columnsOf: Span<Index>, _ columns: Int
) -> String? {
  if begin < 0 || end < begin || end > columnsOf.count {
    return "indptr falls or overshoots at row \(i)"
  }
  var last = -1
  for k in begin..<end {
    let column = Int(columnsOf[k])
    if column <= last { return "row \(i): column indices are not strictly rising" }
    if column >= columns { return "row \(i): column \(column) of \(columns)" }
    last = column
  }
  return nil
}
