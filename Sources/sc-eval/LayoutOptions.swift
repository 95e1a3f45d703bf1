import ArgumentParser
import CellData
import Layouts
import StageSupport
import Tensors

/// How cells are placed in the plane.
enum LayoutMethod: String, CaseIterable, ExpressibleByArgument { case tsne, umap, both }

/// What a UMAP begins with.
enum LayoutSource: String, CaseIterable, ExpressibleByArgument { case embedding, graph }

/// Which layout to compute, and how.
struct LayoutOptions: DeclaredOptions {
  @Option(
    name: .customLong("layout"),
    help: ArgumentHelp(
      "The layout of the cells in pictures and in -o with .h5ad or .safetensors: tsne, umap or both. (default: tsne)",
      valueName: "layout"))
  var givenLayout: LayoutMethod?

  @Option(
    name: .customLong("perplexity"),
    help: ArgumentHelp(
      "t-SNE: the perplexity, about the number of neighbors that count. (default: 30)",
      valueName: "n"))
  var givenPerplexity: Double?

  @Option(
    name: .customLong("min-dist"),
    help: ArgumentHelp(
      "UMAP: the minimum distance of cells in the plane, from 0 to 1. (default: 0.5)",
      valueName: "d"))
  var givenMinDist: Double?

  @Option(
    help: ArgumentHelp(
      "UMAP: compute the layout from the neighbors in the embedding, or from the stored graph (connectivities). (default: the embedding; the graph if there is none)",
      valueName: "embedding|graph"))
  var layoutFrom: LayoutSource?

  static let declarations: [OptionDeclaration] = [
    .option("layout", for: .layout),
    .option("perplexity", .reals(1...1000), for: .layout, .tsne),
    .option("min-dist", .reals(0...1), for: .layout, .umap),
    .option("layout-from", for: .layout, .umap),
  ]

  /// The value of the fact on the layout if none is asked for.
  static let missing = "missing"

  var layout: LayoutMethod { givenLayout ?? .tsne }
  private var perplexity: Double { givenPerplexity ?? 30 }
  private var minDist: Double { givenMinDist ?? 0.5 }

  /// The neighbors of a cell that count at most.
  var neighborCount: Int { layout == .umap ? 15 : Int(3 * perplexity) }

  /// What shapes the result.
  var settings: [(String, JSONValue)] {
    [
      ("layout", .string(layout.rawValue)), ("perplexity", .number(perplexity)),
      ("min_dist", .number(minDist)), ("layout_from", .optional(layoutFrom?.rawValue)),
    ]
  }

  /// The layouts asked for of the cells `rows`.
  ///
  /// Throws kind `badData` if there is neither embedding nor graph for them, or a value is not
  /// finite.
  func compute(_ cells: CellData, rows: [Int], embedding name: String?, in stage: Stage) throws
    -> [CellLayout]
  {
    let methods: [CellLayout.Method] =
      layout == .both ? [.tsne, .umap] : layout == .tsne ? [.tsne] : [.umap]
    let usesGraph =
      layoutFrom == .graph
      || layoutFrom == nil && name == nil && cells.defaultEmbedding == nil
        && cells.obsp["connectivities"] != nil
    if methods.contains(.tsne) && rows.count >= 1 << 22 {
      throw StageFault(
        .badData,
        "\(rows.count) cells: a t-SNE takes at most 4,194,303; ask for a UMAP (--layout umap)")
    }
    var embedding: CellEmbedding?
    let name = name ?? cells.defaultEmbedding ?? "X_latent"
    if methods.contains(.tsne) || !usesGraph {
      guard let points = cells.obsm[name] else {
        throw StageFault(
          .badData,
          "there is no embedding '\(name)' to draw (--plot, --layout); obsm has \(listed(cells.obsm.keys.sorted())); name one with --use"
        )
      }
      embedding = try CellEmbedding(
        rows.count == points.rows ? points : points.selectingRows(rows),
        neighbors: methods.contains(.tsne)
          ? Affinities.neighborCount(cells: rows.count, perplexity: perplexity) : 14,
        in: stage)
    }
    defer { stage.progress.finish() }
    return try methods.map { method in
      let points =
        switch method {
        case .tsne: embedding?.neighborEmbedding(perplexity: perplexity, in: stage)
        case .umap:
          usesGraph
            ? try graphLayout(cells, rows, in: stage)
            : embedding?.manifold(minimumDistance: minDist, in: stage)
        }
      return CellLayout(
        method: method, points: points ?? .zeros(rows.count, 2), rows: rows,
        note: note(method, usesGraph ? "the graph" : name, embedding: name))
    }
  }

  private func note(_ method: CellLayout.Method, _ source: String, embedding: String) -> String {
    switch method {
    case .tsne: "t-SNE of \(embedding), perplexity \(short(perplexity))"
    case .umap: "UMAP of \(source), minimum distance \(short(minDist))"
    }
  }

  private func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  private func graphLayout(_ cells: CellData, _ rows: [Int], in stage: Stage) throws -> Matrix<
    Double
  > {
    guard let stored = cells.obsp["connectivities"] else {
      throw StageFault(
        .badData,
        "there is no graph 'connectivities' in obsp (--layout-from graph); run sc-knn first")
    }
    let part =
      rows.count == stored.rows ? stored : stored.selecting(rows: rows, columns: rows)
    let graph = FuzzyGraph(weights: part)
    return graph.layout(
      from: SpectralStart(graph, seed: stage.seed).points, minimumDistance: minDist, in: stage)
  }
}

extension Requirement {
  /// Without a layout the fact is `missing`.
  fileprivate static let layout = Requirement(
    "the layout", "runs that place the cells in the plane (--plot, --report or -o FILE.h5ad)"
  ) { $0 != LayoutOptions.missing }
  fileprivate static let tsne = Requirement("the layout", "a t-SNE (--layout tsne or both)") {
    $0 != LayoutMethod.umap.rawValue
  }
  fileprivate static let umap = Requirement("the layout", "a UMAP (--layout umap or both)") {
    $0 != LayoutMethod.tsne.rawValue
  }
}
