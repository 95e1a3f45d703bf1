import ArgumentParser
import StageSupport

/// The reference of new cells.
struct MappingOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Map the cells of the input onto the clusters of this file. Their nearest cells in the codes of its model decide. Nothing is trained.",
      valueName: "file"))
  var reference: Path?

  @Option(
    help: ArgumentHelp(
      "The column of the reference's obs to transfer, such as names of types. (default: cluster)",
      valueName: "column"))
  var transfer: String?

  static let declarations: [OptionDeclaration] = [
    .option("reference"), .option("transfer", for: .with("reference")),
  ]

  /// The file of the reference.
  var file: RunFile? { RunFile(ifGiven: "--reference", reference, .reads) }
}
