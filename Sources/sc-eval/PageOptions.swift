import ArgumentParser
import StageSupport

/// What other people and programs read.
struct PageOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Write one page of HTML with metrics, pictures, clusters, genes and settings. It needs no other file.",
      valueName: "file"))
  var report: Path?

  @Option(
    help: ArgumentHelp(
      "Write the metrics for MultiQC, which finds files that end in _mqc.json.", valueName: "file"))
  var multiqc: Path?

  @Option(
    help: ArgumentHelp(
      "The name of the data in the report and for MultiQC. (default: the name of the input)",
      valueName: "name"))
  var sample: String?

  static let declarations: [OptionDeclaration] = [
    .option("report", for: .figures, .oneRun), .option("multiqc", for: .figures, .oneRun),
    .option(
      "sample",
      for: Requirement("none of them", "--report, --multiqc or --plot") { $0 != "given" },
      .oneRun),
  ]

  /// The value of a fact if no file shows what was asked for.
  static let unwritten = "but neither is given"

  mutating func validate() throws {
    try report?.requireEnding(["html", "htm", "dat"], "report")
    try multiqc?.requireEnding(["json"], "multiqc")
  }
}
