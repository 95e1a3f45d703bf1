/// The text of `--help` with its groups of options in the order of use. Files and main options come
/// first, then further groups and the options of all stages. Settings for experts and ablations
/// come last.
///
/// The parser itself puts options without a title behind all groups, with `--version` and `--help`.
struct HelpText {
  /// A group of options, with the lines of each.
  private struct Group {
    let title: String
    var entries: [[Substring]] = []

    /// Two spaces begin an entry, and more continue it.
    mutating func add(_ line: Substring) {
      if line.hasPrefix("   "), let last = entries.indices.last {
        entries[last].append(line)
      } else {
        entries.append([line])
      }
    }

    /// Groups of a lower rank come first.
    var rank: Int {
      switch title {
      case "INPUT AND OUTPUT": 0
      case HelpText.main: 1
      case HelpText.shared: 3
      case "ABLATIONS": 5
      default: title.hasPrefix("OPTIONS OF ") ? 4 : 2
      }
    }
  }

  private static let shared = "ALL STAGES"
  private static let main = "MAIN OPTIONS"

  /// The lines up to the usage.
  private var head: [Substring] = []
  private var groups: [Group] = []

  /// Reads the parser's text, and gives its options without a title this one.
  ///
  /// - Parameter main: the options that form the main group, if the program has no such group.
  init(_ text: String, ungrouped title: String, main: [String]) {
    var isHead = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if isHead {
        head.append(line)
        isHead = !line.hasPrefix("USAGE: ")
      } else if line.hasSuffix(":"), !line.hasPrefix(" ") {
        groups.append(Group(title: String(line.dropLast())))
      } else if !line.isEmpty, let last = groups.indices.last {
        groups[last].add(line)
      }
    }
    distributeUngrouped(title)
    collect(main)
    groups = groups.enumerated().sorted {
      ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
    }.map(\.element)
  }

  /// Puts `--version` and `--help` beside the options of all stages, and the others under a title.
  private mutating func distributeUngrouped(_ title: String) {
    guard let place = groups.firstIndex(where: { $0.title == "OPTIONS" }) else { return }
    let isShared = { (entry: [Substring]) in
      ["  --version ", "  -h, --help "].contains { entry[0].hasPrefix($0) }
    }
    let entries = groups.remove(at: place).entries
    add(entries.filter(isShared), to: Self.shared)
    add(entries.filter { !isShared($0) }, to: title)
  }

  /// Moves these options out of their groups into a main group, unless there is one.
  private mutating func collect(_ main: [String]) {
    if groups.contains(where: { $0.title == Self.main }) { return }
    let isMain = { (entry: [Substring]) in
      entry[0].split { " ,".contains($0) }.contains { main.contains(String($0.dropFirst(2))) }
    }
    var found = Group(title: Self.main)
    for place in groups.indices where groups[place].rank > 0 {
      found.entries += groups[place].entries.filter(isMain)
      groups[place].entries.removeAll(where: isMain)
    }
    groups.insert(found, at: 0)
  }

  private mutating func add(_ entries: [[Substring]], to title: String) {
    if entries.isEmpty { return }
    if let place = groups.firstIndex(where: { $0.title == title }) {
      groups[place].entries += entries
    } else {
      groups.insert(Group(title: title, entries: entries), at: 0)
    }
  }

  /// All lines, with a blank one before every group.
  var text: String {
    let blocks = groups.map { group -> String in
      let lines = group.entries.flatMap(\.self)
      return "\(group.title):\n" + lines.joined(separator: "\n")
    }
    return ([head.joined(separator: "\n")] + blocks).joined(separator: "\n\n") + "\n"
  }
}
