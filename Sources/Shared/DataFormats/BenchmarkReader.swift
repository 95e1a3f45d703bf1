import CellData
import Tensors

/// Reads the HDF5 files that papers of the field publish: `X` (cells × genes) with labels `Y`, or `exprs` (dense, or a group in
/// compressed rows) with `obs`, `obs_names` and `var_names`. Further matrices with a row a cell become modalities.
struct BenchmarkReader {
  let root: HDF5Group

  func read() throws -> CellData {
    let names = try root.names
    guard let name = ["X", "X1", "exprs"].first(where: names.contains), let node = try root[name]
    else { throw FormatFault("/", "has neither `X` nor `exprs`", "check the format") }
    let x = try matrix(node)
    var data = CellData(
      obs: Frame(index: try rowNames(["obs_names", "barcodes", "Barcodes"], "cell", x.rows)),
      var: Frame(
        index: uniqueNames(
          try rowNames(["var_names", "genes", "Genes", "gene_names"], "gene", x.columns))),
      x: x)
    try checkUniqueCells(data.obs.index, at: "obs_names")
    try DataFormats.checkFinite(
      x, named: name, cells: data.obs.index, genes: data.var.index)
    try readTable("obs", into: &data.obs)
    try readTable("var", into: &data.var)
    for other in names where other != name { try read(other, into: &data) }
    return data
  }

  private func matrix(_ node: HDF5Node) throws -> MatrixValues {
    switch node {
    case .dataset(let dataset): return try dataset.matrixValues()
    case .group(let group):
      let shape = try group.required("shape").numbers(Int.self)
      guard shape.count == 2 else { throw FormatFault(group.path, "`shape` must be two numbers") }
      return .sparse(try CompressedMatrix(in: group).matrix(majors: shape[0], minors: shape[1]))
    }
  }

  private func rowNames(_ candidates: [String], _ prefix: String, _ count: Int) throws -> [String] {
    for name in candidates {
      guard case .dataset(let dataset) = try root[name], dataset.shape == [count] else { continue }
      return try dataset.names()
    }
    return try generatedNames(prefix, count)
  }

  /// The columns of a group that has one array each.
  private func readTable(_ name: String, into frame: inout Frame) throws {
    guard case .group(let group) = try root[name] else { return }
    for member in try group.names {
      guard let node = try group[member] else { continue }
      guard let column = try node.annDataColumn(), column.count == frame.rowCount else {
        root.file.note("\(node.object.path): not a column of the table, left out")
        continue
      }
      frame[member] = column
    }
  }

  /// A column a cell (labels), or a further matrix.
  private func read(_ name: String, into data: inout CellData) throws {
    guard case .dataset(let dataset) = try root[name],
      !["obs_names", "var_names", "barcodes", "Barcodes", "genes", "Genes", "gene_names"]
        .contains(name)
    else { return }
    let cells = data.cellCount
    if dataset.shape == [cells] || dataset.shape == [cells, 1], let column = try dataset.column() {
      data.obs[name] = column
    } else if dataset.shape.count == 2, dataset.shape[0] == cells, dataset.type.kind.isNumeric {
      let x = try dataset.matrixValues()
      let genes = Frame(index: try generatedNames(name.lowercased(), x.columns))
      try DataFormats.checkFinite(x, named: name, cells: data.obs.index, genes: genes.index)
      data.modalities.append(
        Modality(
          name: name.lowercased(),
          data: CellData(obs: Frame(index: data.obs.index), var: genes, x: x)))
    } else {
      root.file.note("\(dataset.path): left out")
    }
  }
}
