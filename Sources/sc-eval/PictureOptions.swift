import ArgumentParser
import Plots
import StageSupport

/// What a picture may show.
enum PictureKind: String, CaseIterable, ExpressibleByArgument {
  case layout, confusion, sizes, confidence, losses, course
}

/// The picture beside the figures.
struct PictureOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Draw what there is to see into this file: .png, .svg or .pdf (.html writes the report; - and devices get .png). Past 20,000 cells a random sample.",
      valueName: "file"))
  var plot: Path?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What to draw: layout, confusion, sizes, confidence (with --labels), losses, course (with --diagnose). (default: all that the data has, but confidence)",
      valueName: "kind"))
  var figures: [PictureKind] = []

  static let declarations: [OptionDeclaration] = [
    .option("plot", for: .figures, .oneRun),
    .option(
      "figures", for: .with("plot"),
      Requirement("the plot", "pictures (--plot with .png, .svg or .pdf)") { $0 != "a page" }),
  ]

  mutating func validate() throws {
    guard let plot else { return }
    if format == nil && !plot.hasExtension("html") {
      throw ValidationError(
        "--plot \(plot.description): name a file that ends in .png, .svg, .pdf or .html.")
    }
  }

  /// nil for a report.
  var format: PictureFormat? {
    guard let plot else { return nil }
    if plot.isStream { return .png }
    return PictureFormat.allCases.first { plot.hasExtension($0.rawValue) }
  }

  /// Without a choice all but the one that would make the sheet higher than wide, which the report has.
  func wants(_ kind: PictureKind) -> Bool {
    figures.isEmpty ? kind != .confidence : figures.contains(kind)
  }
}
