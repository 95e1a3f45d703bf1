import Tensors

extension String {
  /// The longest beginning that may fit into a picture, as one printable line.
  private var beginning: String {
    String(String.UnicodeScalarView(unicodeScalars.prefix(200))).printable
  }

  /// As much of the text as fits into `limit` by `width`, with an ellipsis if some is missing.
  package func shortened(to limit: Double, width: (String) -> Double) -> String {
    let text = beginning
    if unicodeScalars.count <= 200, width(text) <= limit { return text }
    var kept = Array(text)
    while !kept.isEmpty, width(String(kept) + "…") > limit { kept.removeLast() }
    while kept.last == " " { kept.removeLast() }
    return String(kept) + "…"
  }

  /// The same with the omission in the middle, since names of subtypes differ at their ends. A name
  /// no wider than the ellipsis is unchanged.
  package func shortenedInside(to limit: Double, width: (String) -> Double) -> String {
    let text = beginning
    if unicodeScalars.count <= 200, width(text) <= max(limit, width("…")) { return text }
    let letters = Array(text)
    var kept = letters.count - 1
    func joined(_ kept: Int) -> String {
      String(letters.prefix((kept + 1) / 2)) + "…" + String(letters.suffix(kept / 2))
    }
    while kept > 0, width(joined(kept)) > limit { kept -= 1 }
    return joined(max(0, kept))
  }
}

extension [String] {
  /// Every name as by `shortenedInside`. If names would then look alike, they show the part that
  /// distinguishes them. Their common beginning and end are shown as far as there is space.
  package func shortenedApart(to limit: Double, width: (String) -> Double) -> [String] {
    var result = map { $0.shortenedInside(to: limit, width: width) }
    for alike in Dictionary(grouping: indices, by: { result[$0] }).values {
      let names = Set(alike.map { self[$0].printable }).sorted().map { [Character]($0) }
      let (head, tail) = names.sharedEnds
      guard names.count > 1, head + tail > 0 else { continue }
      let cores = names.map { String($0.dropFirst(head).dropLast(tail)) }
      let room = limit - width((head > 0 ? "…" : "") + (tail > 0 ? "…" : ""))
      let short = cores.shortenedApart(to: room, width: width)
      for place in alike {
        guard let number = names.firstIndex(of: [Character](self[place].printable)) else {
          continue
        }
        let (first, last) = (names[number].prefix(head), names[number].suffix(tail))
        let framed = Self.framed(short[number], first, last, to: limit, width: width)
        let whole = self[place].printable
        result[place] = width(framed) < width(whole) ? framed : whole
      }
    }
    return result
  }

  /// `core` between as much of `head` and `tail` as fits.
  private static func framed(
    _ core: String, _ head: ArraySlice<Character>, _ tail: ArraySlice<Character>,
    to limit: Double, width: (String) -> Double
  ) -> String {
    func joined(_ kept: Int) -> String {
      let first = Swift.min(head.count, (kept + 1) / 2)
      let last = Swift.min(tail.count, kept - first)
      return String(head.prefix(first)) + (first < head.count ? "…" : "") + core
        + (last < tail.count ? "…" : "") + String(tail.suffix(last))
    }
    var kept = head.count + tail.count
    while kept > 0, width(joined(kept)) > limit { kept -= 1 }
    return joined(kept)
  }
}

extension [[Character]] {
  /// The number of characters that all names share at their beginnings and, in the rest, at their
  /// ends.
  fileprivate var sharedEnds: (head: Int, tail: Int) {
    guard let first else { return (0, 0) }
    let shortest = map(\.count).min() ?? 0
    let head = (0..<shortest).prefix { place in allSatisfy { $0[place] == first[place] } }.count
    let tail = (0..<shortest - head).prefix { place in
      allSatisfy { $0[$0.count - 1 - place] == first[first.count - 1 - place] }
    }.count
    return (head, tail)
  }
}
