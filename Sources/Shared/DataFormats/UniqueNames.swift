import CellData

/// Names made unique as scanpy's `var_names_make_unique` does: the second and later ones of a kind
/// get "-1", "-2", …, passing over names that exist.
func uniqueNames(_ names: [String]) -> [String] {
  var taken = Set(names)
  if taken.count == names.count { return names }
  var seen: Set<String> = []
  var counter: [String: Int] = [:]
  return names.map { name in
    if seen.insert(name).inserted { return name }
    while true {
      counter[name, default: 0] += 1
      let candidate = "\(name)-\(counter[name, default: 0])"
      if taken.insert(candidate).inserted { return candidate }
    }
  }
}

/// The names of cells, which must be distinct. If two are the same, they are made unique if
/// `options` ask for it, with a message. Otherwise this throws.
func distinctCells(
  _ names: [String], at place: String, _ options: ReadingOptions
) throws -> [String] {
  var seen: Set<String> = []
  seen.reserveCapacity(names.count)
  guard let first = names.firstIndex(where: { !seen.insert($0).inserted }) else { return names }
  guard options.makesCellsUnique else {
    let isAlike = firstAlike(names)?.places.last == first
    throw FormatFault(
      place,
      "the cell \(names[first]) (number \(first + 1)) appears twice"
        + (isAlike ? ", in two forms of Unicode's normalization" : ""),
      "give every cell its own name, or use sc-preprocess --make-unique")
  }
  let unique = uniqueNames(names)
  options.renamedCells?()
  let changed = zip(names, unique).count { $0 != $1 }
  let cells =
    changed == 1 ? "1 cell has a duplicate name" : "\(changed) cells have duplicate names"
  options.announce?("\(place): \(cells); -1, -2, … are added to make them unique")
  return unique
}

extension DataFormats {
  /// Gives every cell a distinct name if the options ask for it; otherwise throws if two are the
  /// same. Readers of files call it. Code that reads cells from elsewhere, such as a tensor stream,
  /// calls it for these.
  package static func makeCellNamesUnique(_ data: inout CellData, _ options: ReadingOptions) throws
  {
    data.renameCells(try distinctCells(data.obs.index, at: "obs", options))
  }
}

/// The names of genes. The identifier replaces an empty name, or one that R or pandas wrote for a
/// missing one. If the identifier is missing too, the seventh is `gene_7`. Reports in one line how
/// many were replaced.
func filledNames(
  _ names: [String], from identifiers: [String]?, at place: String, _ options: ReadingOptions
) -> [String] {
  func isMissing(_ text: String) -> Bool {
    ["", "NA", "nan", "NaN", "None", "<NA>"].contains(text) || text.allSatisfy(\.isWhitespace)
  }
  func isEmpty(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
  var (byIdentifier, madeUp) = (0, 0)
  let filled = names.indices.map { i in
    if let identifiers, i < identifiers.count, isMissing(names[i]), !isMissing(identifiers[i]) {
      byIdentifier += 1
      return identifiers[i]
    }
    if isEmpty(names[i]) {
      madeUp += 1
      return "gene_\(i + 1)"
    }
    return names[i]
  }
  if byIdentifier > 0 {
    options.announce?(
      "\(place): "
        + (byIdentifier == 1
          ? "1 gene has no symbol, so its identifier is used as its name"
          : "\(byIdentifier) genes have no symbol, so their identifiers are used as names"))
  }
  if madeUp > 0 {
    options.announce?("\(place): names are made up (gene_1, …) for genes without one: \(madeUp)")
  }
  sayAlikeGenes(filled, at: place, options)
  return filled
}

/// Names for cells or genes that have none: `cell_1`, `cell_2`, …. Throws if a header claims more
/// than anyone has measured.
func generatedNames(_ prefix: String, _ count: Int) throws -> [String] {
  guard (0...1 << 25).contains(count) else {
    throw FormatFault("", "claims \(count) names of \(prefix)s, but has none", "check the sizes")
  }
  return (0..<count).map { "\(prefix)_\($0 + 1)" }
}
