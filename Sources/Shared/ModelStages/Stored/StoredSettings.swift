// What the shapes of a model's weights do not show is stored as uns.MODEL.NAME, JSON text.

import CellData
import StageSupport
import Tensors

extension CellData {
  private static func place(_ name: String, of model: String) -> String { "uns.\(model).\(name)" }

  /// Stores the settings of a model; nil takes one away.
  mutating func store(settings new: [(name: String, value: JSONValue?)], of model: String) {
    for (name, value) in new { settings[Self.place(name, of: model)] = value?.text }
  }

  /// A number of 0 or more; nil where none is stored.
  func storedNumber(_ name: String, of model: String) -> Double? {
    settings[Self.place(name, of: model)].flatMap { Double($0) }.flatMap {
      $0.isFinite && $0 >= 0 ? $0 : nil
    }
  }

  /// One of some choices by its word; nil where none is stored.
  func storedChoice<Choice: RawRepresentable<String>>(_ name: String, of model: String) -> Choice? {
    settings[Self.place(name, of: model)].flatMap { JSONText.string(in: $0) }
      .flatMap { Choice(rawValue: $0) }
  }

  /// Whether a setting is stored as true or false; nil where it is not stored.
  func storedFlag(_ name: String, of model: String) -> Bool? {
    let text = settings[Self.place(name, of: model)]
    return [true, false].first { JSONValue.boolean($0).text == text }
  }
}
