import ArgumentParser

/// The purposes of all options of a program, and which of them were given.
package struct OptionTable: Sendable {
  private let declarations: [OptionDeclaration]
  /// The typed values by name; empty for a flag.
  private let given: [String: String]
  /// The letters that may follow one dash.
  private let letters: Set<Character>

  /// The options of a program, and those of `arguments`.
  package init(of program: (some DeclaredOptions).Type, arguments: [String]) {
    declarations = program.allDeclarations
    var names: [Character: String] = [:]
    for entry in declarations { if let short = entry.short { names[short] = entry.name } }
    given = OptionTable.given(in: arguments, names)
    letters = Set(names.keys).union(["h"])
  }

  /// Throws a `ValidationError` for several letters after one dash if `h` is among them and not all
  /// are options. The parser would show the help for the file `-m.h5ad`.
  func requireKnownLetters(in arguments: [String]) throws {
    for argument in arguments.prefix(while: { $0 != "--" }) {
      guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { continue }
      let bundle = argument.dropFirst().prefix { $0 != "=" }
      if bundle.count > 1, bundle.contains("h"), !bundle.allSatisfy(letters.contains) {
        throw ValidationError(
          "Unknown option '\(argument)'; a file of that name is './\(argument)'.")
      }
    }
  }

  /// The options among the arguments. A word that begins with a dash is a value only if it is a
  /// negative number.
  private static func given(
    in arguments: [String], _ names: [Character: String]
  ) -> [String: String] {
    var result: [String: String] = [:]
    for (place, argument) in arguments.enumerated() {
      if argument == "--" { break }
      guard argument.hasPrefix("-"), argument != "-", Double(argument) == nil else { continue }
      let parts = argument.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let next = place + 1 < arguments.count ? arguments[place + 1] : ""
      let value = parts.count > 1 ? String(parts[1]) : next
      if argument.hasPrefix("--") {
        result[String(parts[0].dropFirst(2))] = value
      } else {
        for letter in parts[0].dropFirst() { if let name = names[letter] { result[name] = value } }
      }
    }
    return result
  }

  /// The long name of every option that takes a number, by each of its names with dashes.
  static func numericNames(of program: (some DeclaredOptions).Type) -> [String: String] {
    var result: [String: String] = [:]
    for entry in program.allDeclarations where entry.isNumeric {
      result["--\(entry.name)"] = entry.name
      if let short = entry.short { result["-\(short)"] = entry.name }
    }
    return result
  }

  /// Whether an option was given, by any of its names.
  package func has(_ option: String) -> Bool { given[option] != nil }

  /// Whether no options but these were given.
  package func areAllAmong(_ names: Set<String>) -> Bool { given.keys.allSatisfy(names.contains) }

  /// Throws a `ValidationError` for a number out of its option's range.
  package func requireRanges() throws {
    for entry in declarations {
      guard let range = entry.range, let value = given[entry.name], !range.contains(value) else {
        continue
      }
      throw ValidationError("--\(entry.name) \(value): must be \(range.description).")
    }
  }

  /// Throws a `ValidationError` for an option that would change nothing, as far as the facts show.
  package func requireEffects(_ facts: Facts) throws {
    for entry in declarations where given[entry.name] != nil {
      for requirement in entry.requirements {
        guard let fact = facts[requirement.fact] ?? ownFact(requirement.fact),
          !requirement.holds(fact)
        else { continue }
        let reason = fact.hasPrefix("but ") ? fact : "but \(requirement.fact) is \(fact)"
        throw ValidationError("--\(entry.name) is for \(requirement.purpose), \(reason).")
      }
    }
  }

  /// Whether the option of that name was given.
  private func ownFact(_ fact: String) -> String? {
    guard fact.hasPrefix("--") else { return nil }
    return has(String(fact.dropFirst(2))) ? Requirement.given : Requirement.missing
  }

  /// One line for each option: its name, its range of numbers and its purpose, separated by tabs.
  var text: String {
    declarations.map { entry in
      let purposes = entry.requirements.map(\.purpose).joined(separator: "; ")
      return "--\(entry.name)\t\(entry.range?.description ?? "")\t\(purposes)\n"
    }.joined()
  }

  /// The argument that has a program print its table.
  static let dumpArgument = "--experimental-dump-options"
}
