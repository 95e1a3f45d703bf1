/// Forms of arguments that the parser does not know: `-t2`, and the names that options had in the version before.
enum ArgumentForms {
  /// The arguments with `-t2` as `-t 2`, and former names of options in today's form.
  ///
  /// - Parameter former: today's name of an option by its former name, both without dashes.
  static func normalized(_ arguments: [String], former: [String: String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].flatMap { argument in
      separated(argument) ?? [renamed(argument, former)]
    } + arguments[end...]
  }

  /// `-t2` as two words; nil of another form.
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
