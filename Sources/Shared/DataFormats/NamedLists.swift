// Files without a fixed place for names have them in one of several lists. The reader tries the
// lists that programs of the field write, in this order, then the only list of distinct texts.
// Otherwise it makes up names. It reports every choice but the obvious one.

import CellData

/// What a list of names describes.
enum NamedAxis: String {
  case cell
  case gene

  /// The names that programs give to the list, in lower case and with only letters and digits; the
  /// likeliest first.
  var listNames: [String] {
    switch self {
    case .cell:
      [
        "cellid", "obsnames", "cellnames", "cellname", "barcodes", "barcode", "cellbarcodes",
        "cellbarcode", "cellids", "cells", "cell",
      ]
    case .gene:
      [
        "gene", "genename", "genenames", "varnames", "genesymbol", "genesymbols", "symbol",
        "symbols", "geneshortname", "featurename", "featurenames", "genes", "features",
        "feature", "name",
      ] + NamedAxis.identifierNames
    }
  }

  /// Lists of identifiers, such as Ensembl's.
  static let identifierNames = [
    "accession", "geneids", "geneid", "ensemblid", "ensemblids", "ensembl", "ensemblgeneid",
    "featureid", "featureids", "id", "ids",
  ]
}

extension String {
  /// Its letters and digits, in lower case: `Gene_IDs` and `gene ids` are the same word.
  var wordLetters: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}

/// The lists of a file that may hold the names of its cells, or of its genes.
struct NamedLists {
  let tree: StoredTree
  /// Their place, for messages; empty at the root.
  let place: String
  /// Lists of one dimension by name.
  let lists: [(name: String, values: any StoredArray)]

  /// The lists among the members of a group.
  init(in group: (any StoredGroup)?, of tree: StoredTree, at place: String) throws {
    self.tree = tree
    self.place = place
    var found: [(name: String, values: any StoredArray)] = []
    for name in try group?.names ?? [] {
      guard case .dataset(let dataset) = try group?[name], !dataset.isNull,
        dataset.isList
      else { continue }
      found.append((name, dataset))
    }
    lists = found
  }

  /// Those that are called as lists of such names are, the likeliest first.
  func known(_ axis: NamedAxis) -> [(name: String, values: any StoredArray)] {
    let words = lists.map(\.name.wordLetters)
    return axis.listNames.flatMap { wanted in
      lists.indices.filter { words[$0] == wanted }.map { lists[$0] }
    }
  }

  /// The names of `count` cells or genes. They come from the first known list of that length; for
  /// cells the first without repetitions. Otherwise they come from the only list of distinct texts,
  /// or are made up. Reports every choice but the first.
  func names(of axis: NamedAxis, count: Int) throws -> [String] {
    var first: [String]?
    for (name, values) in known(axis) where values.count == count {
      let names = try values.names()
      if values.type.kind.isNumeric {
        // Numbers that repeat are no names.
        if Set(names).count < count { continue }
        tree.announce("\(path(name)): holds numbers, which are treated as the names of \(axis)s")
      }
      if axis == .gene || Set(names).count == count { return names }
      first = first ?? names
    }
    if let first { return first }
    if let (name, names) = try onlyDistinctTexts(count) {
      tree.announce("the \(axis)s are named as in \(path(name)), the only list of distinct texts")
      return names
    }
    let fitting = lists.filter { $0.values.count == count }.map { "'\($0.name)'" }
    let there = fitting.isEmpty ? "none" : fitting.joined(separator: ", ")
    tree.announce(
      "no list has names of the \(count) \(axis)s, which are called \(axis)_1, \(axis)_2, …; the lists of that length\(place.isEmpty ? "" : " in \(place)") are: \(there)"
    )
    return try generatedNames(axis.rawValue, count)
  }

  /// The identifiers of `count` genes, if a list has them.
  func identifiers(count: Int) throws -> [String]? {
    let words = Set(NamedAxis.identifierNames)
    let found = known(.gene).first {
      words.contains($0.name.wordLetters) && $0.values.count == count
        && !$0.values.type.kind.isNumeric
    }
    return try found?.values.names()
  }

  private func onlyDistinctTexts(_ count: Int) throws -> (String, [String])? {
    var found: [(String, [String])] = []
    for (name, values) in lists where values.count == count && count > 1 {
      guard case .string = values.type.kind, let texts = try? values.names(),
        Set(texts).count == count, !texts.contains("")
      else { continue }
      found.append((name, texts))
    }
    return found.count == 1 ? found[0] : nil
  }

  private func path(_ name: String) -> String { place.isEmpty ? name : "\(place)/\(name)" }
}

extension StoredArray {
  /// Whether it has one dimension, or two of which one is 1.
  var isList: Bool {
    shape.count == 1 || (shape.count == 2 && shape.contains(1))
  }
}
