import ArgumentParser
import CellData
import StageSupport

/// What types of cells the clusters are.
struct TypeOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Score types of cells in each cluster by their marker genes: a table of types and genes, or a download of CellMarker or PanglaoDB.",
      valueName: "file"))
  var markersOf: Path?

  @Option(
    help: ArgumentHelp(
      "Write the score of every type in every cluster, with its genes, as tab-separated text.",
      valueName: "file"))
  var typeScores: Path?

  @Option(
    help: ArgumentHelp(
      "Write the best-scoring type of each cluster, as a table for sc-cluster --rename.",
      valueName: "file"))
  var typeNames: Path?

  static let declarations: [OptionDeclaration] = [
    .option(
      "markers-of", for: .figures, .oneRun,
      Requirement("the types", "runs with --type-scores, --type-names or --report") {
        $0 != PageOptions.unwritten
      }),
    .option("type-scores", for: .with("markers-of")),
    .option("type-names", for: .with("markers-of")),
  ]

  mutating func validate() throws {
    try typeScores?.requireEnding(Path.textEndings, "type-scores")
    try typeNames?.requireEnding(Path.textEndings, "type-names")
  }

  /// The files of these options.
  var files: [RunFile] {
    [
      RunFile(ifGiven: "--markers-of", markersOf, .reads),
      RunFile(ifGiven: "--type-scores", typeScores, .writes(isBinary: false)),
      RunFile(ifGiven: "--type-names", typeNames, .writes(isBinary: false)),
    ].compactMap(\.self)
  }
}
