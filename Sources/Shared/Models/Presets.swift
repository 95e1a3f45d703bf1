/// How a model is trained in three forms, each a value over which a user's options are laid.
package protocol PresetSettings: Sendable {
  /// What gives good clusters soonest.
  static var standard: Self { get }
  /// The published paper.
  static var paper: Self { get }
  /// The program that its authors released.
  static var released: Self { get }
}

extension PresetSettings {
  /// These settings with a change.
  package func with(_ change: (inout Self) -> Void) -> Self {
    var changed = self
    change(&changed)
    return changed
  }
}
