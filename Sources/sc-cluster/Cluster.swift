import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors
import Training

@main struct Cluster: StageCommand {
  static let multipliesMatrices = true
  static let formerOptions = ["confidence": "margin"]
  static let mainOptions = [
    "output", "clusters", "method", "resolution", "key-added", "reference", "labels-out",
  ]
  static let ungroupedTitle = "OPTIONS OF TRAINING"
  static let configuration = CommandConfiguration(
    stage: "sc-cluster",
    abstract: "Assign every cell to a cluster.",
    discussion: """
      The default method is that of the model in the data: training continues with clusters. scTPF then trusts only the cells that \
      its filter calls reliable. Data without a model gets k-means on X_latent or X_pca. The stage writes obs/cluster and obs/confidence. A \
      model adds obsm/X_latent, and its filter obs/reliability (reliable, margin, component, outlier).
      """,
    examples: [
      "sc-cluster model.safetensors --clusters 8 -o clustered.h5ad",
      "sc-cluster adata.h5ad --method kmeans --use X_scVI --clusters 12 -o adata.h5ad",
      "sc-cluster clustered.h5ad --within 3 -o finer.h5ad",
      "sc-cluster finer.h5ad --merge 2,5 --rename names.tsv -o named.h5ad",
      "sc-cluster named.h5ad --tree tree.nwk -o named.h5ad",
      "sc-cluster --reference clustered.h5ad next_month.h5 -o mapped.h5ad",
    ])

  @OptionGroup(title: "INPUT AND OUTPUT") var input: InputOptions

  @OptionGroup(title: "MAIN OPTIONS") var main: MainOptions
  @OptionGroup(title: "INPUT AND OUTPUT") var output: OutputOptions
  @OptionGroup(title: "EXISTING CLUSTERS") var editing: EditingOptions
  @OptionGroup(title: "NEW CELLS ONTO A REFERENCE") var mapping: MappingOptions
  @OptionGroup var training: ModelOptions

  @OptionGroup(title: "CHECKPOINTS (METHODS THAT TRAIN)") var checkpoint: CheckpointOptions
  @OptionGroup(title: "ALL STAGES") var running: RunningOptions

  static let declarations: [OptionDeclaration] = []

  private var clusters: ClusterCount? { main.clusters }
  private var method: ClusteringMethod? { main.method }
  private var use: String? { main.use }

  /// The resolution that gives the number of clusters; nil if something else gives it.
  private func resolution(of method: ClusteringMethod) -> Double? {
    if clusters != nil { return nil }
    switch method {
    case .leiden: return main.resolution ?? 1
    case .model(let model) where model.kind.countsByResolution:
      return main.resolution ?? training.resolution(of: method)
    default: return nil
    }
  }

  /// The method that the options give; nil if the data give it.
  private var givenMethod: ClusteringMethod? { method ?? (use == nil ? nil : .kmeans) }

  var facts: Facts {
    if mapping.reference != nil { return ["the method": ClusteringMethod.mapping] }
    if editing.edits && editing.within == nil {
      return ["the method": "none", "what changes": editing.changes]
    }
    return givenMethod.map { training.facts(for: $0) } ?? [:]
  }

  mutating func validate() throws {
    if main.keyAdded.isEmpty || main.keyAdded.contains("/") {
      throw ValidationError("--key-added '\(main.keyAdded)': give a name without a slash.")
    }
    try main.labelsOut?.requireEnding(Path.textEndings, "labels-out")
    if editing.within != nil, case .model(let model) = method {
      throw ValidationError(
        "--within divides by consensus, kmeans, spectral, leiden or sc3, but the method is \(model.rawValue)."
      )
    }
    if let givenMethod, mapping.reference == nil { try training.validate(for: givenMethod) }
  }

  /// The given method, else that of the stored model, else k-means. Reports what the options leave
  /// open. Throws a `ValidationError` for options that change nothing with that method and these
  /// data.
  private func chosenMethod(for cells: CellData, _ stage: Stage) throws -> ClusteringMethod {
    let chosen = givenMethod ?? cells.storedModel.map { .model($0) } ?? .kmeans
    try stage.options.requireEffects(training.facts(for: chosen, in: cells))
    try training.validate(for: chosen)
    // Errors end the run before a line announces the method.
    if let use { _ = try cells.embedding(named: use) }
    if case .model(let model) = chosen { try cells.requireModel(model) }
    if case .exactly(let number) = clusters { try requireCells(for: number, cells) }
    if method == nil { announce(chosen, cells, stage) }
    if chosen.dividesGraph && use == nil && cells.obsp["connectivities"] == nil {
      stage.log.note(
        "no graph in the data: the \(CellData.graphNeighbors) nearest neighbors in \(cells.embeddingName(nil) ?? "an embedding") are used"
      )
    }
    if chosen == .consensus && use == nil && !cells.hasRun("sc-pretrain") {
      stage.log.note(
        "no codes of sc-pretrain in the data: the consensus combines k-means of \(cells.embeddingName(nil) ?? "an embedding") only"
      )
    }
    return chosen
  }

  /// Throws kind `badData` for more clusters than cells.
  private func requireCells(for clusters: Int, _ cells: CellData) throws {
    if clusters > cells.cellCount {
      throw StageFault(
        .badData, "\(clusters) clusters (--clusters) for \(cells.cellCount) cells; ask for fewer")
    }
  }

  /// Reports the method if the data offer several.
  private func announce(_ method: ClusteringMethod, _ cells: CellData, _ stage: Stage) {
    if method == .kmeans {
      let reason =
        cells.storedModels.isEmpty ? "no model in the data" : "an embedding instead of the model"
      stage.log.note("\(reason): k-means of \(cells.embeddingName(use) ?? "an embedding")")
    } else if cells.storedModels.count > 1 {
      let names = cells.storedModels.map(\.rawValue).joined(separator: " and ")
      stage.log.note(
        "the data has models of \(names); \(method.name), trained last, is used; --method names another"
      )
    }
  }

  var files: [RunFile] {
    [input.file] + [mapping.file].compactMap(\.self) + editing.files + checkpoint.files
      + [RunFile(ifGiven: "--labels-out", main.labelsOut, .writes(isBinary: false)), output.file]
      .compactMap(\.self)
  }

  func run(in stage: Stage) throws {
    if let reference = mapping.reference { return try map(onto: reference, in: stage) }
    if editing.edits { return try edit(in: stage) }
    checkpoint.begin()
    var (cells, crc) = try stage.open(input) { .reading($0) }
    if editing.tree != nil, stage.options.areAllAmong(Self.drawingOptions),
      let column = cells.clusterColumn(named: main.keyAdded)
    {
      return try drawTree(of: column, in: &cells, crc, stage)
    }
    let chosen = try chosenMethod(for: cells, stage)
    cells.clearGrids()
    if case .model(let model) = chosen {
      cells.bringForward(model)
      if try cells.followGenes(of: model) { stage.log.note(Self.genesWereMoved) }
      if let remark = cells.remarkOnValues(of: model) { stage.log.note(remark) }
      cells.recordScalingOfModel()
    }
    let learners = try learners(of: cells, for: chosen, stage)
    var subject = learners.cells
    var (found, count, resolved) = try cluster(&subject, by: chosen, crc, stage)
    if learners.rows == nil {
      cells = subject
    } else {
      found = try found.extended(to: &cells, from: learners, subject)
    }
    found.confidenceSpace = cells.confidenceSpace(of: chosen, use: use)
    found.confidence = cells.confidence(
      in: found.labels, clusters: count, found.confidenceSpace)
    if found.confidence == nil {
      stage.log.note(
        "obs/confidence is left out: obsm does not hold the embedding that the graph was built from"
      )
    }
    var settings = settings(of: chosen, count) + resolved
    if let resolution = resolution(of: chosen) {
      settings.append(("resolution", .number(resolution)))
    }
    if clusters?.isFromData ?? true { settings = settings.noting("clusters", in: "from_data") }
    let earlier = cells.storedClusters(main.keyAdded)
    let columns = cells.store(found, clusters: count, key: main.keyAdded)
    cells.removeTree(of: earlier, stage.log)
    stage.log.note(found.summary(of: count))
    if let second = found.second {
      let (name, number) = ("\(main.keyAdded)_second", (second.max() ?? -1) + 1)
      stage.log.note("obs/\(name) has \(counted(number, "cluster"))")
    }
    try writeTree(found.labels, (0..<count).map(String.init), in: &cells, stage)
    if let labelsOut = main.labelsOut {
      try stage.write(found.table(barcodes: cells.obs.index), to: labelsOut)
    }
    try stage.save(cells, to: output, settings: settings, columns: columns, inputCRC: crc)
  }

  /// The cells that the method reads. A method that continues a training reads the cells of that
  /// training. Throws a `StageFault` if the memory is too small for the method.
  private func learners(of cells: CellData, for method: ClusteringMethod, _ stage: Stage) throws
    -> Learners
  {
    let recipe = training.recipe(for: method)
    let goesOn = recipe != nil || method == .consensus && use == nil
    let count = goesOn ? Learners.count(storedIn: cells) : nil
    if let recipe {
      try stage.require(recipe.memory(for: cells, learners: count, stage).estimate)
    }
    let learners = count == nil ? Learners(allOf: cells) : try Learners(storedIn: cells)
    if recipe == nil {
      let number = if case .exactly(let number) = clusters { number } else { 0 }
      try stage.require(.clustering(learners.cells, by: method, clusters: number, use: use))
    }
    return learners
  }

  /// The note if another program has sorted the genes.
  static let genesWereMoved =
    "the genes are in another order than in the model, and are reordered"

  /// The settings that every method has, for the provenance.
  private func settings(of method: ClusteringMethod, _ count: Int) -> [(String, JSONValue)] {
    let preset = ("preset", JSONValue.string(training.preset.description))
    return [
      ("method", .string(method.name)), ("clusters", .integer(count)),
      ("use", .optional(use)),
    ] + (training.recipe(for: method) == nil ? [] : [preset])
  }

  /// The clusters of one method, how many there are, and the method's own settings.
  func cluster(
    _ cells: inout CellData, by method: ClusteringMethod, _ crc: String, _ stage: Stage
  )
    throws -> (Clustered, Int, [(String, JSONValue)])
  {
    let resolution = resolution(of: method)
    if method == .leiden, let resolution {
      let labels = try cells.labelsByLeiden(nil, resolution: resolution, use: use, stage)
      return (Clustered(labels: labels), (labels.max() ?? -1) + 1, [])
    }
    let count =
      switch clusters ?? .auto {
      case .exactly(let number): number
      case .auto:
        try resolution.map { try cells.codeClusterCount(resolution: $0, stage) }
          ?? cells.estimatedClusterCount(by: method, use: use, stage)
      case .tracyWidom: try cells.tracyWidomClusterCount(stage)
      }
    try requireCells(for: count, cells)
    if let recipe = training.recipe(for: method) {
      let common = settings(of: method, count)
      let found = try cells.cluster(by: recipe, count, stage) { own in
        try Checkpoints(checkpoint, settings: common + own, inputCRC: crc, stage)
      }
      stage.announce(found)
      return (Clustered(found), count, found.settings)
    }
    let labels = try cells.labels(by: method, clusters: count, use: use, stage)
    let own = method == .consensus ? cells.provenanceOfKinds(use) : []
    return (Clustered(labels: labels), count, own)
  }
}

extension CellData {
  /// The settings of a consensus of several kinds of models, for the provenance.
  fileprivate func provenanceOfKinds(_ use: String?) -> [(String, JSONValue)] {
    if use != nil || namesOfOtherKinds.isEmpty { return [] }
    return [("codes", .array(consensusNames.map { .string($0) }))]
  }
}

extension [(String, JSONValue)] {
  /// These settings with one more name in the list `key`, which is added if it is missing.
  fileprivate func noting(_ name: String, in key: String) -> Self {
    guard let place = firstIndex(where: { $0.0 == key }), case .array(let names) = self[place].1
    else { return self + [(key, .array([.string(name)]))] }
    var result = self
    result[place].1 = .array([.string(name)] + names)
    return result
  }
}
