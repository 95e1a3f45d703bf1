/// The help of a program in parts. `-h` shows the most used options on one screen.
/// `--help-markdown` writes all as tables.
///
/// The parts come from the text of `--help`, so all three agree.
struct HelpPage {
  struct Entry {
    /// The names as they are typed: `-c, --clusters <n|auto>`.
    let names: String
    /// What the option does, with its values and its default in parentheses at the end.
    var text: String

    /// A line of `--help`: the words that begin with a dash or an angle bracket are names.
    init(_ line: Substring) {
      let words = line.split(separator: " ")
      let count = words.firstIndex { !"-<".contains($0.prefix(1)) } ?? words.count
      names = words[..<count].joined(separator: " ")
      text = words[count...].joined(separator: " ")
    }
  }

  struct Section {
    let title: String
    var entries: [Entry] = []
  }

  private(set) var abstract = ""
  private(set) var usage = ""
  private(set) var examples: [String] = []
  private(set) var sections: [Section] = []

  /// The text of `--help`, with every paragraph on one line.
  init(_ help: String) {
    var isExample = false
    for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
      if let text = line.dropping(prefix: "OVERVIEW: ") {
        abstract = text
      } else if let text = line.dropping(prefix: "USAGE: ") {
        usage = text
      } else if line == "EXAMPLES:" {
        isExample = true
      } else if isExample {
        isExample = !line.isEmpty
        if isExample { examples.append(String(line)) }
      } else if !usage.isEmpty {
        read(line)
      }
    }
  }

  private mutating func read(_ line: Substring) {
    if line.hasSuffix(":"), !line.hasPrefix(" ") {
      sections.append(Section(title: String(line.dropLast())))
    } else if let last = sections.indices.last {
      if line.hasPrefix("  "), !line.hasPrefix("   ") {
        sections[last].entries.append(Entry(line))
      } else if let entry = sections[last].entries.indices.last {
        sections[last].entries[entry].text += " " + line.trimmed()
      }
    }
  }

  /// The entry of an option without its dashes, or of the positional argument in angle brackets.
  func entry(of name: String) -> Entry? {
    sections.lazy.flatMap(\.entries).first { entry in
      entry.names.split { " ,".contains($0) }.contains { $0 == "--\(name)" || $0 == name }
    }
  }
}

// MARK: - One screen

extension HelpPage {
  /// At most 24 lines of at most 80 columns, with the named options and a pointer to the rest.
  func brief(of program: String, options: [String]) -> String {
    let stage = program.split(separator: "-").last.map(String.init) ?? program
    var lines = ["\(program): \(abstract.firstSentence)", "", "Usage: \(usage)", ""]
    for entry in (["<input>"] + options).compactMap({ entry(of: $0) }) {
      lines += entry.names.entryLines(EntryText(entry.text).short)
    }
    lines += ["", "Example:"] + firstExample
    lines += ["", "All options: \(program) --help, man \(program). Short: sc \(stage)."]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The lines of the first example.
  private var firstExample: [String] {
    var lines: [String] = []
    for line in examples {
      lines.append(line)
      if !line.hasSuffix("\\") { break }
    }
    return lines
  }
}

// MARK: - Tables

extension HelpPage {
  /// A table in Markdown for every group of options.
  var markdown: String {
    sections.map { section in
      let rows = section.entries.map { entry in
        let text = EntryText(entry.text)
        return "| \(entry.names.asCode) | \(text.default.escaped) | \(text.long.escaped) |"
      }
      return
        ([
          "### \(section.title.capitalizedFirst)", "", "| option | default | meaning |",
          "|---|---|---|",
        ]
        + rows).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }
}

/// The help of an option, and apart from it the parentheses with values and default.
private struct EntryText {
  var meaning: String
  var values = ""
  var `default` = ""

  init(_ text: String) {
    meaning = text.trimmed()
    var parts: [String] = []
    // Further sentences may follow the values and the default.
    for opening in ["(values: ", "(default: "] {
      guard let found = meaning.parenthesis(beginning: opening) else { continue }
      parts.append(found.inside)
      meaning = (found.before.trimmed() + " " + found.after.trimmed()).trimmed()
    }
    for part in parts {
      if let values = part.dropping(prefix: "values: ") {
        let pieces = values.split(at: "; default: ")
        self.values = pieces.head
        if let tail = pieces.tail { `default` = tail }
      } else if let text = part.dropping(prefix: "default: ") {
        `default` = text
      }
    }
    if `default` == "-" { `default` = "" }
  }

  /// The first sentence, and a default that fits beside it.
  var short: String {
    let isShort = !`default`.isEmpty && `default`.count <= 24
    return meaning.firstSentence + (isShort ? " (\(`default`))" : "")
  }

  /// All sentences, and the values that they do not name.
  var long: String {
    let isNamed = values.split(separator: ",").allSatisfy { meaning.contains($0.trimmed()) }
    return isNamed ? meaning : "\(meaning) Values: \(values)."
  }
}

// MARK: - Text

extension StringProtocol {
  fileprivate func trimmed() -> String {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? start
    return String(self[start..<end])
  }

  /// The text after the prefix; nil without it.
  fileprivate func dropping(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }

  /// The texts before and after the first `separator`.
  fileprivate func split(at separator: String) -> (head: String, tail: String?) {
    var place = startIndex
    while place < endIndex {
      if self[place...].hasPrefix(separator) {
        let behind = index(place, offsetBy: separator.count)
        return (String(self[..<place]), String(self[behind...]))
      }
      place = index(after: place)
    }
    return (String(self), nil)
  }

  /// The texts before, in and after the first parenthesis that begins so.
  fileprivate func parenthesis(
    beginning opening: String
  ) -> (before: String, inside: String, after: String)? {
    let parts = split(at: opening)
    guard let tail = parts.tail else { return nil }
    var depth = 1
    guard
      let end = tail.firstIndex(where: { character in
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
        return depth == 0
      })
    else { return nil }
    return (
      parts.head, String(opening.dropFirst()) + tail[..<end],
      String(tail[tail.index(after: end)...])
    )
  }

  /// The text up to the first period or semicolon that ends a sentence or a part of one.
  fileprivate var firstSentence: String {
    let end = indices.first { place in
      let next = index(after: place)
      return ".;".contains(self[place]) && (next == endIndex || self[next] == " ")
    }
    guard let end else { return String(self) }
    return String(self[..<end]) + "."
  }

  fileprivate var capitalizedFirst: String {
    prefix(1).uppercased() + dropFirst().lowercased()
  }

  /// The text for a cell of a table.
  fileprivate var escaped: String {
    flatMap { character -> String in
      switch character {
      case "|": "\\|"
      case "<": "&lt;"
      case "*": "\\*"
      default: String(character)
      }
    }.reduce(into: "") { $0.append($1) }
  }

  /// `-c, --clusters <n>` as `-c`, `--clusters <n>` in code.
  fileprivate var asCode: String {
    split(separator: ", ").map { name in
      "`" + name.trimmed().flatMap { $0 == "|" ? "\\|" : String($0) } + "`"
    }.joined(separator: ", ")
  }

  /// The lines of an option on one screen: names at the margin, text in at most two lines behind
  /// them.
  fileprivate func entryLines(_ text: String) -> [String] {
    let margin = 26
    let names = "  " + self
    var lines: [String] = []
    if names.count >= margin { lines.append(names) }
    var line = lines.isEmpty ? names.padded(to: margin) : "".padded(to: margin)
    for word in text.split(separator: " ") {
      if line.count + word.count > 79, line.count > margin {
        lines.append(line.trimmedEnd)
        line = "".padded(to: margin)
      }
      line += word + " "
    }
    return lines + [line.trimmedEnd]
  }

  fileprivate func padded(to width: Int) -> String {
    String(self) + String(repeating: " ", count: Swift.max(0, width - count))
  }

  fileprivate var trimmedEnd: String {
    String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
  }
}
