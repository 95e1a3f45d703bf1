import ArgumentParser
import Models
import StageSupport

/// What --preset takes: `default`, `paper`, `paper:SET` and `released`.
package struct PresetChoice: ExpressibleByArgument, CustomStringConvertible, Sendable {
  package let base: Preset
  /// A data set of scTPF's paper.
  package let paperSet: PaperSet?

  package init(base: Preset, paperSet: PaperSet? = nil) {
    (self.base, self.paperSet) = (base, paperSet)
  }

  package init?(argument: String) {
    let known = Self.all.first { $0.description == argument }
    guard let known else { return nil }
    self = known
  }

  private static let all =
    Preset.allCases.map { PresetChoice(base: $0) }
    + PaperSet.allCases.map { PresetChoice(base: .paper, paperSet: $0) }

  package static var allValueStrings: [String] { all.map(\.description) }

  package var description: String {
    paperSet.map { "paper:\($0.rawValue)" } ?? base.rawValue
  }

  package var defaultValueDescription: String { description }

  /// Throws a `ValidationError` if a data set of scTPF's paper is given for another model.
  ///
  /// - Parameter role: what the model is called in the message.
  package func requireModel(_ name: String, as role: String) throws {
    if paperSet == nil || name == ModelName.sctpf.rawValue { return }
    throw ValidationError(
      "--preset \(description) is for the \(role) sctpf, but the \(role) is \(name).")
  }
}
