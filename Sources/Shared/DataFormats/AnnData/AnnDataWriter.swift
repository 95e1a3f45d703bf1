// The layout written here opens in AnnData 0.8 and later and in R. AnnData 0.7 knows neither its
// mark of mappings nor its categories. On request it gets the layout of its own time, which later
// versions read too. What AnnData cannot hold is in `uns/single_cell_clustering`. `tensors` has a
// dataset for each tensor, by its dotted name; `settings` has JSON text by dotted name. `history`
// has a group for each entry, oldest first; `modalities` has an AnnData layout for each. `obsm` has
// a link to the values of the second modality.

import CellData
import Tensors

extension DataFormats {
  /// Writes an `.h5ad` file and overwrites an existing one. Reading it gives the same object back.
  /// Throws FormatFault of kind `cannotCreate` or `inputOutput`.
  package static func writeAnnData(
    _ data: CellData, toPath path: String, for07 isForAnnData07: Bool = false
  ) throws {
    let data = data.withStorableModalities()
    try HDF5Library.exclusively {
      let file = try HDF5File(creating: path, isForAnnData07: isForAnnData07)
      do {
        try writeAnnData(data, in: file.root)
        try linkSecondModality(of: data, in: file.root)
        try file.flush()
      }
      try file.close()
    }
  }

  /// Writes an object into the root of a file or store.
  static func writeAnnData(_ data: CellData, in root: any WritableGroup) throws {
    try root.setEncoding("anndata", "0.1.0")
    try AnnDataWriter(group: root).write(data)
  }

  /// The name of the second modality's values in AnnData's `obsm`; nil if there are none.
  package static func nameInObsm(ofSecondModalityOf data: CellData) -> String? {
    guard let second = data.withStorableModalities().secondModality, second.data.x != nil else {
      return nil
    }
    var name = second.name
    while data.obsm[name] != nil { name += "_" }
    return name
  }

  /// Makes the second modality's values visible to AnnData as `obsm/NAME`: the same object under
  /// another name. Reading leaves it out again.
  private static func linkSecondModality(of data: CellData, in root: HDF5Group) throws {
    guard let second = data.secondModality, second.data.x != nil,
      let target = try root.child("obsm") as? HDF5Group
    else { return }
    try target.link(
      "uns/\(ownGroupName)/modalities/\(second.name)/X", as: try target.freeName(second.name),
      marked: ownGroupName)
  }
}

/// Writes an AnnData object into a group.
struct AnnDataWriter {
  let group: any WritableGroup

  func write(_ data: CellData) throws {
    if let x = data.x { try group.write(matrix: x, "X") }
    try write(data.obs, "obs", in: group, index: data.indexName(of: .obs))
    try write(data.var, "var", in: group, index: data.indexName(of: .var))
    if let raw = data.raw {
      let target = try group.create("raw", encoding: "raw")
      try target.write(matrix: raw.x, "X")
      try write(raw.var, "var", in: target)
      _ = try target.create("varm", encoding: "dict")
    }
    let layers = try group.create("layers", encoding: "dict")
    for (name, layer) in data.layers.sorted(by: { $0.key < $1.key }) {
      try layers.write(matrix: layer, try layers.freeName(name))
    }
    try write(data.obsm, "obsm")
    try write(data.varm, "varm")
    try write(graphs: data.obsp)
    _ = try group.create("varp", encoding: "dict")
    try AnnDataUnsWriter(parent: group).write(data)
  }

  func write(graphs matrices: [String: SparseMatrix<Float>]) throws {
    let target = try group.create("obsp", encoding: "dict")
    for (name, graph) in matrices.sorted(by: { $0.key < $1.key }) {
      try target.write(matrix: .sparse(graph), try target.freeName(name))
    }
  }

  func write(_ matrices: [String: Matrix<Float>], _ name: String) throws {
    let target = try group.create(name, encoding: "dict")
    for (name, matrix) in matrices.sorted(by: { $0.key < $1.key }) {
      try target.write(matrix: .dense(matrix), try target.freeName(name))
    }
  }

  /// - Parameter index: the name of the rows' index; another name is used if a column has this one.
  func write(
    _ frame: Frame, _ name: String, in parent: any WritableGroup, index: String = "_index"
  ) throws {
    let target = try parent.create(
      name, encoding: "dataframe", version: group.isForAnnData07 ? "0.1.0" : "0.2.0")
    let isFree = !frame.columnNames.contains(index) && !index.contains("/")
    var indexName = isFree ? index : "_index"
    while frame.columnNames.contains(indexName) { indexName = "_" + indexName }
    try target.write(frame.index, indexName)
    try target.setAttribute("_index", indexName)
    var order: [String] = []
    for name in frame.columnNames {
      guard let column = frame[name] else { continue }
      let stored = try target.freeName(name)
      try target.write(column, stored)
      order.append(stored)
    }
    try target.setAttribute("column-order", order)
  }
}

/// The name in a form that a member of a group can have. A slash would split it, so it becomes `_`;
/// so does an empty name.
func storable(_ name: String) -> String {
  let result = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
  return ["", ".", ".."].contains(result) ? "_" : result
}

extension CellData {
  /// The object with modalities that HDF5 can hold under their own names, so that the second stays
  /// the second.
  func withStorableModalities() -> CellData {
    var result = self
    let second = secondModality?.name
    var taken: Set<String> = []
    for place in modalities.indices {
      var name = storable(modalities[place].name)
      while !taken.insert(name).inserted { name += "_" }
      result.modalities[place].name = name
      if modalities[place].name == second { result.setSecondModality(result.modalities[place]) }
    }
    return result
  }
}

extension WritableGroup {
  /// The name in a form that a member of this group can have; `_` is appended while the name is
  /// taken.
  func freeName(_ name: String) throws -> String {
    var result = storable(name)
    while try contains(result) { result += "_" }
    return result
  }

  /// Writes a matrix: dense, or in compressed rows with 32-bit indices.
  @discardableResult
  func write(matrix: MatrixValues, _ name: String) throws -> any WritableObject {
    switch matrix {
    case .dense(let dense):
      return try write(dense.elements, name, shape: [dense.rows, dense.columns])
    case .sparse(let sparse):
      let target = try create(name, encoding: "csr_matrix")
      try target.setAttribute("shape", [sparse.rows, sparse.columns])
      try target.write(sparse.values, "data")
      try target.write(sparse.indices, "indices")
      let isSmall = sparse.entryCount <= Int(Int32.max)
      try target.write(sparse.indptr, "indptr", as: isSmall ? .int32 : .int64)
      return target
    }
  }

  /// Writes a column of a table.
  func write(_ column: Column, _ name: String) throws {
    switch column {
    case .float32(let values): try write(values, name)
    case .float64(let values): try write(values, name)
    case .integer(let values): try write(values, name)
    case .unsigned(let values): try write(values, name)
    case .boolean(let values):
      try write(booleans: Buffer(values.map { $0 ? 1 : 0 }), name)
    case .strings(let values): try write(values, name)
    case .categorical(let values): try write(values, name)
    case .nullable(let values, let missing): try write(values, missing: missing, name)
    }
  }

  /// Writes values with the mask of the missing ones. AnnData 0.7 has no place for a mask: whole
  /// numbers become floats with NaN there, booleans categories.
  private func write(_ values: Column, missing: Buffer<Bool>, _ name: String) throws {
    let isBoolean = if case .boolean = values { true } else { false }
    let column = Column.nullable(values, missing: missing)
    if isForAnnData07 {
      if !missing.contains(true) {
        try write(values, name)
      } else if isBoolean, var classes = column.classes {
        classes.valueType = .boolean
        try write(classes, name)
      } else {
        try write(Buffer(column.numbers ?? []), name)
      }
      return
    }
    let target = try create(name, encoding: isBoolean ? "nullable-boolean" : "nullable-integer")
    try target.write(values, "values")
    try target.write(booleans: Buffer(missing.map { $0 ? 1 : 0 }), "mask")
  }

  private func write(_ categories: Categories, _ name: String) throws {
    let values = categories.withDistinctNames()
    let count = values.names.count
    let type: NumberType =
      count <= Int(Int8.max) ? .int8 : count <= Int(Int16.max) ? .int16 : .int32
    if isForAnnData07 {
      let all = try child("__categories") ?? create("__categories", encoding: "dict")
      let stored = try all.write(categories: values, name)
      try stored.setAttribute("ordered", values.isOrdered)
      try write(values.codes, name, as: type).setAttribute("categories", referringTo: stored.path)
      return
    }
    let target = try create(name, encoding: "categorical", version: "0.2.0")
    try target.setAttribute("ordered", values.isOrdered)
    _ = try target.write(categories: values, "categories")
    try target.write(values.codes, "codes", as: type)
  }

  /// Writes the values of categories in their own type.
  private func write(categories: Categories, _ name: String) throws -> any WritableObject {
    switch categories.values {
    case .integer(let values): try write(values, name)
    case .unsigned(let values): try write(values, name)
    case .float32(let values): try write(values, name)
    case .float64(let values): try write(values, name)
    case .boolean(let values):
      try write(booleans: Buffer(values.map { $0 ? 1 : 0 }), name)
    case .strings, .categorical, .nullable: try write(categories.names, name)
    }
  }
}
