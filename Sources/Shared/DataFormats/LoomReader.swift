import CellData
import Tensors

/// Reads loom files of version 2 and 3: `/matrix` is genes × cells, `row_attrs` and `col_attrs` hold a value (or a row of values) for each.
struct LoomReader {
  let root: HDF5Group

  func read() throws -> CellData {
    let matrix = try root.required("matrix")
    guard matrix.shape.count == 2 else {
      throw FormatFault("matrix", "has \(matrix.shape.count) dimensions, not 2")
    }
    let genes = try names(
      "row_attrs", ["Gene", "gene_names", "var_names", "Accession"], "gene", matrix.shape[0])
    let cells = try names(
      "col_attrs", ["CellID", "obs_names", "cell_names"], "cell",
      matrix.shape[1])
    try checkUniqueCells(cells, at: "col_attrs")
    let x = try matrix.matrixValues().transposed()
    var data = CellData(obs: Frame(index: cells), var: Frame(index: uniqueNames(genes)), x: x)
    try DataFormats.checkFinite(x, named: "matrix", cells: cells, genes: data.var.index)
    try attributes("row_attrs", &data.var, &data.varm)
    try attributes("col_attrs", &data.obs, &data.obsm)
    try readLayers(matrix.shape, into: &data)
    for table in ["row_graphs", "col_graphs"] {
      if case .group(let graphs) = try root[table], try !graphs.names.isEmpty {
        root.file.note("\(table): graphs are left out")
      }
    }
    return data
  }

  private func names(_ table: String, _ candidates: [String], _ prefix: String, _ count: Int)
    throws -> [String]
  {
    guard let group = try root.group(table) else { return try generatedNames(prefix, count) }
    for name in candidates {
      guard case .dataset(let dataset) = try group[name] else { continue }
      guard dataset.count == count else {
        throw FormatFault(dataset.path, "\(dataset.count) names for \(count) of the matrix")
      }
      return try dataset.names()
    }
    return try generatedNames(prefix, count)
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
        root.file.note("\(table)/\(name): not a value a row of the matrix, left out")
        continue
      }
      if dataset.count == count, let column = try dataset.column() {
        frame[name] = column
      } else if dataset.shape.count == 2, dataset.type.kind.isNumeric {
        matrices[name] = try dataset.denseMatrix()
      } else {
        root.file.note("\(table)/\(name): values of a kind that is not supported are left out")
      }
    }
  }

  private func readLayers(_ shape: [Int], into data: inout CellData) throws {
    guard let layers = try root.group("layers") else { return }
    for name in try layers.names {
      guard let layer = try layers.dataset(name) else { continue }
      guard layer.shape == shape else {
        throw FormatFault(layer.path, "has the dimensions \(layer.shape), the matrix \(shape)")
      }
      data.layers[name] = try layer.matrixValues().transposed()
    }
  }
}
