import ArgumentParser
import Plots
import StageSupport

/// What a picture may show.
enum PictureKind: String, CaseIterable, ExpressibleByArgument {
  case layout, confusion, sizes, confidence, losses, gradients, grid, scores, dotplot, violin,
    heatmap, composition, scree, silhouette, tree, alluvial

  /// Whether it shows one run, several (`--compare`), or either.
  fileprivate func shows(several: Bool) -> Bool {
    switch self {
    case .layout, .losses, .gradients, .grid, .alluvial: true
    case .scores: several
    default: !several
    }
  }
}

/// The picture of the figures.
struct PictureOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Draw pictures into this file: .png, .svg or .pdf. An .html file gets the report; - and devices get .png. Above 20,000 cells a random sample is drawn.",
      valueName: "file"))
  var plot: Path?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What to draw. Cells: layout, silhouette, confidence (with --labels). Clusters: sizes, tree, confusion, alluvial (from true labels), composition (of samples: --batch-key, or obs/sample). Genes of the clusters: dotplot, violin, heatmap. Training: losses, gradients (with --diagnose), grid (of sc-cluster --grid). scree: the variance of the principal components. With --compare: scores, layout, losses, gradients, grid (over two settings) or alluvial (from one file's clusters to the next). (default: layout, confusion, sizes, losses and gradients, as far as the data has them; with --color the layout; with --compare scores)",
      valueName: "kind"))
  var figures: [PictureKind] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Color the layout by these too: columns of obs, or genes. Categories get distinct colors, numbers a color scale.",
      valueName: "gene|column"))
  var color: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write the losses and, with --diagnose, the trajectory of the training as tab-separated text.",
      valueName: "file"))
  var curves: Path?

  static let declarations: [OptionDeclaration] = [
    .option("plot", for: .figures),
    .option(
      "figures", for: .with("plot"),
      Requirement("the plot", "pictures (--plot with .png, .svg or .pdf)") { $0 != "a page" }),
    .option(
      "color", for: .with("plot"),
      Requirement("the plot", "pictures (--plot with .png, .svg or .pdf)") { $0 != "a page" },
      .oneRun),
    .option("curves", for: .figures),
  ]

  mutating func validate() throws {
    try curves?.requireEnding(Path.textEndings, "curves")
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

  /// Without a choice the pictures that fit on one sheet together; for several runs their scores.
  func wants(_ kind: PictureKind, ofSeveral isComparing: Bool = false) -> Bool {
    if !color.isEmpty && kind == .layout { return true }
    if !figures.isEmpty { return figures.contains(kind) }
    if !color.isEmpty { return false }
    let usual: [PictureKind] = [.layout, .confusion, .sizes, .losses, .gradients]
    return isComparing ? kind == .scores : usual.contains(kind)
  }

  /// Throws a `ValidationError` for what cannot be drawn of one run, or of several.
  func requireKinds(ofSeveral isComparing: Bool) throws {
    if let kind = figures.first(where: { !$0.shows(several: isComparing) }) {
      throw ValidationError(
        "--figures \(kind.rawValue) is for \(isComparing ? "one run, without" : "several runs, with") --compare."
      )
    }
    if isComparing && plot != nil && format == nil {
      throw ValidationError(
        "--plot \(plot?.description ?? ""): a page shows one run; with --compare name a file that ends in .png, .svg or .pdf."
      )
    }
  }
}
