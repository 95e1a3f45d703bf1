import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors

/// How the cells are clustered.
enum ClusteringMethod: String, CaseIterable, ExpressibleByArgument {
  case sctpf, scemc, consensus, kmeans, spectral, leiden
}

extension ModelName {
  /// The model's own method.
  fileprivate var method: ClusteringMethod {
    switch self {
    case .sctpf: .sctpf
    case .scemc: .scemc
    }
  }
}

@main struct Cluster: StageCommand {
  static let multipliesMatrices = true
  static let configuration = CommandConfiguration(
    stage: "sc-cluster",
    abstract: "Assign every cell to a cluster.",
    discussion: """
      With a model of sc-pretrain in the data the default is the model's own method: its training goes on with clusters (scTPF: \
      trusting only cells that its filter calls reliable). Without one it is k-means on X_latent or X_pca. Writes obs/cluster, obs/confidence and, with a model, \
      obs/reliability (reliable, margin, component, outlier) and obsm/X_latent.
      """,
    examples: [
      "sc-cluster model.safetensors --clusters 8 -o clustered.h5ad",
      "sc-cluster adata.h5ad --method kmeans --use X_scVI --clusters 12 -o adata.h5ad",
    ])

  @OptionGroup var input: InputOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The number of clusters, or auto: as many as the graph shows. (default: auto; for leiden what the resolution gives)",
      valueName: "n|auto"))
  var clusters: ClusterCount?

  @Option(
    help:
      "sctpf, scemc, consensus, kmeans, spectral or leiden. (default: the model's own, or kmeans)")
  var method: ClusteringMethod?

  @Option(
    help: ArgumentHelp(
      "All but sctpf: the embedding (a name in obsm). (default: X_latent or X_pca; for spectral and leiden the stored graph)",
      valueName: "name"))
  var use: String?

  @Option(
    help: ArgumentHelp(
      "leiden: the higher, the more clusters; modularity is 1. (default: 1)", valueName: "gamma"))
  var resolution: Double?

  @OptionGroup(title: "OPTIONS OF MODELS") var training: ModelOptions

  @OptionGroup(title: "CHECKPOINTS (SCTPF, SCEMC)") var checkpoint: CheckpointOptions

  @Option(
    help: ArgumentHelp(
      "Also write barcode, cluster and confidence as tab-separated text.", valueName: "file"))
  var labelsOut: Path?

  @Option(
    help: ArgumentHelp(
      "The column of obs for the clusters; the others are then NAME_confidence and NAME_reliability.",
      valueName: "name"))
  var keyAdded = "cluster"

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  static let declarations: [OptionDeclaration] = [
    .option("clusters", short: "c", .integers(1...1_000_000_000)),
    .option("method"),
    .option(
      "use",
      for: Requirement("the method", "methods that take an embedding") {
        $0 != "sctpf" && $0 != "scemc"
      }),
    .option(
      "resolution", .reals(0...1e6),
      for: Requirement("the method", "the method leiden") { $0 == "leiden" }, .without("clusters")),
    .option("labels-out"), .option("key-added"),
  ]

  /// The method that the options tell; nil where the data do.
  private var givenMethod: ClusteringMethod? { method ?? (use == nil ? nil : .kmeans) }

  var facts: Facts { givenMethod.map { training.facts(for: $0) } ?? [:] }

  mutating func validate() throws {
    if keyAdded.isEmpty || keyAdded.contains("/") {
      throw ValidationError("--key-added '\(keyAdded)': give a name without a slash.")
    }
    try labelsOut?.requireEnding(Path.textEndings, "labels-out")
    if let givenMethod { try training.validate(for: givenMethod) }
  }

  /// The method asked for, else that of the stored model, else k-means; says what the options do not. Throws a `ValidationError` for options that would
  /// change nothing with that method and these data.
  private func chosenMethod(for cells: CellData, _ stage: Stage) throws -> ClusteringMethod {
    let chosen = givenMethod ?? cells.storedModel?.method ?? .kmeans
    let stored = chosen == .scemc ? try? cells.configurationOfScEMC() : nil
    try stage.options.requireEffects(training.facts(for: chosen, stored: stored))
    try training.validate(for: chosen)
    if method == nil { announce(chosen, cells, stage) }
    let dividesGraph = chosen == .spectral || chosen == .leiden
    if dividesGraph && use == nil && cells.obsp["connectivities"] == nil {
      stage.log.note(
        "no graph in the data: that of the 15 nearest neighbors in \(cells.embeddingName(nil) ?? "an embedding")"
      )
    }
    if chosen == .consensus && use == nil && !cells.wasThrough("sc-pretrain") {
      stage.log.note(
        "no codes of sc-pretrain in the data: what k-means finds in \(cells.embeddingName(nil) ?? "an embedding") alone"
      )
    }
    return chosen
  }

  /// Says which method was chosen where that is not the only one that the data offer.
  private func announce(_ method: ClusteringMethod, _ cells: CellData, _ stage: Stage) {
    if method == .kmeans {
      let reason =
        cells.storedModels.isEmpty ? "no model in the data" : "an embedding instead of the model"
      stage.log.note("\(reason): k-means of \(cells.embeddingName(use) ?? "an embedding")")
    } else if cells.storedModels.count > 1 {
      let names = cells.storedModels.map(\.rawValue).joined(separator: " and ")
      stage.log.note(
        "there are models of \(names): \(method.rawValue) was trained last; --method names another")
    }
  }

  var files: [RunFile] {
    [input.file] + checkpoint.files
      + [RunFile(ifGiven: "--labels-out", labelsOut, .writes(isBinary: false)), output.file]
      .compactMap(\.self)
  }

  func run(in stage: Stage) throws {
    checkpoint.begin()
    var (cells, crc) = try stage.open(input) { .reading($0) }
    let chosen = try chosenMethod(for: cells, stage)
    cells.clearGrid()
    var (found, count, resolved) = try cluster(&cells, by: chosen, crc, stage)
    found.confidenceSpace = cells.confidenceSpace(of: chosen, use: use)
    found.confidence = cells.confidence(
      in: found.labels, clusters: count, found.confidenceSpace)
    if found.confidence == nil {
      stage.log.note(
        "obs/confidence is left out: obsm does not hold the embedding that the graph was built from"
      )
    }
    var settings = settings(of: chosen, count) + resolved
    if chosen == .leiden && clusters == nil {
      settings.append(("resolution", .number(resolution ?? 1)))
    }
    if clusters ?? .auto == .auto { settings = settings.noting("clusters", in: "from_data") }
    let columns = cells.store(found, clusters: count, key: keyAdded)
    stage.log.note(found.summary(of: count))
    if let labelsOut { try stage.write(found.table(barcodes: cells.obs.index), to: labelsOut) }
    try stage.save(cells, to: output, settings: settings, columns: columns, inputCRC: crc)
  }

  /// What the method holds at its peak.
  private func memory(
    of method: ClusteringMethod, for cells: CellData, _ stage: Stage
  ) -> MemoryEstimate {
    if method == .sctpf || method == .scemc {
      return training.memory(for: cells, by: method, stage).estimate
    }
    let count = if case .exactly(let number) = clusters { number } else { 0 }
    return .clustering(cells, by: method, clusters: count, use: use)
  }

  /// What the provenance notes of every method.
  private func settings(of method: ClusteringMethod, _ count: Int) -> [(String, JSONValue)] {
    [
      ("method", .string(method.rawValue)), ("clusters", .integer(count)),
      ("use", .optional(use)),
    ]
  }

  /// The clusters of one method, how many there are, and the method's own settings.
  private func cluster(
    _ cells: inout CellData, by method: ClusteringMethod, _ crc: String, _ stage: Stage
  )
    throws -> (Clustered, Int, [(String, JSONValue)])
  {
    try stage.require(memory(of: method, for: cells, stage))
    if method == .leiden && clusters == nil {
      let found = try cells.clusterByLeiden(nil, resolution: resolution ?? 1, use: use, stage)
      return (found, (found.labels.max() ?? -1) + 1, [])
    }
    let count =
      switch clusters ?? .auto {
      case .exactly(let number): number
      case .auto: try cells.estimatedClusterCount(use: use, stage)
      }
    if count > cells.cellCount {
      throw StageFault(
        .badData, "\(count) clusters (--clusters) for \(cells.cellCount) cells; ask for fewer")
    }
    let common = settings(of: method, count)
    let open: CheckpointsOpening = { own in
      try Checkpoints(checkpoint, settings: common + own, inputCRC: crc, stage)
    }
    switch method {
    case .sctpf:
      let (found, settings) = try cells.clusterWithModel(count, training, stage, open)
      return (found, count, settings)
    case .scemc:
      let (found, settings) = try cells.clusterWithScEMC(count, training, stage, open)
      return (found, count, settings)
    case .consensus:
      return (try cells.clusterByConsensus(count, use: use, stage), count, [])
    case .kmeans: return (try cells.clusterByKMeans(count, use: use, stage), count, [])
    case .spectral: return (try cells.clusterSpectrally(count, use: use, stage), count, [])
    case .leiden:
      return (try cells.clusterByLeiden(count, resolution: 1, use: use, stage), count, [])
    }
  }
}

extension [(String, JSONValue)] {
  /// With one more name in the list `key`, which is added where there is none.
  fileprivate func noting(_ name: String, in key: String) -> Self {
    guard let place = firstIndex(where: { $0.0 == key }), case .array(let names) = self[place].1
    else { return self + [(key, .array([.string(name)]))] }
    var result = self
    result[place].1 = .array([.string(name)] + names)
    return result
  }
}
