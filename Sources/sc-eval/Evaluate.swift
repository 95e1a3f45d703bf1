import ArgumentParser
import CellData
import StageSupport
import Tensors

@main struct Evaluate: StageCommand {
  static let multipliesMatrices = true
  static let mainOptions = [
    "output", "labels", "clusters-column", "json", "plot", "figures", "markers", "report",
    "compare",
  ]
  static let configuration = CommandConfiguration(
    stage: "sc-eval",
    abstract: "Evaluate a clustering with and without true labels, and draw it.",
    discussion: """
      With --labels it gives accuracy, NMI, ARI, AMI, homogeneity, completeness, V-measure, purity and Fowlkes-Mallows. \
      An embedding adds silhouette, Davies-Bouldin and Calinski-Harabasz, a graph modularity. \
      The output is a table on a terminal, and tab-separated text elsewhere. It also writes pictures (--plot), marker genes \
      (--markers), a page with everything (--report), a file for MultiQC (--multiqc), and the data with a layout of the \
      cells (-o with .h5ad or .safetensors).
      """,
    examples: [
      "sc-eval clustered.h5ad --labels cell_type",
      "sc-eval clustered.h5ad --labels cell_type --plot clustered.png --bootstrap 1000",
      "sc-eval clustered.h5ad --report clustered.html --markers markers.tsv",
      "sc-eval clustered.h5ad --markers-of types.tsv --type-scores scores.tsv --type-names names.tsv",
      "sc-eval clustered.h5ad --compare-groups condition --replicate donor --group-genes genes.tsv",
      "sc-eval clustered.h5ad --layout umap -o with-umap.h5ad",
      "sc-eval --compare seed0.h5ad seed1.h5ad kmeans.h5ad --labels cell_type",
      "sc-eval --compare eps*.h5ad --labels cell_type --plot grid.png --figures grid",
      "sc-knn counts.st | sc-pretrain | sc-cluster --clusters 8 | sc-eval --labels cell_type --json",
      "sc-eval clustered.h5ad --labels cell_type --diagnose --plot gradients.png --figures gradients",
      "sc-eval clustered.h5ad --history",
    ])

  @OptionGroup(title: "INPUT AND OUTPUT") var input: InputOptions

  @OptionGroup var evaluation: EvaluationOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Compare several runs in one table. Runs that differ only in their seeds share a row with mean and standard deviation.",
      valueName: "file"))
  var compare: [Path] = []

  @Flag(
    help:
      "Write one JSON object with acc, nmi, ari, ami and the other metrics. Metrics without a value are null."
  )
  var json = false

  @Flag(help: "Print the history of the data, oldest first, instead of metrics.")
  var history = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file for the metrics; - or no name is standard output. A .h5ad or .safetensors file gets the data with the layout (X_tsne, X_umap); the metrics then go to standard output.",
      valueName: "file"))
  var output: Path = .standard

  @OptionGroup(title: "PICTURES AND LAYOUTS") var pictures: PictureOptions
  @OptionGroup(title: "PICTURES AND LAYOUTS") var layout: LayoutOptions
  @OptionGroup(title: "GENES AND REPORTS") var markers: MarkerOptions
  @OptionGroup(title: "GENES AND REPORTS") var types: TypeOptions
  @OptionGroup(title: "GENES AND REPORTS") var groups: GroupOptions
  @OptionGroup(title: "GENES AND REPORTS") var pages: PageOptions
  @OptionGroup(title: "ALL STAGES") var running: RunningOptions

  static let declarations: [OptionDeclaration] = [
    .option("compare", for: .figures), .option("json"), .option("history"),
    .option("output", short: "o"),
  ]

  var facts: Facts {
    var facts: Facts = ["the layout": isLaidOut ? layout.layout.rawValue : LayoutOptions.missing]
    if pictures.plot != nil { facts["the plot"] = pictures.format == nil ? "a page" : "a picture" }
    if pages.report == nil && pages.multiqc == nil && pictures.plot == nil {
      facts["none of them"] = "given"
    }
    if types.typeScores == nil && types.typeNames == nil && !writesPage {
      facts["the types"] = PageOptions.unwritten
    }
    if markers.markers == nil && markers.branchGenes == nil {
      facts["the genes"] = PageOptions.unwritten
    }
    if groups.groupGenes == nil && !writesPage { facts["the groups"] = PageOptions.unwritten }
    return facts
  }

  private var writesPage: Bool {
    pages.report != nil || pictures.plot != nil && pictures.format == nil
  }

  private var isLaidOut: Bool {
    pages.report != nil || dataFormat != nil
      || pictures.plot != nil
        && (pictures.format == nil || pictures.wants(.layout, ofSeveral: !compare.isEmpty))
  }

  /// The format of written data; nil if the output is for figures.
  private var dataFormat: OutputFormat? { OutputFormat(ending: output) }

  /// The files written in addition to the figures.
  private var sideFiles: [RunFile] {
    [
      RunFile(ifGiven: "--plot", pictures.plot, .writes(isBinary: pictures.format != nil)),
      RunFile(ifGiven: "--curves", pictures.curves, .writes(isBinary: false)),
      RunFile(ifGiven: "--markers", markers.markers, .writes(isBinary: false)),
      RunFile(ifGiven: "--branch-genes", markers.branchGenes, .writes(isBinary: false)),
      RunFile(ifGiven: "--report", pages.report, .writes(isBinary: false)),
      RunFile(ifGiven: "--multiqc", pages.multiqc, .writes(isBinary: false)),
    ].compactMap(\.self)
  }

  var files: [RunFile] {
    let isRead = compare.isEmpty || !input.input.isStandard
    // A requested layout may be added to the input; figures never replace it.
    let isAdded = dataFormat != nil && layout.givenLayout != nil
    let main = RunFile(
      "-o", output, isAdded ? .result : .writes(isBinary: dataFormat != nil),
      isFolder: dataFormat?.isFolder ?? false)
    return (isRead ? [input.file] : [])
      + evaluation.labelFiles.map { RunFile("--labels", $0, .mayRead) }
      + compare.map { RunFile("--compare", $0, .comparesWith) }
      + types.files + groups.files + sideFiles
      + [
        main,
        RunFile(
          ifGiven: "the figures", dataFormat.map { _ in .standard }, .writes(isBinary: false)),
      ]
      .compactMap(\.self)
  }

  mutating func validate() throws {
    try output.requireEnding(Path.textEndings + ["json"] + OutputFormat.endings, "output")
    if pictures.figures.contains(.gradients) && !evaluation.diagnose {
      throw ValidationError("--figures gradients needs --diagnose.")
    }
    try pictures.requireKinds(ofSeveral: !compare.isEmpty)
    if pictures.plot != nil && pictures.format == nil && pages.report != nil {
      throw ValidationError("--plot and --report both name a page; leave one out.")
    }
    if dataFormat != nil && (history || !compare.isEmpty) {
      throw ValidationError(
        "-o \(output.description): --history and --compare write text; name a file with another ending."
      )
    }
  }

  func run(in stage: Stage) throws {
    let style: Report.Style =
      json || output.ending == "json"
      ? .json : stage.isTerminal(dataFormat == nil ? output : .standard) ? .table : .tabSeparated
    if !compare.isEmpty {
      return try writeComparison(style, in: stage)
    }
    let (stored, crc) = try stage.open(input) { .reading($0) }
    if history {
      try stage.write(History(entries: stored.history).text(style), to: output)
      let count = stored.history.count
      return stage.log.summary([("entries", .integer(count))], "\(count) entries of the history")
    }
    var (command, cells) = (self, stored)
    command.evaluation = try evaluation.attachingLabels(to: &cells, in: stage)
    let sample = pages.sample ?? input.input.sampleName
    try Evaluation(
      command: command, cells: cells, stored: stored, crc: crc, sample: sample, style: style,
      stage: stage
    )
    .write(data: dataFormat)
  }

  /// Several runs in one table, with a picture and the curves if they are asked for.
  private func writeComparison(_ style: Report.Style, in stage: Stage) throws {
    let paths = (input.input.isStandard ? [] : [input.input]) + compare
    let comparison = try evaluation.compare(paths, input, viewing: RunView.Choice(self), in: stage)
    if let path = pictures.plot {
      try stage.write(try ComparedPictures(comparison, self, in: stage).picture(), to: path)
    }
    if let path = pictures.curves {
      try stage.write(try RunCurve.text(comparison.curves), to: path)
    }
    try stage.write(comparison.text(style), to: output)
    stage.log.summary([("runs", .integer(paths.count))], "\(counted(paths.count, "run")) compared")
  }
}

extension Log {
  /// The last line of a run. It sums up the figures on standard output: people get it with
  /// --verbose only, machines that read the log always.
  func summary(_ fields: [(key: String, value: JSONValue)], _ text: String) {
    event("summary", fields, text: text, level: format == .json ? .normal : .verbose)
  }
}
