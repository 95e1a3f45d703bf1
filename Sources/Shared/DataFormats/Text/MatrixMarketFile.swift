import Tensors

/// The entries of a matrix in the order of their file.
struct MatrixMarketTriplets {
  var rows: Int
  var columns: Int
  var rowOf: Buffer<Int32>
  var columnOf: Buffer<Int32>
  let values: Buffer<Float>
  /// The line of the first entry.
  let firstLine: Int
  /// Whether rows are cells.
  private var hasCellsInRows = false

  init(
    rows: Int, columns: Int, rowOf: Buffer<Int32>, columnOf: Buffer<Int32>, values: Buffer<Float>,
    firstLine: Int
  ) {
    self.rows = rows
    self.columns = columns
    self.rowOf = rowOf
    self.columnOf = columnOf
    self.values = values
    self.firstLine = firstLine
  }

  /// From here on rows are cells; until then columns are.
  mutating func swapAxes() { hasCellsInRows = true }

  /// Cells × genes in compressed rows, by counting sort; throws where an entry stands there twice. (cells, genes)
  func compressed() throws -> SparseMatrix<Float> {
    let cellOf = hasCellsInRows ? rowOf : columnOf
    let geneOf = hasCellsInRows ? columnOf : rowOf
    let cells = hasCellsInRows ? rows : columns
    let genes = hasCellsInRows ? columns : rows
    if let matrix = inStoredOrder(cellOf, geneOf, cells: cells, genes: genes) { return matrix }
    var starts = Buffer<Int>(repeating: 0, count: cells + 1)
    var indices = Buffer<Int32>(uninitializedCount: values.count)
    var sorted = Buffer<Float>(uninitializedCount: values.count)
    fill(cellOf.span, geneOf.span, &starts, &indices, &sorted)
    let matrix = SparseMatrix(
      rows: cells, columns: genes, indptr: starts, indices: indices, values: sorted)
    if matrix.structuralFault() == nil { return matrix }
    // The genes of a cell may come in any order: turning the matrix over twice sorts them.
    let ordered = matrix.transposed().transposed()
    if ordered.structuralFault() == nil { return ordered }
    throw duplicate(in: ordered, cellOf, geneOf)
  }

  /// The matrix on the very arrays that were read, where the file has its entries cell by cell, genes rising, as 10x writes them.
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

  /// The fault that names the line of the second of two entries at one place.
  private func duplicate(
    in matrix: SparseMatrix<Float>, _ cellOf: Buffer<Int32>, _ geneOf: Buffer<Int32>
  ) -> FormatFault {
    for cell in 0..<matrix.rows {
      for k in matrix.range(ofRow: cell).dropFirst()
      where matrix.indices[k] == matrix.indices[k - 1] {
        let gene = matrix.indices[k]
        let places = values.indices.filter { Int(cellOf[$0]) == cell && geneOf[$0] == gene }
        return FormatFault(
          "line \(firstLine + (places.dropFirst().first ?? 0))",
          "the entry \(rowOf[places[0]] + 1) \(columnOf[places[0]] + 1) stands there twice")
      }
    }
    return FormatFault("", "an entry stands there twice")
  }
}

/// Reads one Matrix Market file: banner, comments, sizes, then `row column value` in any order, counted from 1.
struct MatrixMarketFile {
  let path: String
  let budget: Int

  /// All entries; `telling` is called with how many have come of how many, after every part of the file.
  func read(telling: (Int, Int) -> Void = { _, _ in }) throws -> MatrixMarketTriplets {
    let lines = try LineReader(path: path, longestLine: 1 << 16)
    var parser = MatrixMarketParser(
      largestCount: try largestCount(), budget: budget)
    while let range = try lines.next() {
      try parser.take(lines.bytes.span, range)
      if let (done, total) = parser.progress { telling(done, total) }
    }
    return try parser.finish()
  }

  /// An entry takes four bytes or more; gzip packs at most 1032 to 1.
  func largestCount() throws -> Int {
    let bytes = try FileStatus(path).byteCount
    let isPacked = try FileDescriptor(reading: path).read(2, at: 0) == [0x1F, 0x8B]
    return bytes / 4 * (isPacked ? 1032 : 1) + 1
  }
}
