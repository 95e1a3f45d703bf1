// Text from data, file names and other programs, as it leaves a program: on a terminal, in the log,
// in tables, pages and pictures. One line stays one line, one field one field, and no text moves
// the cursor or turns what follows around.

extension Unicode.Scalar {
  /// Whether the character can be shown as it is: no control character, none that hides or reverses
  /// text or ends a line, none without a meaning.
  package var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }

  /// The byte that a character of plane 16 (U+10FF00 + the byte) stands for where a text was no
  /// UTF-8: names of files travel so.
  package var rawByte: UInt8? {
    (0x10FF80...0x10FFFF).contains(value) ? UInt8(value - 0x10FF00) : nil
  }
}

extension String {
  /// The text with everything that does not print written out: `\xNN` for a control character and
  /// for a byte that is not UTF-8, `\u{N…}` for any other.
  package var printable: String {
    if unicodeScalars.allSatisfy(\.isPrintable) { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isPrintable {
        result.unicodeScalars.append(scalar)
      } else {
        let code = scalar.rawByte.map { UInt32($0) } ?? scalar.value
        let digits = String(code, radix: 16)
        result += code < 0x100 ? "\\x" + (code < 0x10 ? "0" : "") + digits : "\\u{\(digits)}"
      }
    }
    return result
  }

  /// A whole text of JSON with the same characters as JSON's own escapes, `\u202e`; its values stay
  /// what they are. Between values they can be ends of lines and tabs only, which become blanks.
  package var printableJSON: String {
    if unicodeScalars.allSatisfy(\.isPrintable) { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case _ where scalar.isPrintable: result.unicodeScalars.append(scalar)
      case "\n", "\r", "\t": result += " "
      default:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return result
  }
}

/// User data for a message: quoted, shortened to 80 characters, everything that does not print
/// escaped.
package func shown(_ text: String) -> String {
  let scalars = text.unicodeScalars
  var kept = String.UnicodeScalarView()
  for scalar in scalars.prefix(80) {
    if scalar == "\"" || scalar == "\\" { kept.append("\\") }
    kept.append(scalar)
  }
  return "\"" + String(kept).printable + (scalars.count > 80 ? "…" : "") + "\""
}
