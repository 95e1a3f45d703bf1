// Codes of models of several kinds side by side. X_latent, X_latent_1, … are the codes of the kind
// that was trained last. X_latent_NAME, X_latent_NAME_1, … are the codes of another kind. The same
// names below uns.sketch hold the codes of its cells alone.

import CellData
import Models
import StageSupport
import Tensors

extension CellData {
  static let firstCodes = "X_latent"
  private static func codes(of model: ModelName) -> String { "\(firstCodes)_\(model.rawValue)" }

  /// Whether codes of that name are kept under the name of their model.
  static func isOfOtherKind(_ name: String) -> Bool {
    ModelName.allCases.contains { name == codes(of: $0) || name.hasPrefix(codes(of: $0) + "_") }
  }

  /// BASE, or BASE_NUMBER of a further model.
  private static func name(_ base: String, _ number: Int) -> String {
    number == 0 ? base : "\(base)_\(number)"
  }

  /// The names in obsm of the codes of every kind of model but the one of X_latent.
  package var namesOfOtherKinds: [String] {
    ModelName.allCases.flatMap { model in
      let base = Self.codes(of: model)
      return (0...).lazy.map { Self.name(base, $0) }.prefix { obsm[$0] != nil }
    }
  }

  /// The kind of model that X_latent is of; nil where no history shows it, or where another program
  /// has put its own there.
  private var codedModel: ModelName? {
    guard obsm[Self.firstCodes] != nil, isOwn(part: "obsm/\(Self.firstCodes)") else { return nil }
    for entry in history.reversed() {
      let key = ["sc-pretrain": "model", "sc-cluster": "method"][entry.tool]
      guard let text = key.flatMap({ entry.settings[$0] }) else { continue }
      if let model = ModelName.allCases.first(where: { JSONValue.string($0.rawValue).text == text })
      {
        return model
      }
    }
    return nil
  }

  /// Makes X_latent, X_latent_1, … the place of the codes of a model that is to be trained: those
  /// of another kind keep theirs under its name.
  package mutating func bringForward(_ model: ModelName) {
    let current = codedModel
    if current == model { return }
    if let current { move(Self.firstCodes, to: Self.codes(of: current)) }
    if current != nil { move(Self.codes(of: model), to: Self.firstCodes) }
    drop(Self.codes(of: model))
  }

  /// Renames codes; those that have the new names are gone.
  private mutating func move(_ old: String, to new: String) {
    drop(new)
    for number in Self.numbers {
      let (from, to) = (Self.name(old, number), Self.name(new, number))
      guard let codes = obsm.removeValue(forKey: from) else { break }
      obsm[to] = codes
    }
    for number in Self.numbers {
      let (from, to) = (Self.name(old, number), Self.name(new, number))
      guard let codes = tensors.removeValue(forKey: Learners.prefix + from) else { break }
      tensors[Learners.prefix + to] = codes
    }
  }

  private mutating func drop(_ base: String) {
    for number in Self.numbers where obsm.removeValue(forKey: Self.name(base, number)) == nil {
      break
    }
    for number in Self.numbers
    where tensors.removeValue(forKey: Learners.prefix + Self.name(base, number)) == nil { break }
  }

  private static let numbers = 0..<1_000_000
}
