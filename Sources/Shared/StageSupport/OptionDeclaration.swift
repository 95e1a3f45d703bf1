// The purpose of every option. Each group declares its options, and `OptionTable` collects those of
// a program. Options without effect and impossible numbers are refused before the data are read.
// They are checked again with the data.
//
// To add an option: 1. the property; 2. its declaration in `declarations` of the same group, with
// its range and what must hold for it to act;
// 3. if that depends on something new, a fact of that name in `facts` of the program.

import ArgumentParser

/// Facts of a run that decide which options have an effect, in the words of messages: `the method`
/// is `leiden`, `the patience` is `0`.
///
/// A fact that begins with `but ` is the rest of the message. Facts that are not known yet are left
/// out. Every option has a fact under its own name (`--plot`): whether it was given.
package typealias Facts = [String: String]

/// Something that must hold for an option to change the result.
package struct Requirement: Sendable {
  /// The fact that it checks.
  let fact: String
  /// What fulfills it, to follow "is for": `methods that train (sctpf, scemc)`.
  let purpose: String
  let holds: @Sendable (String) -> Bool

  package init(
    _ fact: String, _ purpose: String, where holds: @escaping @Sendable (String) -> Bool
  ) {
    (self.fact, self.purpose, self.holds) = (fact, purpose, holds)
  }

  /// Requires that another option is given too.
  package static func with(_ option: String) -> Requirement {
    Requirement("--\(option)", "runs with --\(option)") { $0 == given }
  }

  /// Requires that another option is not given.
  package static func without(_ option: String) -> Requirement {
    Requirement("--\(option)", "runs without --\(option)") { $0 != given }
  }

  static let (given, missing) = ("given", "missing")
}

/// The numbers that an option takes.
package enum NumberRange: Sendable {
  case integers(ClosedRange<Int>)
  case reals(ClosedRange<Double>)
  /// Above 0 and up to the limit.
  case positiveReals(through: Double)
  /// From 0 to below 1.
  case belowOne

  /// Whether a typed number is in the range. Other text passes, because the parser refuses it.
  func contains(_ text: String) -> Bool {
    switch self {
    case .integers(let range):
      return Int(text).map { range.contains($0) } ?? true
    case .reals(let range): return Double(text).map { range.contains($0) } ?? true
    case .positiveReals(let limit): return Double(text).map { $0 > 0 && $0 <= limit } ?? true
    case .belowOne: return Double(text).map { $0 >= 0 && $0 < 1 } ?? true
    }
  }

  /// `from 1 to 1,000,000`
  var description: String {
    switch self {
    case .integers(let range):
      "from \(grouped(range.lowerBound)) to \(grouped(range.upperBound))"
    case .reals(let range): "from \(short(range.lowerBound)) to \(short(range.upperBound))"
    case .positiveReals(let limit): "above 0, up to \(short(limit))"
    case .belowOne: "from 0 to below 1"
    }
  }
}

/// The purpose of one option.
package struct OptionDeclaration: Sendable {
  /// The name as it is typed, without dashes.
  let name: String
  let short: Character?
  let range: NumberRange?
  /// Whether it takes a number: always with a range.
  let isNumeric: Bool
  let requirements: [Requirement]

  /// An option with its requirements, in the order in which they are checked.
  package static func option(
    _ name: String, short: Character? = nil, _ range: NumberRange? = nil,
    isNumeric: Bool = false, for requirements: Requirement...
  ) -> OptionDeclaration {
    OptionDeclaration(
      name: name, short: short, range: range, isNumeric: isNumeric || range != nil,
      requirements: requirements)
  }
}

/// A group of options that declares what they are for.
package protocol DeclaredOptions: ParsableArguments {
  /// One declaration for each of its options.
  static var declarations: [OptionDeclaration] { get }
}

/// A property that holds such a group.
private protocol DeclaredGroup {
  static var group: any DeclaredOptions.Type { get }
}

extension OptionGroup: DeclaredGroup where Value: DeclaredOptions {
  static var group: any DeclaredOptions.Type { Value.self }
}

extension DeclaredOptions {
  /// Its own declarations and those of the groups in it.
  static var allDeclarations: [OptionDeclaration] {
    declarations
      + Mirror(reflecting: Self()).children.flatMap { child in
        (child.value as? any DeclaredGroup).map { type(of: $0).group.allDeclarations } ?? []
      }
  }
}

/// `1,000,000`
private func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [Substring] = []
  while digits.count > 3 {
    groups.insert(digits.suffix(3), at: 0)
    digits = String(digits.dropLast(3))
  }
  return (number < 0 ? "-" : "") + ([Substring(digits)] + groups).joined(separator: ",")
}

/// Whole numbers without a point.
private func short(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? grouped(Int(number)) : "\(number)"
}
