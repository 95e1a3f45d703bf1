/// Forms of arguments that the parser does not know: `-t2`, negative numbers, and the names that
/// options had in the version before.
enum ArgumentForms {
  /// The arguments with `-t2` as `-t 2`, `--mad -1` as `--mad=-1`, and today's names in place of
  /// former ones.
  ///
  /// - Parameters:
  ///   - former: today's name of an option by its former name, both without dashes.
  ///   - numeric: the long name of an option that takes a number, by each of its names with dashes.
  static func normalized(
    _ arguments: [String], former: [String: String], numeric: [String: String]
  ) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    let forms = arguments[..<end].flatMap { argument in
      separated(argument) ?? [renamed(argument, former)]
    }
    return joined(forms, numeric) + arguments[end...]
  }

  /// A negative number after an option that takes a number belongs to it. The parser would read it
  /// as another option.
  private static func joined(_ arguments: [String], _ numeric: [String: String]) -> [String] {
    var result: [String] = []
    for argument in arguments {
      if isNegative(argument), let last = result.last, let name = numeric[last] {
        result[result.count - 1] = "--\(name)=\(argument)"
      } else {
        result.append(argument)
      }
    }
    return result
  }

  /// `-1`, `-.5`, `-1e3`, `-8G`, `-inf`.
  private static func isNegative(_ argument: String) -> Bool {
    guard argument.hasPrefix("-") else { return false }
    let second = argument.dropFirst().first
    return second?.isNumber == true || second == "." || Double(argument) != nil
  }

  /// `-t2` as two words; nil for another form.
  private static func separated(_ argument: String) -> [String]? {
    guard argument.hasPrefix("-"), let letter = argument.dropFirst().first, letter.isLetter,
      Int(argument.dropFirst(2)) != nil
    else { return nil }
    return ["-\(letter)", String(argument.dropFirst(2))]
  }

  private static func renamed(_ argument: String, _ former: [String: String]) -> String {
    guard argument.hasPrefix("--") else { return argument }
    let parts = argument.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = former[String(parts[0])] else { return argument }
    return (["--\(name)"] + parts.dropFirst().map(String.init)).joined(separator: "=")
  }
}
