// The HDF5 files that papers of the field publish. They hold `X` with labels `Y`, or `exprs`
// (dense, or a group in compressed rows) with `obs`, `obs_names` and `var_names`. Only the lengths
// of the lists show the orientation of the matrix. If labels and names of cells are as long as a
// row, the rows are genes.

import CellData
import Tensors

/// Reads such a file as cells × genes. Further matrices with a row a cell become modalities.
struct BenchmarkReader {
  let root: any StoredGroup

  func read() throws -> CellData {
    let names = try root.names
    guard let name = ["X", "X1", "exprs"].first(where: names.contains), let node = try root[name]
    else { throw FormatFault("/", "has neither `X` nor `exprs`", "check the format") }
    var x = try matrix(node)
    let lists = try NamedLists(in: root, of: root.tree, at: "")
    let given = root.tree.options.givenRows(usual: .cells)
    let isTurned =
      try given.map { $0 == .genes }
      ?? BenchmarkOrientation(lists, rows: x.rows, columns: x.columns).isTurned(name)
    if isTurned { x = x.transposed() }
    if isTurned && given == nil {
      root.tree.announce(
        "\(name): \(x.columns) × \(x.rows), read with the cells in its columns, because the lists beside it have that length"
      )
    }
    let options = root.tree.options
    let cells = try lists.names(of: .cell, count: x.rows)
    let genes = filledNames(
      try lists.names(of: .gene, count: x.columns),
      from: try lists.identifiers(count: x.columns), at: "/", options)
    var data = CellData(
      obs: Frame(index: try distinctCells(cells, at: "/", options)),
      var: Frame(index: uniqueNames(genes)), x: x)
    try DataFormats.checkFinite(x, named: name, cells: data.obs.index, genes: data.var.index)
    try readTable("obs", into: &data.obs)
    try readTable("var", into: &data.var)
    for other in names where ![name, "obs", "var"].contains(other) {
      try read(other, isTurned: isTurned, into: &data)
    }
    return data
  }

  private func matrix(_ node: StoredNode) throws -> MatrixValues {
    switch node {
    case .dataset(let dataset): return try dataset.matrixValues()
    case .group(let group):
      let shape = try group.required("shape").numbers(Int.self)
      guard shape.count == 2 else { throw FormatFault(group.path, "`shape` must be two numbers") }
      return .sparse(try CompressedMatrix(in: group).matrix(majors: shape[0], minors: shape[1]))
    }
  }

  /// The columns of a group that has one array each.
  private func readTable(_ name: String, into frame: inout Frame) throws {
    guard case .group(let group) = try root[name] else { return }
    for member in try group.names {
      guard let node = try group[member] else { continue }
      guard let column = try node.annDataColumn(), column.count == frame.rowCount else {
        root.tree.omit(node.object.path, "not a column of the table")
        continue
      }
      frame[member] = column
    }
  }

  /// A column a cell (labels) or a gene, or a further matrix. The names of cells and genes are read
  /// already.
  private func read(_ name: String, isTurned: Bool, into data: inout CellData) throws {
    guard case .dataset(let dataset) = try root[name] else {
      root.tree.omit(name, "a group of no known use")
      return
    }
    let (cells, genes) = (data.cellCount, data.geneCount)
    if dataset.isList {
      let isName = [NamedAxis.cell, .gene].contains { $0.listNames.contains(name.wordLetters) }
      guard dataset.count == cells || dataset.count == genes, let column = try dataset.column()
      else {
        if !isName || dataset.count > 0 {
          root.tree.omit(name, "\(dataset.count) values for \(cells) cells and \(genes) genes")
        }
        return
      }
      if isName { return }
      if dataset.count == cells { data.obs[name] = column } else { data.var[name] = column }
    } else if dataset.shape.count == 2, dataset.shape[isTurned ? 1 : 0] == cells,
      dataset.type.kind.isNumeric
    {
      try addModality(dataset, name.lowercased(), isTurned: isTurned, to: &data)
    } else {
      root.tree.omit(name, "neither a list nor a matrix of the cells")
    }
  }

  private func addModality(
    _ dataset: any StoredArray, _ name: String, isTurned: Bool, to data: inout CellData
  ) throws {
    let values = try dataset.matrixValues()
    let x = isTurned ? values.transposed() : values
    let genes = Frame(index: try generatedNames(name, x.columns))
    root.tree.announce("\(dataset.path): its features have no names, and are called \(name)_1, …")
    try DataFormats.checkFinite(
      x, named: dataset.path, cells: data.obs.index, genes: genes.index)
    data.modalities.append(
      Modality(name: name, data: CellData(obs: Frame(index: data.obs.index), var: genes, x: x)))
  }
}

/// The orientation of a benchmark file's matrix, by the lengths of its lists.
struct BenchmarkOrientation {
  /// The lists with a value a cell, and those with a value a gene: name and length.
  private let ofCells: [(name: String, count: Int)]
  private let ofGenes: [(name: String, count: Int)]
  private let rows: Int
  private let columns: Int

  /// What labels are called, as `wordLetters` has it.
  private static let labels: Set<String> = [
    "y", "y1", "label", "labels", "ytrue", "truelabel", "truelabels", "truth", "groundtruth",
    "celltype", "celltypes", "celltype1", "cluster", "clusters", "group", "groups", "batch",
    "class",
    "classes", "annotation",
  ]

  init(_ lists: NamedLists, rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    let labels = lists.lists.filter { Self.labels.contains($0.name.wordLetters) }
    ofCells = (labels + lists.known(.cell)).map { ($0.name, $0.values.count) }
    ofGenes = lists.known(.gene).map { ($0.name, $0.values.count) }
  }

  /// Whether the cells are the columns of the matrix `name`. Labels and names decide if they fit
  /// one way only; without any the rows are the cells.
  ///
  /// Throws if a list of the cells fits neither way.
  func isTurned(_ name: String) throws -> Bool {
    let misfit = ofCells.first { $0.count != rows && $0.count != columns }
    if let misfit, !ofCells.contains(where: { $0.count == rows || $0.count == columns }) {
      throw FormatFault(
        misfit.name, "has \(misfit.count) values, but \(name) is \(rows) × \(columns)",
        "remove the list from the file, or give --orientation to read without it")
    }
    if rows == columns { return false }
    let straight = ofCells.filter { $0.count == rows } + ofGenes.filter { $0.count == columns }
    let turned = ofCells.filter { $0.count == columns } + ofGenes.filter { $0.count == rows }
    if turned.isEmpty { return false }
    if !straight.isEmpty {
      throw FormatFault(
        name,
        "\(rows) × \(columns): '\(straight[0].name)' has as many cells as there are rows (\(straight[0].count)), '\(turned[0].name)' as many as there are columns (\(turned[0].count))",
        "remove the wrong list from the file, or give --orientation")
    }
    return true
  }
}
