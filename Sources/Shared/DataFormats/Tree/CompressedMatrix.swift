import Tensors

/// A matrix in compressed rows or columns, as three arrays of an HDF5 group.
struct CompressedMatrix {
  let data: any StoredArray
  let indices: any StoredArray
  let indptr: any StoredArray

  /// The arrays `data`, `indices` and `indptr` of a group.
  init(in group: any StoredGroup) throws {
    data = try group.required("data")
    indices = try group.required("indices")
    indptr = try group.required("indptr")
    for array in [data, indices, indptr] where array.shape.count != 1 {
      throw FormatFault(array.path, "has the dimensions \(array.shape) where a list is needed")
    }
  }

  /// The matrix with a row for each of the `majors` that `indptr` runs over. (majors, minors)
  func matrix(majors: Int, minors: Int) throws -> SparseMatrix<Float> {
    guard (0...Int(Int32.max)).contains(minors), (0...Int(Int32.max)).contains(majors) else {
      throw FormatFault(data.path, "belongs to a matrix of \(majors) × \(minors)")
    }
    guard indptr.count == majors + 1 else {
      throw FormatFault(indptr.path, "has \(indptr.count) values for \(majors) rows or columns")
    }
    guard data.count == indices.count else {
      throw FormatFault(indices.path, "has \(indices.count) values for \(data.count) entries")
    }
    let starts = try indptr.numbers(Int.self)
    try check(starts)
    let (entries, total) = (data.count, 2 * data.count)
    let matrix = SparseMatrix(
      rows: majors, columns: minors, indptr: starts,
      indices: try indices.numbers(Int32.self, tellingOf: total, before: 0),
      values: try data.numbers(Float.self, tellingOf: total, before: entries))
    try checkRange(matrix)
    if matrix.structuralFault() == nil { return matrix }
    // The entries of a row may come in any order: turning the matrix over twice sorts them.
    let sorted = matrix.transposed().transposed()
    let (merged, count) = sorted.mergingRepetitions()
    if count > 0 {
      let entries =
        count == 1
        ? "1 entry is repeated" : "\(count) entries are repeated"
      data.tree.announce("\(data.path): \(entries); repeated entries are added up, as in SciPy")
    }
    return merged
  }

  private func check(_ starts: Buffer<Int>) throws {
    let span = starts.span
    guard span[0] == 0 else { throw FormatFault(indptr.path, "begins at \(span[0]), not at 0") }
    for i in 1..<span.count where span[i] < span[i - 1] {
      throw FormatFault("\(indptr.path)[\(i)]", "falls from \(span[i - 1]) to \(span[i])")
    }
    guard span[span.count - 1] == data.count else {
      throw FormatFault(
        indptr.path, "ends at \(span[span.count - 1]), but there are \(data.count) entries")
    }
  }

  private func checkRange(_ matrix: SparseMatrix<Float>) throws {
    let size = 1 << 20
    let found = parallelMap(tileCount(matrix.entryCount, of: size), tileSize: 1) { number in
      let span = matrix.indices.span
      for k in tile(number, of: size, in: span.count)
      where span[k] < 0 || Int(span[k]) >= matrix.columns { return k }
      return -1
    }
    guard let k = found.first(where: { $0 >= 0 }) else { return }
    throw FormatFault(
      "\(indices.path)[\(k)]", "index \(matrix.indices[k]) in a matrix of \(matrix.columns)")
  }
}

extension SparseMatrix where Element == Float {
  /// Adds up the entries of a row that have the same column; columns must not fall. Returns how
  /// many were added to another.
  func mergingRepetitions() -> (matrix: SparseMatrix, count: Int) {
    var starts = Buffer<Int>(repeating: 0, count: rows + 1)
    var (newIndices, newValues) = (indices, values)
    var k = 0
    for i in 0..<rows {
      let begin = k
      for old in range(ofRow: i) {
        if k > begin, newIndices[k - 1] == indices[old] {
          newValues[k - 1] += values[old]
        } else {
          newIndices[k] = indices[old]
          newValues[k] = values[old]
          k += 1
        }
      }
      starts[i + 1] = k
    }
    if k == entryCount { return (self, 0) }
    return (
      SparseMatrix(
        rows: rows, columns: columns, indptr: starts, indices: newIndices.slice(0..<k),
        values: newValues.slice(0..<k)), entryCount - k
    )
  }
}
