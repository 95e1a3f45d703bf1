/// A set of defaults.
package enum Preset: String, CaseIterable, Sendable {
  /// What gives good clusters soonest.
  case `default`
  /// The published paper.
  case paper
  /// The program that its authors released.
  case released
}
