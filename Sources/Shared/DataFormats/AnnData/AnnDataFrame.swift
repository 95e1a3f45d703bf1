import CellData
import Tensors

/// Reads AnnData's tables in their three generations.
struct AnnDataFrameReader {
  /// The group that holds the table (the root, or a modality, or `raw`).
  let parent: any StoredGroup
  /// The group with the categories of AnnData 0.6 and earlier.
  let uns: (any StoredGroup)?
  /// The number of rows of the matrices, if known: a table without names gets that many.
  var rowCounts: [String: Int] = [:]

  /// The table of that name; nil if there is none.
  func frame(_ name: String) throws -> Frame? {
    switch try parent[name] {
    case nil: nil
    case .group(let group): try current(group)
    case .dataset(let dataset): try legacy(dataset)
    }
  }

  /// AnnData 0.7 and later: a group with an array, or a group of arrays, a column.
  private func current(_ group: any StoredGroup) throws -> Frame {
    let names = try group.names
    let indexName = try group.text("_index") ?? ["_index", "index"].first(where: names.contains)
    guard let indexName, let index = try group[indexName] else { return try unnamed(group) }
    var frame = Frame(index: try index.annDataNames())
    if index.holdsNumbers && !frame.isNumbered {
      group.tree.announce(
        "\(index.object.path): the index holds numbers, which are treated as names")
    }
    try addColumns(of: group, but: indexName, to: &frame)
    return frame
  }

  /// A table without an index: names from one of its columns, or made up.
  private func unnamed(_ group: any StoredGroup) throws -> Frame {
    let isGenes = group.path.hasSuffix("var")
    let lists = try NamedLists(in: group, of: group.tree, at: group.path)
    let name = group.path.split(separator: "/").last.map(String.init) ?? group.path
    guard let count = rowCounts[name] ?? lists.lists.first?.values.count else {
      throw FormatFault(group.path, "has no index", "write it with AnnData 0.7 or later")
    }
    var frame = Frame(index: try lists.names(of: isGenes ? .gene : .cell, count: count))
    try addColumns(of: group, but: nil, to: &frame)
    return frame
  }

  private func addColumns(of group: any StoredGroup, but indexName: String?, to frame: inout Frame)
    throws
  {
    let order =
      try group.texts("column-order")
      ?? group.names.filter { $0 != indexName && $0 != "__categories" }
    if let fault = FormatFault(alikeIn: order, at: group.place) { throw fault }
    for name in order {
      guard let node = try group[name] else {
        throw FormatFault("\(group.path)/\(name)", "a column in `column-order` is missing")
      }
      guard let column = try node.annDataColumn() else {
        group.tree.omit(node.object.path, "a column of a kind that is not supported")
        continue
      }
      try add(column, name, to: &frame, at: node.object.path)
    }
  }

  /// AnnData 0.6 and earlier: an array of records whose first field is the index.
  private func legacy(_ dataset: any StoredArray) throws -> Frame {
    guard let fields = dataset.type.fieldNames, let indexName = fields.first,
      dataset.shape.count == 1
    else { throw FormatFault(dataset.path, "is not a table") }
    if let fault = FormatFault(alikeIn: fields, at: dataset.path) { throw fault }
    var frame = Frame(index: try dataset.names(field: indexName))
    for name in fields.dropFirst() {
      let place = "\(dataset.path).\(name)"
      if let names = try uns?.dataset("\(name)_categories"),
        case .integer = try dataset.type.field(name, at: place).kind
      {
        let column = try dataset.categories(
          of: names.categoryValues(), isOrdered: false, field: name)
        try add(column, name, to: &frame, at: place)
      } else if let column = try dataset.column(field: name) {
        try add(column, name, to: &frame, at: place)
      } else {
        dataset.tree.omit(place, "a column of a kind that is not supported")
      }
    }
    return frame
  }

  private func add(_ column: Column, _ name: String, to frame: inout Frame, at place: String) throws
  {
    guard column.count == frame.rowCount else {
      throw FormatFault(place, "has \(column.count) values for \(frame.rowCount) rows")
    }
    frame[name] = column
  }
}
