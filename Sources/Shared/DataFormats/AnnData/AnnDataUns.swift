import CellData
import Tensors

/// The name of our group in `uns`, which keeps what AnnData cannot hold elsewhere.
let ownGroupName = "single_cell_clustering"

/// Reads `uns` by dotted name; dots within a name are escaped. Arrays of numbers become tensors.
/// Single values and lists of text become settings.
struct AnnDataUnsReader {
  let group: any StoredGroup

  func read(into data: inout CellData) throws {
    guard case .group(let uns) = try group["uns"] else { return }
    try read(uns, prefix: "uns", depth: 0, into: &data)
    if let own = try uns.group(ownGroupName) { try AnnDataOwnReader(group: own).read(into: &data) }
  }

  private func read(_ group: any StoredGroup, prefix: String, depth: Int, into data: inout CellData)
    throws
  {
    guard depth < 32 else { throw FormatFault(group.path, "groups nested without end") }
    for name in try group.names where !(depth == 0 && name == ownGroupName) {
      guard let node = try group[name] else { continue }
      let key = "\(prefix).\(DottedName.escaped(name))"
      switch node {
      case .dataset(let dataset): try read(dataset, key, into: &data)
      case .group(let inner):
        if try inner.isDerived(besideOwn: group) { continue }
        if let layout = try AnnDataSparseLayout(inner) {
          try readGraph(inner, layout, name, into: &data)
          continue
        }
        switch try inner.text("encoding-type") {
        case nil, "dict":
          // The program that wrote such an entry cannot use the rest of it.
          if try inner.holdsRecords {
            group.tree.omit(inner.path, "it holds arrays of records")
          } else {
            try read(inner, prefix: key, depth: depth + 1, into: &data)
          }
        case let kind?: group.tree.omit(inner.path, "\(kind) in uns")
        }
      }
    }
  }

  /// Before AnnData 0.7 the graphs of cells were in `uns/neighbors`.
  private func readGraph(
    _ group: any StoredGroup, _ layout: AnnDataSparseLayout, _ name: String,
    into data: inout CellData
  ) throws {
    let size = data.cellCount
    guard layout.shape == [size, size], data.obsp[name] == nil else {
      group.tree.omit(group.path, "a sparse matrix in uns")
      return
    }
    data.obsp[name] = try layout.matrix(in: group)
    if !group.path.hasSuffix("uns/neighbors/\(name)") {
      group.tree.announce("\(group.path): a graph of the cells; it is kept as obsp/\(name)")
    }
  }

  private func read(_ dataset: any StoredArray, _ key: String, into data: inout CellData) throws {
    if dataset.isNull {
      dataset.tree.note("\(dataset.path): an empty value is left out")
      return
    }
    guard dataset.type.dimensions.isEmpty else {
      dataset.tree.omit(dataset.path, "an array of arrays")
      return
    }
    if case .string = dataset.type.kind {
      guard dataset.shape.count <= 1 else {
        dataset.tree.omit(dataset.path, "text of several dimensions")
        return
      }
      let texts = try dataset.strings()
      data.settings[key] =
        dataset.shape.isEmpty ? JSONText.quoted(texts.first ?? "") : JSONText.array(of: texts)
    } else if dataset.shape.isEmpty, let value = try dataset.singleValue() {
      data.settings[key] = value.text
    } else if let tensor = try dataset.tensor() {
      data.tensors[key] = tensor
    } else {
      dataset.tree.omit(dataset.path, dataset.type.kind.name)
    }
  }
}

extension StoredGroup {
  /// Whether it contains an array of records.
  fileprivate var holdsRecords: Bool {
    get throws {
      try names.contains { name in
        guard case .dataset(let dataset) = try self[name], case .compound = dataset.type.kind
        else { return false }
        return true
      }
    }
  }

  /// Whether our writer derived it from the graphs. A program that saved the file again may have
  /// removed its mark. Then its content shows it, if our group is in the same file.
  fileprivate func isDerived(besideOwn parent: any StoredGroup) throws -> Bool {
    if try text(ownGroupName) == "derived" { return true }
    guard path.hasSuffix("uns/neighbors"), case .group = try parent[ownGroupName],
      try names == ["connectivities_key", "distances_key", "params"],
      case .group(let parameters) = try self["params"],
      try parameters.names.filter({ !["n_pcs", "use_rep"].contains($0) })
        == ["method", "metric", "n_neighbors", "random_state"],
      case .dataset(let method) = try parameters["method"], case .string = method.type.kind
    else { return false }
    // Other programs accept the methods umap, gauss and rapids.
    return try method.strings() == ["knn"]
  }
}

extension StoredArray {
  /// A single number or boolean; nil if it is neither, not finite, or above Int's largest.
  func singleValue() throws -> SettingValue? {
    switch type.kind {
    case .integer(isSigned: false):
      return Int(exactly: try numbers(UInt64.self)[0]).map { .integer($0) }
    case .integer: return .integer(try numbers(Int.self)[0])
    case .enumeration: return .boolean(try numbers(UInt8.self)[0] != 0)
    case .float:
      let value = try numbers(Double.self)[0]
      return value.isFinite ? .number(value) : nil
    default: return nil
    }
  }

  /// The numbers with their shape, in their stored type; nil if they are not numbers.
  func tensor() throws -> Tensor? {
    guard type.dimensions.isEmpty else { return nil }
    switch (type.kind, type.elementSize) {
    case (.float, ...4): return Tensor(try numbers(Float.self), shape: shape)
    case (.float, _): return Tensor(try numbers(Double.self), shape: shape)
    case (.enumeration, _):
      return Tensor(elementType: .bool, shape: shape, bytes: try numbers(UInt8.self))
    case (.integer(true), 1):
      let values = try numbers(Int8.self)
      return Tensor(
        elementType: .int8, shape: shape, bytes: values.reinterpreted(as: UInt8.self))
    case (.integer(true), 2):
      let values = try numbers(Int16.self)
      return Tensor(
        elementType: .int16, shape: shape, bytes: values.reinterpreted(as: UInt8.self))
    case (.integer(true), ...4): return Tensor(try numbers(Int32.self), shape: shape)
    case (.integer(true), _): return Tensor(try numbers(Int.self), shape: shape)
    case (.integer(false), 1): return Tensor(try numbers(UInt8.self), shape: shape)
    case (.integer(false), 2): return Tensor(try numbers(UInt16.self), shape: shape)
    case (.integer(false), ...4): return Tensor(try numbers(UInt32.self), shape: shape)
    case (.integer(false), _): return Tensor(try numbers(UInt64.self), shape: shape)
    default: return nil
    }
  }
}
