import ArgumentParser
import CellData
import Integration
import Layouts
import Neighbors
import StageSupport
import Tensors

extension Metric: ExpressibleByArgument {}
extension SearchMethod: ExpressibleByArgument {}
extension GraphWeights: ExpressibleByArgument {}

@main struct FindNeighbors: StageCommand {
  static let multipliesMatrices = true
  static let mainOptions = [
    "output", "neighbors", "components", "metric", "use", "batch-key", "integrate",
  ]
  static let configuration = CommandConfiguration(
    stage: "sc-knn",
    abstract: "Find the nearest neighbors of every cell by principal components.",
    discussion: """
      The stage writes obsm/X_pca, varm/PCs, obsp/distances (the neighbors of each cell) and obsp/connectivities (symmetric, \
      weighted by --weights), under AnnData's names. Paired data also gets obsm/X_second and \
      obsm/X_joint, the embedding of the joint graph.
      """,
    examples: [
      "sc-preprocess pbmc.h5ad | sc-knn -o graph.h5ad",
      "sc-knn counts.h5ad --batch-key sample --integrate harmony -o graph.h5ad",
      "sc-knn adata.h5ad --use X_scVI --metric cosine -o adata.h5ad",
    ])

  @OptionGroup(title: "INPUT AND OUTPUT") var input: InputOptions
  @OptionGroup(title: "INPUT AND OUTPUT") var output: OutputOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Neighbors of a cell, including the cell itself (as in scanpy).", valueName: "n"))
  var neighbors = 15

  @Option(
    help: ArgumentHelp(
      "Principal components to compute; fewer if there are fewer cells or genes.", valueName: "n"
    ))
  var components = 50

  @Option(help: "The distance: euclidean or cosine.")
  var metric: Metric = .euclidean

  @Option(
    help: ArgumentHelp(
      "How neighbors are searched: exact compares all pairs, ivf (inverted lists) finds nearly all. auto takes exact up to 50,000 cells and ivf above.",
      valueName: "method"))
  var method: SearchMethod = .auto

  @Option(
    help: ArgumentHelp(
      "With ivf: the share of neighbors to find. sc-knn searches 1,000 cells exactly, and takes as many lists as hold that share. (default: 0.99)",
      valueName: "share"))
  var recall: Double?

  @Option(
    help: ArgumentHelp(
      "The weights of connectivities. binary: 1 for mutual neighbors, 0.5 otherwise. snn: the Jaccard index of their neighbors, as in PhenoGraph. umap: by distance.",
      valueName: "name"))
  var weights: GraphWeights = .binary

  @Option(
    help: ArgumentHelp(
      "Compute neighbors in this embedding (a name in obsm), instead of principal components.",
      valueName: "name"))
  var use: String?

  @Option(
    help: ArgumentHelp(
      "Paired data: the modalities of the graph. rna, second, both (equal weights), or auto (both, weighted by how well the second modality predicts the RNA).",
      valueName: "name"))
  var modalities: ModalityChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Paired data: the weight of the second modality in distances; the RNA has 1. (default: set from the data; 1 with --modalities both)",
      valueName: "weight"))
  var secondWeight: Double?

  @OptionGroup(title: "SEVERAL BATCHES") var integration: IntegrationOptions
  @OptionGroup(title: "ALL STAGES") var running: RunningOptions

  static let declarations: [OptionDeclaration] = [
    .option("neighbors", short: "n", .integers(2...1_000_000)),
    .option("components", .integers(1...1_000_000), for: .without("use")), .option("metric"),
    .option("method"),
    .option(
      "recall", .reals(0...1), for: .invertedLists),
    .option("weights"), .option("use"),
    .option("modalities", for: .without("use"), .paired),
    .option(
      "second-weight", .reals(0...1e6), for: .without("use"), .paired,
      Requirement("the choice", "--modalities auto or both") { $0 == "auto" || $0 == "both" }),
  ]

  var facts: Facts {
    var facts = ["the choice": modalities.rawValue]
    if method != .auto { facts["the search"] = method.rawValue }
    return facts
  }

  var files: [RunFile] { [input.file, output.file] }

  func run(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input) { memory(for: $0) }
    let isPaired = use == nil && cells.secondModality != nil
    try stage.options.requireEffects(facts(of: cells))
    if isPaired { try stage.require(memory(for: cells.extent, isPaired: true, isRead: true)) }
    let space = try coordinates(of: &cells, stage)
    let method = method.resolved(cells: space.points.rows)
    let found = try nearest(space.points, method, stage)
    let parts = store(found, in: &cells)
    stage.log.note(
      "\(space.points.rows) cells with \(neighbors) neighbors each in \(counted(space.points.columns, "dimension"))\(space.note); \(parts == 1 ? "the graph is connected" : "the graph has \(parts) connected components")"
    )
    try stage.save(
      cells, to: output,
      settings: settings(of: cells, method, integrated: space.integrated, isPaired: isPaired),
      inputCRC: crc)
  }

  /// What the run takes of the memory.
  private func memory(for extent: DataExtent, isPaired: Bool = false, isRead: Bool = false)
    -> MemoryEstimate
  {
    .neighbors(
      extent, components: components, neighbors: neighbors, usesEmbedding: use != nil,
      isPaired: isPaired, isRead: isRead, integrates: integration.integrate != nil)
  }

  /// What options and data show of the run.
  private func facts(of cells: CellData) -> Facts {
    facts.merging([
      "the second modality": cells.secondModality?.name ?? "missing",
      "the search": method.resolved(cells: cells.cellCount).rawValue,
    ]) { $1 }
  }

  /// Where the cells lie for the search.
  private struct Space {
    /// (N, D)
    let points: Matrix<Float>
    /// What the log says of them.
    let note: String
    /// The embedding with integrated batches; nil without integration.
    let integrated: String?
  }

  /// The named embedding, or the components that this stores; then without the batches if that is
  /// asked for.
  private func coordinates(of cells: inout CellData, _ stage: Stage) throws -> Space {
    let (points, note) =
      try use.map { (try cells.embedding(named: $0), "") } ?? cells.addPairedEmbedding(self, stage)
    let integrated = try cells.addIntegrated(
      points, of: use ?? cells.nameOfEmbedding(modalities), integration, stage)
    return Space(
      points: integrated?.points ?? points, note: note + (integrated?.note ?? ""),
      integrated: integrated?.name)
  }

  /// Stores distances and connectivities, and returns how many connected components the graph has.
  private func store(_ found: NearestNeighbors, in cells: inout CellData) -> Int {
    let graph = NeighborGraph(found)
    // The description of another program's graph goes with that graph. The writer of AnnData
    // derives the description of ours.
    cells.clearUns("neighbors")
    cells.obsp["distances"] = graph.distances
    cells.obsp["connectivities"] =
      switch weights {
      case .snn: sharedNeighborWeights(fromDistances: graph.distances)
      case .umap: FuzzyGraph(neighbors: found.indices, distances: found.distances).matrix
      case .binary: graph.connectivities
      }
    return 1 + (connectedComponents(of: graph.distances).max() ?? 0)
  }

  /// What the provenance notes.
  private func settings(
    of cells: CellData, _ method: SearchMethod, integrated: String?, isPaired: Bool
  ) -> [(String, JSONValue)] {
    let components = use == nil ? JSONValue.integer(cells.obsm["X_pca"]?.columns ?? 0) : .null
    let values = JSONValue.optional(use == nil ? cells.valuesDigest : nil)
    let paired: [(String, JSONValue)] = [
      ("modalities", .string(modalities.rawValue)), ("second_weight", .optional(secondWeight)),
    ]
    return [
      ("neighbors", .integer(neighbors)), ("components", components),
      ("metric", .string(metric.rawValue)), ("method", .string(method.rawValue)),
      ("recall", method == .ivf ? .number(wantedRecall) : .null),
      ("weights", .string(weights.rawValue)), ("use", .optional(use)),
      (CellData.graphSetting, .optional(cells.graphDigest)), (CellData.valuesSetting, values),
      ("from_data", .array([.string(CellData.graphSetting), .string(CellData.valuesSetting)])),
    ] + integration.settings(integrated) + (isPaired ? paired : [])
  }

  private var wantedRecall: Double { recall ?? 0.99 }

  /// The neighbors of all cells by that method; reports what the index missed.
  private func nearest(
    _ points: Matrix<Float>, _ method: SearchMethod, _ stage: Stage
  ) throws -> NearestNeighbors {
    let count = neighbors - 1
    guard method == .ivf else {
      let found = try NearestNeighbors(of: points, count: count, metric: metric) {
        stage.progress.update(done: $0, total: points.rows, note: "cells searched")
      }
      stage.progress.finish()
      return found
    }
    let found = try ApproximateNeighbors(
      of: points, count: count, metric: metric, recall: wantedRecall, seed: stage.seed
    ) { stage.progress.update(done: $0, total: points.rows, note: "cells searched") }
    stage.progress.finish()
    stage.log.note("approximate neighbors (ivf): \(found.note)")
    return found.nearest
  }
}

extension Requirement {
  fileprivate static let invertedLists = Requirement(
    "the search", "--method ivf, which auto takes above 50,000 cells"
  ) { $0 == "ivf" }
  fileprivate static let paired = Requirement("the second modality", "paired data") {
    $0 != "missing"
  }
}
