import ArgumentParser
import StageSupport

/// Clusters that become one: `2,5`.
struct MergedClusters: ExpressibleByArgument, Equatable {
  let names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.count < 2 || names.contains("") || Set(names).count < names.count { return nil }
  }
}

/// Changes of existing clusters.
struct EditingOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Divide this cluster of the input again: 3 becomes 3.0, 3.1, …; the others stay. With --clusters, --method, --use, --resolution.",
      valueName: "cluster"))
  var within: String?

  @Option(
    help: ArgumentHelp(
      "Merge these clusters of the input into one, named after the first: 2,5. May be given several times.",
      valueName: "a,b,…"))
  var merge: [MergedClusters] = []

  @Option(
    help: ArgumentHelp(
      "Rename clusters of the input: a table of two columns, the old name and the new.",
      valueName: "file"))
  var rename: Path?

  @Option(
    help: ArgumentHelp(
      "Also write the tree of the clusters' means in Newick's format, and store it in uns/dendrogram. Without an option that divides cells, it is the tree of the input's clusters.",
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
