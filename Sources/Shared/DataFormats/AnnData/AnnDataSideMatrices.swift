import CellData
import Tensors

/// Reads `obsm` and `varm`: a matrix a name with one row a cell or gene.
struct AnnDataSideMatrices {
  let parent: any StoredGroup
  let rows: Int

  /// All matrices of the group (or, before AnnData 0.7, of the array of records) of that name.
  func matrices(_ name: String) throws -> [String: Matrix<Float>] {
    switch try parent[name] {
    case nil: return [:]
    case .group(let group):
      var result: [String: Matrix<Float>] = [:]
      for member in try group.names {
        guard let node = try group[member] else { continue }
        if try node.object.text(ownGroupName) == "derived" { continue }
        let found = try matrix(node)
        if let found, case .dataset(let dataset) = node, let loss = try loss(dataset, found) {
          group.tree.omit(node.object.path, loss)
          continue
        }
        result[member] = found
        try say(node, isKept: found != nil)
      }
      return result
    case .dataset(let dataset): return try legacy(dataset)
    }
  }

  /// Reports what is left out, and what is no longer sparse.
  private func say(_ node: StoredNode, isKept: Bool) throws {
    let (tree, path) = (node.object.tree, node.object.path)
    guard case .group(let group) = node, let layout = try AnnDataSparseLayout(group) else {
      if !isKept { tree.omit(path, "not a matrix") }
      return
    }
    if isKept {
      // A copy of a modality's values is left out again once that is read.
      let name = path.split(separator: "/").last ?? ""
      if try parent["uns/\(ownGroupName)/modalities/\(name)"] != nil { return }
      tree.announce("\(path): a sparse matrix; it is kept as a dense one")
    } else if layout.shape[0] != rows {
      tree.omit(path, "a sparse matrix of \(layout.shape[0]) rows where \(rows) belong")
    } else {
      tree.omit(path, "a sparse matrix of \(layout.shape[1]) columns, too many for a dense one")
    }
  }

  private func matrix(_ node: StoredNode) throws -> Matrix<Float>? {
    switch node {
    case .dataset(let dataset):
      guard dataset.type.kind.isNumeric, (1...2).contains(dataset.shape.count) else { return nil }
      return try checked(dataset.denseMatrix(), at: dataset.path)
    case .group(let group):
      if let layout = try AnnDataSparseLayout(group) {
        guard layout.shape[0] == rows, layout.shape[1] <= (1 << 28) / max(1, rows) else {
          return nil
        }
        return try checked(layout.matrix(in: group).densified(), at: group.path)
      }
      guard try group.text("encoding-type") == "dataframe" else { return nil }
      return try numericColumns(of: group)
    }
  }

  /// What the numbers of the file lose in `matrix`, which has single precision; nil if they lose
  /// nothing.
  private func loss(_ dataset: any StoredArray, _ matrix: Matrix<Float>) throws -> String? {
    let tooSmall = "all values are below ±1.2e-38, the smallest normal number in single precision"
    switch matrix.magnitude {
    case .normal: break
    case .vanishing: return tooSmall
    case .zero:
      return try dataset.numbers(Double.self).contains { $0 != 0 } ? tooSmall : nil
    }
    guard matrix.elements.contains(where: { $0.isInfinite }) else { return nil }
    let stored = try dataset.numbers(Double.self)
    let isLost = stored.indices.contains { stored[$0].isFinite && !matrix.elements[$0].isFinite }
    return isLost ? "numbers beyond single precision, ±3.4e38" : nil
  }

  /// The columns of a table that are numbers, side by side.
  private func numericColumns(of group: any StoredGroup) throws -> Matrix<Float>? {
    let reader = AnnDataFrameReader(parent: parent, uns: nil)
    let below = String(group.path.dropFirst(parent.path.isEmpty ? 0 : parent.path.count + 1))
    guard let frame = try reader.frame(below) else { return nil }
    let columns = frame.columnNames.compactMap { frame[$0]?.numbers }
    guard !columns.isEmpty else { return nil }
    let others = frame.columnNames.count - columns.count
    let left = others == 0 ? "" : ", nor its \(others) columns of other kinds"
    group.tree.announce(
      "\(group.path): a table; its numbers are kept as a matrix, not their names\(left)")
    var result = Matrix<Float>.zeros(frame.rowCount, columns.count)
    for (j, column) in columns.enumerated() {
      for (i, value) in column.enumerated() { result[i, j] = Float(value) }
    }
    return try checked(result, at: group.path)
  }

  private func legacy(_ dataset: any StoredArray) throws -> [String: Matrix<Float>] {
    var result: [String: Matrix<Float>] = [:]
    for name in dataset.type.fieldNames ?? [] {
      let field = try dataset.type.field(name, at: dataset.path)
      guard field.kind.isNumeric, field.dimensions.count <= 1, dataset.shape == [rows] else {
        dataset.tree.omit("\(dataset.path).\(name)", "not a matrix")
        continue
      }
      let values = try dataset.numbers(Float.self, field: name)
      result[name] = Matrix(
        rows: rows, columns: field.dimensions.first ?? 1, elements: values)
    }
    return result
  }

  private func checked(_ matrix: Matrix<Float>, at place: String) throws -> Matrix<Float> {
    guard matrix.rows == rows else {
      throw FormatFault(place, "has \(matrix.rows) rows where \(rows) belong")
    }
    return matrix
  }
}
