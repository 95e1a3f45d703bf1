import ArgumentParser
import CellData
import Doublets
import Plots
import StageSupport

/// How the cells are assessed beyond fixed limits, and where to show it.
struct QualityOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Drop cells more than N median absolute deviations from the median. The values are log counts and log genes (on both sides) and the mitochondrial share (above). With --batch-key the medians are those of the batch.",
      valueName: "n"))
  var mad: Double?

  @Option(
    help: ArgumentHelp(
      "Draw counts, genes and mitochondrial share before and after the filters: .png, .svg, .pdf, or .html with the numbers.",
      valueName: "file"))
  var qc: Path?

  @Flag(
    help:
      "Score each cell as a possible doublet (Scrublet). With --batch-key each batch is scored alone. Writes obs/doublet_score and obs/predicted_doublet."
  )
  var doublets = false

  @Option(
    help: ArgumentHelp(
      "The expected share of doublets. (default: 0.06)", valueName: "share"))
  var doubletRate: Double?

  @Option(
    help: ArgumentHelp(
      "The score above which a cell is a doublet. (default: the minimum between the two modes of the simulated doublets' scores)",
      valueName: "score"))
  var doubletThreshold: Double?

  @Flag(help: "Drop the predicted doublets.")
  var dropDoublets = false

  static let declarations: [OptionDeclaration] = [
    .option("mad", .positiveReals(through: 1000)), .option("qc"), .option("doublets"),
    .option("doublet-rate", .reals(0.001...0.5), for: .with("doublets")),
    .option("doublet-threshold", .reals(0...1), for: .with("doublets")),
    .option("drop-doublets", for: .with("doublets")),
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

  /// What the search takes.
  func doubletOptions(seed: UInt64) -> DoubletOptions {
    var options = DoubletOptions()
    options.rate = doubletRate ?? options.rate
    options.threshold = doubletThreshold
    options.seed = seed
    return options
  }

  /// The bytes that these take in addition to the counts. A picture takes its pixels and what is
  /// drawn. The search for doublets is counted as if all cells are of one sample.
  func memory(_ extent: DataExtent) -> Int {
    let raster = qc == nil ? 0 : 72 << 20
    if !doublets { return raster }
    let (cells, genes) = (extent.cells, min(3000, extent.genes * 3 / 20))
    let neighbors = min(16_384, 3 * cells) * Int(1.5 * Double(cells).squareRoot() + 20) * 32
    // The variable genes have more than their share of the entries, twice over in the doublets.
    return raster + 14 * extent.entries + 40 * genes * genes + 1300 * cells + neighbors + 8 << 20
  }

  var settings: [(String, JSONValue)] {
    [
      ("mad", .optional(mad)), ("doublets", .boolean(doublets)),
      ("doublet_rate", doublets ? .number(doubletRate ?? DoubletOptions().rate) : .null),
      ("doublet_threshold", .optional(doubletThreshold)),
      ("drop_doublets", .boolean(dropDoublets)),
    ]
  }
}
