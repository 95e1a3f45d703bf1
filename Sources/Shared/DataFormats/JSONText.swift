import CellData

/// The small part of JSON that settings need: texts, numbers, booleans, null and lists of texts, written in one canonical way.
enum JSONText {
  /// A list of texts.
  static func strings(_ texts: [String]) -> String {
    "[" + texts.map(quotedJSON).joined(separator: ",") + "]"
  }

  /// A value that the canonical form gives back exactly.
  enum Value: Equatable {
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)

    /// Its canonical text.
    var text: String {
      switch self {
      case .string(let text): quotedJSON(text)
      case .integer(let value): String(value)
      case .number(let value): String(value)
      case .boolean(let value): value ? "true" : "false"
      }
    }
  }

  /// The single value that `text` is the canonical form of; nil for anything else.
  static func value(_ text: String) -> Value? {
    let value: Value?
    if text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 {
      let inner = text.dropFirst().dropLast()
      value = .string(unescaped(inner))
    } else if let integer = Int(text) {
      value = .integer(integer)
    } else if let number = Double(text), number.isFinite {
      value = .number(number)
    } else {
      value = text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    }
    return value?.text == text ? value : nil
  }

  /// The texts that `text` is the canonical list of; nil for anything else.
  static func list(_ text: String) -> [String]? {
    guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count >= 2 else { return nil }
    var texts: [String] = []
    var item = ""
    var (isInside, isEscaped) = (false, false)
    for scalar in text.unicodeScalars.dropFirst().dropLast() {
      if !isInside {
        if scalar == "\"" { (isInside, item) = (true, "") } else if scalar != "," { return nil }
      } else if scalar == "\"", !isEscaped {
        texts.append(unescaped(Substring(item)))
        isInside = false
      } else {
        item.unicodeScalars.append(scalar)
        isEscaped = scalar == "\\" && !isEscaped
      }
    }
    return strings(texts) == text ? texts : nil
  }

  /// Undoes the escapes that `string` writes; others make the comparison with the canonical form fail.
  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var rest = text.unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let kind = rest.popFirst() else {
        result.unicodeScalars.append(scalar)
        continue
      }
      switch kind {
      case "n": result += "\n"
      case "t": result += "\t"
      case "r": result += "\r"
      case "u":
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        rest = rest.dropFirst(4)
        if let code = UInt32(digits, radix: 16), let unit = Unicode.Scalar(code) {
          result.unicodeScalars.append(unit)
        }
      default: result.unicodeScalars.append(kind)
      }
    }
    return result
  }
}
