import CellData

/// Names made unique as scanpy's `var_names_make_unique` does: the second and later ones of a kind get "-1", "-2", …, passing over
/// names that exist.
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

/// Throws if a name of a cell stands there twice.
func checkUniqueCells(_ names: [String], at place: String) throws {
  var seen: Set<String> = []
  seen.reserveCapacity(names.count)
  for (i, name) in names.enumerated() where !seen.insert(name).inserted {
    throw FormatFault(
      place, "the cell \(name) (number \(i + 1)) stands there twice", "give every cell its own name"
    )
  }
}

/// Names for cells or genes that have none: `cell_1`, `cell_2`, …. Throws where a header claims more than anyone has measured.
func generatedNames(_ prefix: String, _ count: Int) throws -> [String] {
  guard (0...1 << 25).contains(count) else {
    throw FormatFault("", "claims \(count) names of \(prefix)s, but has none", "check the sizes")
  }
  return (0..<count).map { "\(prefix)_\($0 + 1)" }
}
