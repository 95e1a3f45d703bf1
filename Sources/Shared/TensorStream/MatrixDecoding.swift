import CellData
import Tensors

extension Parts {
  /// The numbers of rows and columns by the tensors or `….shape`, as far as these show them.
  var dimensions: (rows: Int?, columns: Int?) {
    if let dense = tensors[""] {
      return dense.shape.count == 2 ? (dense.shape[0], dense.shape[1]) : (nil, nil)
    }
    if let shape = try? storedShape() { return (shape.rows, shape.columns) }
    guard let indptr = tensors[".indptr"], indptr.count > 0 else { return (nil, nil) }
    return (indptr.count - 1, nil)
  }

  /// One more than the largest column of a sparse matrix.
  var columnBound: Int { Int(tensors[".indices"]?.narrowIntegers?.max() ?? -1) + 1 }

  /// A matrix of cells × genes, sparse or dense.
  func matrix(rows: Int, columns: Int) throws -> MatrixValues {
    if tensors[""] != nil {
      return .dense(try dense(rows: rows, columns: columns, mustBeFinite: true))
    }
    return .sparse(try sparse(rows: rows, columns: columns))
  }

  /// A graph of cells. (count, count)
  func graph(count: Int) throws -> SparseMatrix<Float> {
    if tensors[""] != nil {
      return SparseMatrix(try dense(rows: count, columns: count, mustBeFinite: true))
    }
    return try sparse(rows: count, columns: count)
  }

  /// A dense matrix. (rows, columns or any)
  func dense(rows: Int, columns: Int?, mustBeFinite: Bool) throws -> Matrix<Float> {
    try require([""], texts: [".encoding"])
    if let encoding = texts[".encoding"], encoding != "array" {
      throw StreamFault.metadata(name + ".encoding", "\(shown(encoding)), not \"array\"")
    }
    let tensor = try tensor("")
    guard tensor.shape.count == 2, tensor.shape[0] == rows,
      columns.map({ $0 == tensor.shape[1] }) ?? true
    else {
      let expected = "[\(rows),\(columns.map(String.init) ?? "any")]"
      throw StreamFault.tensor(name, "shape \(shownShape(tensor.shape)), not \(expected)")
    }
    let matrix = Matrix(rows: rows, columns: tensor.shape[1], elements: tensor.floats)
    if mustBeFinite { try requireFinite(matrix, named: name) }
    return matrix
  }

  /// A sparse matrix in compressed rows. (rows, columns)
  func sparse(rows: Int, columns: Int) throws -> SparseMatrix<Float> {
    if let encoding = texts[".encoding"], encoding != "csr_matrix" {
      throw StreamFault.metadata(
        name + ".encoding", "\(shown(encoding)), not \"csr_matrix\"",
        remedy: "store the matrix by rows")
    }
    try require([".indptr", ".indices", ".data"], texts: [".encoding", ".shape"])
    if let shape = try storedShape(), shape != (rows, columns) {
      throw StreamFault.metadata(
        name + ".shape", "[\(shape.rows),\(shape.columns)], not [\(rows),\(columns)]")
    }
    guard let indptr = try tensor(".indptr").integers, indptr.count == rows + 1 else {
      throw StreamFault.tensor(name + ".indptr", "not \(rows + 1) whole numbers")
    }
    let data = try tensor(".data")
    guard let indices = try tensor(".indices").narrowIntegers, indices.count == data.count else {
      throw StreamFault.tensor(name + ".indices", "not \(data.count) whole numbers, one per value")
    }
    for ending in [".indptr", ".indices", ".data"] where try tensor(ending).shape.count != 1 {
      throw StreamFault.tensor(name + ending, "it has more dimensions than one, or none")
    }
    let matrix = SparseMatrix(
      rows: rows, columns: columns, indptr: indptr, indices: indices, values: data.floats)
    if let problem = matrix.structuralFault() { throw StreamFault.tensor(name, problem) }
    try requireFinite(matrix, named: name)
    return matrix
  }

  /// The matrix in its stored form, if it is sound and has the bytes that `Encoder` would give it.
  /// Nil otherwise, and for a dense matrix.
  func stored(rows: Int, columns: Int) -> StoredMatrix? {
    guard texts.count == 2, texts[".encoding"] == "csr_matrix", tensors.count == 3,
      let shape = try? storedShape(), shape == (rows, columns),
      let starts = tensors[".indptr"], let indptr = starts.values(Int.self),
      let indices = tensors[".indices"], let data = tensors[".data"],
      [starts, indices, data].allSatisfy({ $0.shape.count == 1 }),
      indptr.count == rows + 1, indices.count == data.count, data.isNarrowest
    else { return nil }
    if columns < 65_536 {
      guard let narrow = indices.values(UInt16.self),
        areCompressedRows(indptr: indptr, indices: narrow, columns: columns)
      else { return nil }
    } else {
      guard let wide = indices.values(UInt32.self),
        areCompressedRows(indptr: indptr, indices: wide, columns: columns)
      else { return nil }
    }
    return StoredMatrix(
      rows: rows, columns: columns, indptr: starts, indices: indices, data: data
    ) {
      SparseMatrix(
        rows: rows, columns: columns, indptr: indptr,
        indices: indices.narrowIntegers ?? Buffer([]), values: data.floats)
    }
  }

  /// `[rows,columns]` of the metadata, if it is there.
  private func storedShape() throws -> (rows: Int, columns: Int)? {
    guard let text = texts[".shape"] else { return nil }
    var scanner = JSONScanner(text: text, label: "metadata \(shown(name + ".shape"))")
    var numbers: [Int] = []
    try scanner.elements { scanner in
      numbers.append(Int(try scanner.plainInteger(below: Header.numberLimit)))
    }
    try scanner.end()
    guard numbers.count == 2 else {
      throw StreamFault.metadata(name + ".shape", "\(numbers.count) numbers, not 2")
    }
    return (numbers[0], numbers[1])
  }
}
