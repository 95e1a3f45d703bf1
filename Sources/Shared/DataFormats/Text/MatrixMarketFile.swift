import Tensors

/// The entries of a matrix in the order of their file.
struct MatrixMarketTriplets {
  var rows: Int
  var columns: Int
  var rowOf: Buffer<Int32>
  var columnOf: Buffer<Int32>
  let values: Buffer<Float>
  /// Whether rows are cells.
  private var hasCellsInRows = false

  init(
    rows: Int, columns: Int, rowOf: Buffer<Int32>, columnOf: Buffer<Int32>, values: Buffer<Float>
  ) {
    self.rows = rows
    self.columns = columns
    self.rowOf = rowOf
    self.columnOf = columnOf
    self.values = values
  }

  /// From here on rows are cells; until then columns are.
  mutating func swapAxes() { hasCellsInRows = true }

  /// Cells × genes in compressed rows, by counting sort. Entries at one place are added, as SciPy
  /// does; `added` is how many were added to others. (cells, genes)
  func compressed() -> (matrix: SparseMatrix<Float>, added: Int) {
    let cellOf = hasCellsInRows ? rowOf : columnOf
    let geneOf = hasCellsInRows ? columnOf : rowOf
    let cells = hasCellsInRows ? rows : columns
    let genes = hasCellsInRows ? columns : rows
    if let matrix = inStoredOrder(cellOf, geneOf, cells: cells, genes: genes) { return (matrix, 0) }
    var starts = Buffer<Int>(repeating: 0, count: cells + 1)
    var indices = Buffer<Int32>(uninitializedCount: values.count)
    var sorted = Buffer<Float>(uninitializedCount: values.count)
    fill(cellOf.span, geneOf.span, &starts, &indices, &sorted)
    let matrix = SparseMatrix(
      rows: cells, columns: genes, indptr: starts, indices: indices, values: sorted)
    if matrix.structuralFault() == nil { return (matrix, 0) }
    // The genes of a cell may come in any order: turning the matrix over twice sorts them.
    let ordered = matrix.transposed().transposed()
    if ordered.structuralFault() == nil { return (ordered, 0) }
    let summed = ordered.mergingRepetitions().matrix
    return (summed, ordered.entryCount - summed.entryCount)
  }

  /// The matrix on the very arrays that were read, if the file has its entries cell by cell, genes
  /// rising, as 10x writes them.
  private func inStoredOrder(
    _ cellOf: Buffer<Int32>, _ geneOf: Buffer<Int32>, cells: Int, genes: Int
  ) -> SparseMatrix<Float>? {
    let cell = cellOf.span
    for k in cell.indices.dropFirst() where cell[k] < cell[k - 1] { return nil }
    var starts = Buffer<Int>(repeating: 0, count: cells + 1)
    var start = starts.mutableSpan
    for k in cell.indices { start[Int(cell[k]) + 1] += 1 }
    for i in 1..<start.count { start[i] += start[i - 1] }
    let matrix = SparseMatrix(
      rows: cells, columns: genes, indptr: starts, indices: geneOf, values: values)
    return matrix.structuralFault() == nil ? matrix : nil
  }

  private func fill(
    _ cellOf: Span<Int32>, _ geneOf: Span<Int32>, _ starts: inout Buffer<Int>,
    _ indices: inout Buffer<Int32>, _ sorted: inout Buffer<Float>
  ) {
    var start = starts.mutableSpan
    for k in cellOf.indices { start[Int(cellOf[k]) + 1] += 1 }
    for i in 1..<start.count { start[i] += start[i - 1] }
    var next = Buffer(starts)
    var position = next.mutableSpan
    var index = indices.mutableSpan
    var value = sorted.mutableSpan
    let source = values.span
    for k in cellOf.indices {
      let cell = Int(cellOf[k])
      index[position[cell]] = geneOf[k]
      value[position[cell]] = source[k]
      position[cell] += 1
    }
  }
}

/// Reads one Matrix Market file: banner, comments, sizes, then `row column value` in any order,
/// counted from 1.
struct MatrixMarketFile {
  let path: String
  let budget: Int

  /// All entries; `progress` is called with the number read and their total, after every part of
  /// the file.
  func read(progress: (Int, Int) -> Void = { _, _ in }) throws -> MatrixMarketTriplets {
    let lines = try LineReader(path: path, longestLine: 1 << 16)
    var parser = MatrixMarketParser(
      largestCount: try largestCount(), budget: budget)
    while let range = try lines.next() {
      try parser.take(lines.bytes.span, range)
      if let (done, total) = parser.progress { progress(done, total) }
    }
    return try parser.finish()
  }

  /// An entry takes four bytes or more; gzip packs at most 1032 to 1.
  func largestCount() throws -> Int {
    let isPacked = try DataFormats.isPacked(path: path)
    return try FileStatus(reading: path).size / 4 * (isPacked ? 1032 : 1) + 1
  }
}
