import ArgumentParser
import CellData
import DataFormats
import Preprocessing
import StageSupport
import Tensors

extension Orientation: ExpressibleByArgument {}

/// How to read the input.
struct SourceOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "True labels to copy into the output: a column of obs, or a file of barcodes and labels. Labels of a file become obs/label; FILE:COLUMN chooses among several columns. Only sc-eval reads them.",
      valueName: "column|file[:column]"))
  var labels: Path?

  @Flag(
    help: ArgumentHelp(
      "Transpose the matrix of the input: text with cells in columns, or Matrix Market with cells in rows."
    ))
  var transpose = false

  @Option(
    help: ArgumentHelp(
      "Whether the rows of the input are cells or genes. It overrides the format's default and the guess from names.",
      valueName: "axis"))
  var orientation: Orientation?

  @Option(help: ArgumentHelp("The genome to read from a 10x file with several.", valueName: "name"))
  var genome: String?

  @Option(
    help: ArgumentHelp(
      "The layer that holds the counts. (default: counts, else X, else raw; all genes in raw after an earlier run)",
      valueName: "name"))
  var layer: String?

  @Flag(help: "Add -1, -2, … to cells of the same name. Without it they are refused.")
  var makeUnique = false

  @Flag(help: "Accept values that are not whole numbers.")
  var allowNoninteger = false

  static let declarations: [OptionDeclaration] = [
    .option("labels"), .option("transpose"),
    .option("genome", for: Requirement("the input", "10x HDF5") { $0.contains("10x HDF5") }),
    .option("orientation"), .option("make-unique"),
    .option(
      "layer",
      for: Requirement("the input", "files with layers") {
        ["AnnData", "MuData", "Loom", "tensor stream"].contains(where: $0.contains)
      }),
    .option("allow-noninteger"),
  ]

  mutating func validate() throws {
    if transpose && orientation != nil {
      throw ValidationError("--transpose and --orientation exclude each other.")
    }
  }

  /// The files that --labels may name: FILE, or FILE:COLUMN.
  var labelFiles: [Path] { labels.map { StageSupport.labelFiles($0) } ?? [] }

  /// How to read a file; what no option gives is detected.
  func reading(rna: String? = nil) -> ReadingOptions {
    var options = ReadingOptions(genome: genome, rna: rna, isTransposed: transpose)
    options.orientation = orientation
    options.isOrientationChecked = true
    options.makesCellsUnique = makeUnique
    options.splitsFeatureTypes = true
    options.allowsMissingX = true
    options.countLayer = layer
    return options
  }

  /// How to read another measurement of cells whose names are known. These names show the
  /// orientation of its matrix; the options are only for the input.
  func reading(beside cells: [String]) -> ReadingOptions {
    var options = reading()
    options.isTransposed = false
    options.orientation = nil
    options.isOrientationChecked = false
    options.knownCells = Set(cells)
    return options
  }

  var settings: [(String, JSONValue)] {
    [
      ("transpose", .boolean(transpose)), ("orientation", .optional(orientation?.rawValue)),
      ("genome", .optional(genome)), ("layer", .optional(layer)),
      ("make_unique", .boolean(makeUnique)),
      ("allow_noninteger", .boolean(allowNoninteger)),
    ]
  }
}

/// What cells are scaled to.
enum TargetSum: Equatable, ExpressibleByArgument {
  case median
  case exactly(Double)

  init?(argument: String) {
    if argument == "median" {
      self = .median
    } else if let number = Double(argument) {
      self = .exactly(number)
    } else {
      return nil
    }
  }

  /// Nil for the median.
  var counts: Double? {
    if case .exactly(let number) = self { number } else { nil }
  }
}

/// Which cells and genes are kept.
struct FilterOptions: DeclaredOptions {
  @Option(help: ArgumentHelp("Drop cells with fewer genes.", valueName: "n"))
  var minGenes = 0

  @Option(help: ArgumentHelp("Drop cells with fewer counts.", valueName: "n"))
  var minCounts = 0.0

  @Option(
    help: ArgumentHelp(
      "Drop cells with a larger share of mitochondrial counts.",
      valueName: "share"))
  var maxMitoFraction: Double?

  @Option(
    help: ArgumentHelp(
      "Drop genes that a smaller share of the cells expresses.", valueName: "share"))
  var minCellsFraction = 0.01

  @Option(help: ArgumentHelp("Keep the N most variable genes.", valueName: "n"))
  var genes = 2000

  @Option(
    help:
      "How variable genes are ranked: seurat, cell_ranger or seurat_v3. It matters if not all genes are kept."
  )
  var hvgFlavor: VariableGeneFlavor = .seurat

  @Flag(
    help:
      "Keep the variable genes only. Without this option, all genes that pass the filters are kept in raw."
  )
  var onlyVariable = false

  @Option(
    name: .customLong("raw"),
    help:
      "What raw holds of all genes that pass the filters: log, the log-normalized values that scanpy expects there, or counts. (default: log)"
  )
  var rawForm: AllGenesForm?

  @Option(
    help: ArgumentHelp(
      "Scale every cell to N counts before the logarithm, or to the median of the cells. (default: median)",
      valueName: "n|median"))
  var targetSum: TargetSum?

  @Flag(
    help:
      "Do not store means and standard deviations of genes. Later stages then use unscaled values.")
  var noScale = false

  @Option(
    help: ArgumentHelp(
      "A column of obs with batches. Genes are ranked within each batch, and --mad and --doublets assess cells within each batch. (default: the samples, if there are several)",
      valueName: "column"))
  var batchKey: String?

  @Option(help: ArgumentHelp("Keep N cells, drawn at random.", valueName: "n"))
  var subsample: Int?

  static let declarations: [OptionDeclaration] = [
    .option("min-genes", .integers(0...1_000_000_000)), .option("min-counts", .reals(0...1e12)),
    .option("max-mito-fraction", .reals(0...1)), .option("min-cells-fraction", .reals(0...1)),
    .option("genes", .integers(1...1_000_000_000)), .option("hvg-flavor"),
    .option("only-variable"), .option("raw"), .option("no-scale"),
    .option("target-sum", .positiveReals(through: 1e9)),
    .option("batch-key"), .option("subsample", .integers(1...1_000_000_000)),
  ]

  mutating func validate() throws {
    if onlyVariable && rawForm != nil {
      throw ValidationError("--only-variable keeps no raw; leave --raw out.")
    }
  }

  func resolved(
    seed: UInt64, deviations: Double?, allowingNonInteger: Bool
  ) -> PreprocessingOptions {
    var options = PreprocessingOptions()
    options.minGenes = minGenes
    options.minCounts = minCounts
    options.maxMitoFraction = maxMitoFraction
    options.deviations = deviations
    options.minCellsFraction = minCellsFraction
    options.genes = genes
    options.flavor = hvgFlavor
    options.allGenes = onlyVariable ? nil : resolvedRaw
    options.isScaled = !noScale
    options.targetSum = targetSum?.counts
    options.subsample = subsample
    options.seed = seed
    options.allowsNonInteger = allowingNonInteger
    return options
  }

  /// The batch of every cell by the column; nil without a column. A cell without a batch gets −1,
  /// with a message. Samples that are files may have few cells each; those of a column may not.
  ///
  /// - Parameter isAssessed: whether cells are assessed within batches.
  /// - Throws: kind `badData` if no cell has one, or the column is none of batches.
  func batches(
    in cells: CellData, by column: String?, isAssessed: Bool, log: Log
  ) throws -> [Int]? {
    guard let column else { return nil }
    let classes =
      column == batchKey
      ? try cells.obs.batchClasses(column)
      : try cells.obs.classes(column, option: "--batch-key")
    let missing = classes.codes.count { $0 < 0 }
    let words = cells.obs.missingWords(in: column)
    if missing == cells.cellCount {
      throw StageFault(
        .badData,
        "obs/\(column): no cell has a batch\(words); name another column, or leave --batch-key out")
    }
    if missing > 0 {
      log.note(
        "\(missing) of \(cells.cellCount) cells have no batch in obs/\(column)\(words) and are left out where genes are ranked\(isAssessed ? "; --mad assesses them as a batch of their own" : "")"
      )
    }
    return classes.codes.map { Int($0) }
  }

  var settings: [(String, JSONValue)] {
    [
      ("min_genes", .integer(minGenes)), ("min_counts", .number(minCounts)),
      ("max_mito_fraction", .optional(maxMitoFraction)),
      ("min_cells_fraction", .number(minCellsFraction)), ("genes", .integer(genes)),
      ("hvg_flavor", .string(hvgFlavor.rawValue)), ("scale", .boolean(!noScale)),
      ("batch_key", .optional(batchKey)), ("subsample", .optional(subsample)),
    ] + (targetSum?.counts.map { [("target_sum", .number($0))] } ?? [])
  }
}
