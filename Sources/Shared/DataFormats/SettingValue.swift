import CellData
import Tensors

/// A setting that its canonical text gives back exactly: one text, number or truth value.
enum SettingValue: Equatable {
  case string(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)

  /// Its canonical text.
  var text: String {
    switch self {
    case .string(let text): JSONText.quoted(text)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .boolean(let value): value ? "true" : "false"
    }
  }

  /// The single value that `text` is the canonical form of; nil for anything else.
  init?(_ text: String) {
    if let string = JSONText.string(in: text) {
      self = .string(string)
    } else if let integer = Int(text) {
      self = .integer(integer)
    } else if let number = Double(text), number.isFinite {
      self = .number(number)
    } else if text == "true" || text == "false" {
      self = .boolean(text == "true")
    } else {
      return nil
    }
    if self.text != text { return nil }
  }

  /// The texts that `text` is the canonical list of; nil for anything else.
  static func list(_ text: String) -> [String]? {
    guard let texts = JSONText.strings(in: text), JSONText.array(of: texts) == text else {
      return nil
    }
    return texts
  }
}
