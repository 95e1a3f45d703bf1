// Text from data, file names and other programs in the output of a program: on a terminal, in the
// log, in tables, pages and pictures. One line remains one line, and one field one field. No text
// moves the cursor or reverses the text after it.

extension Unicode.Scalar {
  /// Whether the character can be shown unchanged. Control characters cannot, nor those that hide
  /// or reverse text, end a line, or have no meaning.
  package var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }

  /// The byte that a character of plane 16 (U+10FF00 + the byte) represents. A file name that is
  /// not UTF-8 is held in such characters.
  package var rawByte: UInt8? {
    (0x10FF80...0x10FFFF).contains(value) ? UInt8(value - 0x10FF00) : nil
  }
}

extension String {
  /// The text with every unprintable character written out: `\xNN` for a control character or a
  /// byte that is not UTF-8, `\u{N…}` for any other.
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

  /// A whole JSON text whose unprintable characters are JSON escapes, such as `\u202e`; its values
  /// do not change. Between values such characters can only be ends of lines and tabs, which become
  /// blanks.
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

/// User data for a message: quoted, shortened to 80 characters, with all unprintable characters
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
