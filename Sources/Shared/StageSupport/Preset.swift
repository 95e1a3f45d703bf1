import ArgumentParser

/// A set of defaults.
package enum Preset: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// What gives good clusters soonest.
  case `default`
  /// The published paper.
  case paper
  /// The program that its authors released.
  case released
}
