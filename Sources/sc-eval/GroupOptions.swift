import ArgumentParser
import CellData
import StageSupport

/// Which genes differ between groups of samples.
struct GroupOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Compare gene expression in each cluster between the groups of this column, such as conditions. Counts are summed by --replicate and tested as in DESeq2.",
      valueName: "column"))
  var compareGroups: String?

  @Option(
    help: ArgumentHelp(
      "With --compare-groups: the column of the replicates, such as donors. Each group needs two or more; cells are not replicates.",
      valueName: "column"))
  var replicate: String?

  @Option(
    help: ArgumentHelp(
      "With --compare-groups: the group that the others are compared with. (default: the first)",
      valueName: "name"))
  var baseGroup: String?

  @Option(
    help: ArgumentHelp(
      "Write the genes of each cluster and group, with fold changes and p-values, as tab-separated text.",
      valueName: "file"))
  var groupGenes: Path?

  static let declarations: [OptionDeclaration] = [
    .option(
      "compare-groups", for: .figures, .oneRun, .with("replicate"),
      Requirement("the groups", "runs with --group-genes or --report") {
        $0 != PageOptions.unwritten
      }),
    .option("replicate", for: .with("compare-groups")),
    .option("base-group", for: .with("compare-groups")),
    .option("group-genes", for: .with("compare-groups")),
  ]

  mutating func validate() throws {
    try groupGenes?.requireEnding(Path.textEndings, "group-genes")
  }

  /// The files of these options.
  var files: [RunFile] {
    [RunFile(ifGiven: "--group-genes", groupGenes, .writes(isBinary: false))].compactMap(\.self)
  }
}
