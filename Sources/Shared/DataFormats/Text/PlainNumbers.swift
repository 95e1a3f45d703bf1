// Which texts are numbers, and which only look like them. Donors `007` and `7` are two donors, and
// `1e3` and `0x10` are names. A column holds numbers only if a program would write them as exactly
// these texts.

/// The whole numbers that the texts are; nil if one is none. It is also nil if one has a form that
/// no program writes: `007`, `+5`, `0x10`.
package func wholeNumbers(_ texts: [String]) -> [Int]? {
  converted(texts) { PlainForm($0) == .whole ? Int($0) : nil }
}

/// The numbers that the texts are, whole or not; nil if one is none, as for `wholeNumbers`. It is
/// also nil if two texts are of one number: `1.1` and `1.10`.
package func realNumbers(_ texts: [String]) -> [Double]? {
  let found = converted(texts) { text -> Double? in
    switch PlainForm(text) {
    case .whole: Int(text).map(Double.init)
    case .real: Double(text)
    case nil: ["inf", "-inf", "Inf", "-Inf"].contains(text) ? Double(text) : nil
    }
  }
  guard let found else { return nil }
  var forms: [Double: String] = [:]
  for (text, number) in zip(texts, found) where number != 0 {
    let known = forms.updateValue(text, forKey: number)
    if let known, known != text { return nil }
  }
  return found
}

/// The results of `convert` for all texts; nil if it fails for one, or if there are none.
func converted<Value>(_ texts: [String], _ convert: (String) -> Value?) -> [Value]? {
  if texts.isEmpty { return nil }
  var result: [Value] = []
  result.reserveCapacity(texts.count)
  for text in texts {
    guard let value = convert(text) else { return nil }
    result.append(value)
  }
  return result
}

/// How programs write numbers: `-12`, `0.5`, `1.5e6`, `1e-05`.
private enum PlainForm {
  case whole
  case real

  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    func takeDigits() -> [UInt8] {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count)
      return Array(digits)
    }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    let whole = takeDigits()
    if whole.count > 1 && whole.first == UInt8(ascii: "0") { return nil }
    if rest.isEmpty {
      if whole.isEmpty || (isNegative && whole == [UInt8(ascii: "0")]) { return nil }
      self = .whole
      return
    }
    let hasFraction = rest.first == UInt8(ascii: ".")
    if hasFraction {
      rest = rest.dropFirst()
      if takeDigits().isEmpty { return nil }
    } else if whole.isEmpty {
      return nil
    }
    if [UInt8(ascii: "e"), UInt8(ascii: "E")].contains(rest.first) {
      rest = rest.dropFirst()
      let hasSign = [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(rest.first)
      if hasSign { rest = rest.dropFirst() }
      if takeDigits().isEmpty || !(hasSign || hasFraction) { return nil }
    }
    if !rest.isEmpty { return nil }
    self = .real
  }
}
