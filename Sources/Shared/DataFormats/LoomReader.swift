import CellData
import Tensors

/// Reads loom files of version 2 and 3: `/matrix` is genes × cells, `row_attrs` and `col_attrs`
/// hold a value (or a row of values) for each.
struct LoomReader {
  let root: any StoredGroup

  func read() throws -> CellData {
    let matrix = try root.required("matrix")
    guard matrix.shape.count == 2 else {
      throw FormatFault("matrix", "has \(matrix.shape.count) dimensions, not 2")
    }
    let options = root.tree.options
    let cells = try names("col_attrs", .cell, matrix.shape[1]).names(
      of: .cell, count: matrix.shape[1])
    let rows = try names("row_attrs", .gene, matrix.shape[0])
    let genes = filledNames(
      try rows.names(of: .gene, count: matrix.shape[0]),
      from: try rows.identifiers(count: matrix.shape[0]), at: "row_attrs", options)
    let x = try matrix.matrixValues().transposed()
    var data = CellData(
      obs: Frame(index: try distinctCells(cells, at: "col_attrs", options)),
      var: Frame(index: uniqueNames(genes)), x: x)
    try attributes("row_attrs", &data.var, &data.varm)
    try attributes("col_attrs", &data.obs, &data.obsm)
    try readLayers(matrix.shape, into: &data)
    try data.checkX(named: "matrix", options)
    for table in ["row_graphs", "col_graphs"] {
      if case .group(let graphs) = try root[table], try !graphs.names.isEmpty {
        root.tree.omit(table, "graphs")
      }
    }
    return data
  }

  /// The lists of a table, those with names of as many rows as the matrix has.
  private func names(_ table: String, _ axis: NamedAxis, _ count: Int) throws -> NamedLists {
    let lists = try NamedLists(in: root.group(table), of: root.tree, at: table)
    if let (_, values) = lists.known(axis).first, values.count != count {
      throw FormatFault(values.path, "\(values.count) names for \(count) of the matrix")
    }
    return lists
  }

  private func attributes(
    _ table: String, _ frame: inout Frame, _ matrices: inout [String: Matrix<Float>]
  ) throws {
    guard let group = try root.group(table) else { return }
    let count = frame.rowCount
    for name in try group.names {
      guard case .dataset(let dataset) = try group[name], dataset.shape.first == count,
        dataset.shape.count <= 2
      else {
        root.tree.omit("\(table)/\(name)", "not one value per row of the matrix")
        continue
      }
      if dataset.count == count, let column = try dataset.column() {
        frame[name] = column
      } else if dataset.shape.count == 2, dataset.type.kind.isNumeric {
        matrices[name] = try dataset.denseMatrix()
      } else {
        root.tree.omit("\(table)/\(name)", "values of a kind that is not supported")
      }
    }
  }

  private func readLayers(_ shape: [Int], into data: inout CellData) throws {
    guard let layers = try root.group("layers") else { return }
    for name in try layers.names {
      guard case .dataset(let layer) = try layers[name] else {
        root.tree.omit("layers/\(name)", "a group that is not a matrix: a name with a slash?")
        continue
      }
      guard layer.shape == shape else {
        throw FormatFault(layer.path, "has the dimensions \(layer.shape), the matrix \(shape)")
      }
      data.layers[name] = try layer.matrixValues().transposed()
    }
  }
}
