import ArgumentParser
import StageSupport

/// Clusters that become one: `2,5`. As in CSV, a name in double quotes may have commas, and two
/// quotes in it are one.
struct MergedClusters: ExpressibleByArgument, Equatable {
  let names: [String]

  init?(argument: String) {
    var names: [String] = []
    var rest = argument[...]
    while true {
      guard let (name, after) = Self.firstName(of: rest) else { return nil }
      names.append(name)
      guard let separator = after.first else { break }
      if separator != "," { return nil }
      rest = after.dropFirst()
    }
    if names.count < 2 || names.contains("") || Set(names).count < names.count { return nil }
    self.names = names
  }

  /// The name at the beginning and what follows it; nil if its quotes are not closed.
  private static func firstName(of text: Substring) -> (name: String, rest: Substring)? {
    guard text.first == "\"" else {
      let name = text.prefix { $0 != "," }
      return (String(name), text[name.endIndex...])
    }
    var (name, rest) = ("", text.dropFirst())
    while let end = rest.firstIndex(of: "\"") {
      name += rest[..<end]
      rest = rest[end...].dropFirst()
      guard rest.first == "\"" else { return (name, rest) }
      name += "\""
      rest = rest.dropFirst()
    }
    return nil
  }
}

/// Changes of existing clusters.
struct EditingOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Split this cluster of the input: 3 becomes 3.0, 3.1, …; the others stay. With --clusters, --method, --use, --resolution.",
      valueName: "cluster"))
  var within: String?

  @Option(
    help: ArgumentHelp(
      "Merge these clusters of the input into one, named after the first: 2,5. Put a name with a comma in double quotes. May be given several times.",
      valueName: "a,b,…"))
  var merge: [MergedClusters] = []

  @Option(
    help: ArgumentHelp(
      "Rename clusters of the input: a table of two columns, the old name and the new.",
      valueName: "file"))
  var rename: Path?

  @Option(
    help: ArgumentHelp(
      "Also write the tree of the clusters' means in Newick's format, and store it in uns/dendrogram. Alone, it takes the clusters of the input.",
      valueName: "file"))
  var tree: Path?

  static let declarations: [OptionDeclaration] = [
    .option("within", for: .without("reference")), .option("merge", for: .without("reference")),
    .option("rename", for: .without("reference")), .option("tree", for: .without("reference")),
  ]

  /// Whether the run changes clusters of the input, and finds none in all cells.
  var edits: Bool { within != nil || !merge.isEmpty || rename != nil }

  /// What a run without a division changes, to follow "what changes is".
  var changes: String {
    merge.isEmpty ? Self.wholeChanges[0] : Self.wholeChanges[rename == nil ? 1 : 2]
  }

  static let wholeChanges = [
    "the names of clusters", "which clusters are one", "which clusters are one, and their names",
  ]

  /// The files that these options name.
  var files: [RunFile] {
    [
      RunFile(ifGiven: "--rename", rename, .reads),
      RunFile(ifGiven: "--tree", tree, .writes(isBinary: false)),
    ].compactMap(\.self)
  }

  var settings: [(String, JSONValue)] {
    [
      ("within", .optional(within)),
      ("merge", .array(merge.map { .array($0.names.map { .string($0) }) })),
    ]
  }
}
