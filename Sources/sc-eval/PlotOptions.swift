import ArgumentParser
import CellData
import Metrics
import Plots
import StageSupport
import Tensors

/// The picture beside the figures.
struct PlotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw a t-SNE of the embedding into this file, .png or .svg; past 20,000 cells a random sample.",
      valueName: "file"))
  var plot: Path?

  /// How many cells are drawn at most.
  private static let limit = 20_000

  mutating func validate() throws {
    if let plot, format(of: plot) == nil {
      throw ValidationError("--plot \(plot.description): name a file that ends in .png or .svg.")
    }
  }

  private func format(of path: Path) -> PictureFormat? {
    PictureFormat.allCases.first { path.hasExtension($0.rawValue) }
  }

  /// Finds out whether the picture can be written, before the work begins.
  func check(in stage: Stage) throws {
    if let plot { try stage.requireWritable(plot) }
  }

  /// Draws the picture if one is asked for. Throws kind `badData` where there is no embedding, or one that is not finite.
  func draw(
    _ cells: CellData, _ columns: (clusters: String, labels: String?), embedding name: String?,
    in stage: Stage
  ) throws {
    guard let plot, let format = format(of: plot) else { return }
    let name = name ?? "X_latent"
    guard let points = cells.obsm[name] else {
      throw StageFault(
        .badData,
        "there is no embedding '\(name)' to draw (--plot); obsm has \(listed(cells.obsm.keys.sorted())); name one with --use"
      )
    }
    let drawn = sample(of: points.rows, stage)
    let isSample = drawn.count < points.rows
    let embedding = CellEmbedding(isSample ? points.selectingRows(drawn) : points)
    let layout = try embedding.layout(seed: stage.seed) { step, total in
      stage.progress.update(done: step, total: total, note: "t-SNE")
    }
    stage.progress.finish()
    let extent = isSample ? "\(drawn.count) of \(points.rows) cells" : "\(points.rows) cells"
    let picture = ScatterPlot(
      layout, panels: try panels(cells.obs, drawn, columns), axes: ("t-SNE 1", "t-SNE 2"),
      caption: "t-SNE of \(name), \(extent), perplexity 30, seed \(stage.seed)", seed: stage.seed)
    try stage.write(picture.picture(format), to: plot)
  }

  /// The cells to draw, in their order.
  private func sample(of count: Int, _ stage: Stage) -> [Int] {
    guard count > PlotOptions.limit else { return Array(0..<count) }
    stage.log.note("the picture shows a random sample of \(PlotOptions.limit) of \(count) cells")
    var generator = RandomGenerator(seed: stage.seed, stream: 0x706C_6F74)
    return generator.permutation(count).prefix(PlotOptions.limit).sorted()
  }

  /// The clusters, and beside them the true labels; what stands for the same cells has the same color as far as that goes.
  private func panels(
    _ obs: Frame, _ drawn: [Int], _ columns: (clusters: String, labels: String?)
  ) throws -> [ScatterPlot.Panel] {
    let found = try obs.classes(columns.clusters, option: "--clusters-column")
    let clusters = drawn.map { Int(found.codes[$0]) }
    guard let column = columns.labels else {
      return [panel("Clusters", clusters, found.names)]
    }
    let classes = try obs.classes(column, option: "--labels")
    let labels = drawn.map { Int(classes.codes[$0]) }
    let colors = try matchedColors(
      clusters, found.names.count, labels, classes.names.count)
    return [
      panel("Clusters", clusters, found.names, colors),
      ScatterPlot.Panel(title: "True labels: \(column)", classes: labels, names: classes.names),
    ]
  }

  /// For every cluster the number of the color: that of the class it is matched with, else one that no class has.
  private func matchedColors(
    _ clusters: [Int], _ clusterCount: Int, _ labels: [Int], _ classCount: Int
  ) throws -> [Int] {
    let both = labels.indices.filter { labels[$0] >= 0 && clusters[$0] >= 0 }
    let (truth, predicted) = (both.map { labels[$0] }, both.map { clusters[$0] })
    let matching =
      both.isEmpty ? [:] : try ContingencyTable(truth: truth, predicted: predicted).matching
    var free = classCount - 1
    return (0..<clusterCount).map { cluster in
      if let match = matching[cluster] { return match }
      free += 1
      return free
    }
  }

  private func panel(
    _ title: String, _ clusters: [Int], _ names: [String], _ colors: [Int]? = nil
  ) -> ScatterPlot.Panel {
    ScatterPlot.Panel(
      title: title, classes: clusters, names: names, colors: colors, isLabeled: true)
  }
}
