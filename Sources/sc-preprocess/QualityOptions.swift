import ArgumentParser
import Plots
import StageSupport

/// How the cells are judged beyond fixed limits, and where that is shown.
struct QualityOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Drop cells whose log counts or log genes are further from the median than so many median absolute deviations, or whose mitochondrial share is further above it; of their batch with --batch-key.",
      valueName: "n"))
  var mad: Double?

  @Option(
    help: ArgumentHelp(
      "Draw the cells before and after the filters into this file: counts, genes, mitochondrial share. .png, .svg, .pdf, or .html with the numbers.",
      valueName: "file"))
  var qc: Path?

  static let declarations: [OptionDeclaration] = [
    .option("mad", .positiveReals(through: 1000)), .option("qc"),
  ]

  mutating func validate() throws {
    guard let qc, !qc.isStream, format == nil, !qc.hasExtension("html") else { return }
    throw ValidationError(
      "--qc \(qc.description): name a file that ends in .png, .svg, .pdf or .html.")
  }

  /// The format of the picture; nil for a page.
  var format: PictureFormat? {
    guard let qc else { return nil }
    if qc.isStream { return .png }
    return PictureFormat.allCases.first { qc.hasExtension($0.rawValue) }
  }

  /// The picture among the files of a run.
  var file: RunFile? { RunFile(ifGiven: "--qc", qc, .writes(isBinary: format != nil)) }

  /// The bytes of a picture's pixels, and of what is drawn.
  var raster: Int { qc == nil ? 0 : 72 << 20 }

  var settings: [(String, JSONValue)] { [("mad", .optional(mad))] }
}
