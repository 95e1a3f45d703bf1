extension String {
  /// The text in one line that prints: control characters, and those that reverse or hide text, as escapes.
  var printable: String {
    var result = ""
    for scalar in unicodeScalars.prefix(200) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// As much of the text as `width` measures to be no wider than `limit`, with an ellipsis where some is missing.
  package func shortened(to limit: Double, width: (String) -> Double) -> String {
    let text = printable
    if unicodeScalars.count <= 200, width(text) <= limit { return text }
    var kept = Array(text)
    while !kept.isEmpty, width(String(kept) + "…") > limit { kept.removeLast() }
    while kept.last == " " { kept.removeLast() }
    return String(kept) + "…"
  }

  /// The same with what is missing in the middle: names of subtypes differ at their ends.
  package func shortenedInside(to limit: Double, width: (String) -> Double) -> String {
    let text = printable
    if unicodeScalars.count <= 200, width(text) <= limit { return text }
    let letters = Array(text)
    var kept = letters.count - 1
    func joined(_ kept: Int) -> String {
      String(letters.prefix((kept + 1) / 2)) + "…" + String(letters.suffix(kept / 2))
    }
    while kept > 0, width(joined(kept)) > limit { kept -= 1 }
    return joined(max(0, kept))
  }
}
