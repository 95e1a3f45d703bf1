import ArgumentParser

/// A set of defaults.
package enum Preset: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// What gives good clusters soonest.
  case `default`
  /// The published schedule.
  case paper
}
