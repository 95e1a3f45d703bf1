import CellData
import Tensors

/// Reads a group that holds an AnnData object: the root of an `.h5ad` file or of a zarr store, or a
/// modality of MuData. The three generations of the format differ in the marks of tables and sparse
/// matrices. The reader distinguishes them by the members that it finds.
struct AnnDataReader {
  let group: any StoredGroup
  /// Whether it is a modality of MuData, whose cells are named when all are matched.
  var isModality = false
  /// Whether our programs wrote the file around it: its names are settled.
  var isInOwnFile = false

  /// The object with all parts that CellData can hold; the others are noted and left out.
  func read() throws -> CellData {
    let uns = try legacyCategories()
    let size = try matrixShape()
    var frames = AnnDataFrameReader(parent: group, uns: uns)
    if let size { frames.rowCounts = ["obs": size.0, "var": size.1] }
    guard var obs = try frames.frame("obs") ?? size.map({ try unnamed("obs", .cell, $0.0) }),
      var genes = try frames.frame("var") ?? size.map({ try unnamed("var", .gene, $0.1) })
    else { throw FormatFault(group.place, "has neither `X` nor the tables `obs` and `var`") }
    var renamed: Set<Axis> = []
    if try !isSettled {
      if !isModality, obs.replaceNumbers(of: .cell, at: place("obs"), group.tree.options) {
        renamed.insert(.obs)
      }
      if genes.replaceNumbers(of: .gene, at: place("var"), group.tree.options) {
        renamed.insert(.var)
      }
    }
    obs.index = try distinctCells(obs.index, at: place("obs"), group.tree.options)
    genes.nameGenes(at: place("var"), group.tree.options)
    var data = CellData(obs: obs, var: genes)
    data.x = try matrix("X", columns: data.geneCount, data)
    data.raw = try raw(data, uns: uns)
    try readMembers(into: &data)
    try data.checkX(named: place("X"), group.tree.options)
    try AnnDataUnsReader(group: group).read(into: &data)
    data.leaveOutCopiesOfSecondModality()
    for axis in [Axis.obs, .var] where !renamed.contains(axis) {
      guard case .group(let table) = try group[axis.rawValue] else { continue }
      data.setIndexName(try table.text("_index"), of: axis)
    }
    for name in obs.columnNames + genes.columnNames {
      // Attributes of AnnData 0.6 and earlier; they were read with their columns.
      data.settings["uns.\(DottedName.escaped(name))_categories"] = nil
    }
    return data
  }

  /// What the root of a MuData file holds of all modalities together: `obsm`, `obsp` and `uns`, for
  /// the cells of `data`.
  func readCommon(into data: inout CellData) throws {
    data.obsm = try AnnDataSideMatrices(parent: group, rows: data.cellCount).matrices("obsm")
    try readGraphs(into: &data)
    try AnnDataUnsReader(group: group).read(into: &data)
  }

  private func readGraphs(into data: inout CellData) throws {
    guard case .group(let graphs) = try group["obsp"] else { return }
    for name in try graphs.names {
      guard let node = try graphs[name] else { continue }
      if try node.isNoMatrix {
        group.tree.omit(node.object.path, "a group that is not a matrix")
        continue
      }
      data.obsp[name] = try node.annDataMatrix(rows: data.cellCount, columns: data.cellCount)
        .sparse()
    }
  }

  /// Whether a program of ours has named the cells and genes before.
  private var isSettled: Bool {
    get throws {
      guard case .group(let uns) = try group["uns"] else { return isInOwnFile }
      return try isInOwnFile || uns[ownGroupName] != nil
    }
  }

  private func place(_ name: String) -> String {
    group.path.isEmpty ? name : "\(group.path)/\(name)"
  }

  private func legacyCategories() throws -> (any StoredGroup)? {
    guard case .group(let uns) = try group["uns"] else { return nil }
    return uns
  }

  /// A table that is not there: its names are made up.
  private func unnamed(_ name: String, _ axis: NamedAxis, _ count: Int) throws -> Frame {
    let lists = try NamedLists(in: nil, of: group.tree, at: place(name))
    return Frame(index: try lists.names(of: axis, count: count))
  }

  private func matrixShape() throws -> (Int, Int)? {
    switch try group["X"] {
    case .dataset(let dataset) where dataset.shape.count == 2: (dataset.shape[0], dataset.shape[1])
    case .group(let sparse):
      try AnnDataSparseLayout(sparse).map { ($0.shape[0], $0.shape[1]) }
    default: nil
    }
  }

  private func matrix(_ name: String, columns: Int, _ data: CellData) throws -> MatrixValues? {
    guard let node = try group[name] else { return nil }
    if case .dataset(let dataset) = node, dataset.isNull { return nil }
    return try node.annDataMatrix(rows: data.cellCount, columns: columns)
  }

  /// `raw` of AnnData 0.7 and later, or `raw.X` and `raw.var` of the time before.
  private func raw(_ data: CellData, uns: (any StoredGroup)?) throws -> RawValues? {
    if case .group(let raw) = try group["raw"] {
      let frames = AnnDataFrameReader(parent: raw, uns: uns)
      guard var genes = try frames.frame("var"), let node = try raw["X"] else {
        group.tree.omit(raw.path, "without its matrix X or its table var")
        return nil
      }
      try name(&genes, at: raw.path + "/var")
      if case .group(let varm) = try raw["varm"], try !varm.names.isEmpty {
        group.tree.omit(varm.path, "matrices of the genes in raw")
      }
      let x = try node.annDataMatrix(rows: data.cellCount, columns: genes.rowCount)
      return RawValues(x: x, var: genes)
    }
    let frames = AnnDataFrameReader(parent: group, uns: uns)
    guard var genes = try frames.frame("raw.var"),
      let x = try matrix("raw.X", columns: genes.rowCount, data)
    else { return nil }
    try name(&genes, at: "raw.var")
    return RawValues(x: x, var: genes)
  }

  /// Names the genes of raw.
  private func name(_ genes: inout Frame, at place: String) throws {
    if try !isSettled { _ = genes.replaceNumbers(of: .gene, at: place, group.tree.options) }
    genes.nameGenes(at: place, group.tree.options)
  }

  private func readMembers(into data: inout CellData) throws {
    let (cells, genes) = (data.cellCount, data.geneCount)
    if case .group(let layers) = try group["layers"] {
      for name in try layers.names {
        guard let node = try layers[name] else { continue }
        if try node.isNoMatrix {
          group.tree.omit(node.object.path, "a group that is not a matrix: a name with a slash?")
          continue
        }
        data.layers[name] = try node.annDataMatrix(rows: cells, columns: genes)
      }
    }
    data.obsm = try AnnDataSideMatrices(parent: group, rows: cells).matrices("obsm")
    data.varm = try AnnDataSideMatrices(parent: group, rows: genes).matrices("varm")
    try readGraphs(into: &data)
    if case .group(let varp) = try group["varp"], try !varp.names.isEmpty {
      group.tree.omit(varp.path, "relations of genes")
    }
  }
}

extension Frame {
  /// Gives every gene a distinct name: identifiers of the table replace empty names.
  mutating func nameGenes(at place: String, _ options: ReadingOptions) {
    let words = Set(NamedAxis.identifierNames)
    var identifiers: [String]?
    for name in columnNames where identifiers == nil && words.contains(name.wordLetters) {
      if let classes = self[name]?.classes {
        identifiers = classes.codes.map { $0 < 0 ? "" : classes.names[Int($0)] }
      }
    }
    index = uniqueNames(filledNames(index, from: identifiers, at: place, options))
  }
}

extension CellData {
  /// Leaves out the second modality's values in `obsm`. The writer puts a link there, which a
  /// program that saves the file again turns into a copy.
  fileprivate mutating func leaveOutCopiesOfSecondModality() {
    guard let second = secondModality, let x = second.data.x else { return }
    for (name, matrix) in obsm where name.hasPrefix(second.name) {
      let ending = name.dropFirst(second.name.count)
      if ending.allSatisfy({ $0 == "_" }), matrix.rows == x.rows, matrix.columns == x.columns,
        matrix == x.dense()
      {
        obsm[name] = nil
      }
    }
  }

  /// Refuses an X with a value that is not finite. If the options allow it, and the counts can be
  /// elsewhere, X is left out with a message instead.
  mutating func checkX(named name: String, _ options: ReadingOptions) throws {
    guard let x else { return }
    do {
      try DataFormats.checkFinite(x, named: name, cells: obs.index, genes: self.var.index)
    } catch {
      let hasCounts =
        ["counts", options.countLayer].contains { $0.map { layers[$0] != nil } ?? false }
        || raw != nil
      guard options.allowsMissingX, hasCounts else { throw error }
      options.announce?(
        "\(error.place): \(error.problem); X is not used, because the counts are elsewhere")
      self.x = nil
    }
  }
}
