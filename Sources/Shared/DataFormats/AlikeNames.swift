// Unicode has two forms of é: one code point, and an e with an accent of its own. Files compare
// bytes and hold both names side by side. Here, as for the eye, they are one name: so a file with
// both is refused where one of them would replace the other.

extension FormatFault {
  /// Two names in a file that are one here; nil where all differ.
  ///
  /// - Parameter names: names that differ in their bytes.
  init?(alikeIn names: [String], at place: String) {
    guard let (first, _) = firstAlike(names) else { return nil }
    self.init(
      place,
      "holds two names '\(first)' that differ only in their Unicode normalization (an accent as part of its letter, or after it)",
      "rename one of them")
  }
}

/// The first two places of names that look alike but differ in their bytes; nil where there are
/// none.
func firstAlike(_ names: [String]) -> (name: String, places: [Int])? {
  if names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) { return nil }
  var places: [String: Int] = [:]
  for (place, name) in names.enumerated() {
    let known = places[name]
    if let known, !name.utf8.elementsEqual(names[known].utf8) { return (name, [known, place]) }
    if known == nil { places[name] = place }
  }
  return nil
}

/// Says where names of genes look alike but differ in their bytes: the later one is renamed.
func sayAlikeGenes(_ names: [String], at place: String, _ options: ReadingOptions) {
  guard let (name, places) = firstAlike(names) else { return }
  options.announce?(
    "\(place): genes \(places[0] + 1) and \(places[1] + 1) are both called '\(name)': they differ only in their Unicode normalization, and the later one gets a suffix"
  )
}
