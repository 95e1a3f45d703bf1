import CellData
import Models
import Neighbors
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scTPF.
package struct ScTPFRecipe: ClusteringRecipe {
  package var settings: ScTPFClustering
  /// Whether many ε and k are tried.
  package var usesGrid: Bool

  package init(_ settings: ScTPFClustering, usesGrid: Bool) {
    self.settings = settings
    self.usesGrid = usesGrid
  }

  package init(of run: ClusteringRun) {
    (settings, usesGrid) = (ScTPFClustering(lossesOf: run), false)
    settings.batchSize = 0
    settings.explainsGraph = !run.isOn("no_adjacency_loss")
    let isTransformed = run.word("encode_over", is: EncodingGraph.transformed.rawValue)
    settings.rule.encodesOver = isTransformed ? .transformed : .input
    settings.rule.usesTransform = !run.isOn("no_transform")
  }

  package var extent: TrainingExtent { settings.extent(searchingGrid: usesGrid) }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScTPF<Float>>
  {
    let trained = try cells.requiredWeights(of: ScTPF<Float>.name)
    let shape = settings.shape(try ScTPF<Float>.shape(in: cells))
    let stored = shape.fitting(trained)
    let input = try ModelInput(cells, explainsInput: shape.explainsInput)
      .seeingBatches(of: ScTPF<Float>.name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    try ScTPF<Float>(shape, clusters: clusters).load(stored)
    let schedule = settings.schedule(hasEnsemble: !cells.furtherCodes.isEmpty)
    let rules = usesGrid ? settings.grid : [settings.rule]
    var plan = settings.batches(seed: seed, isLocal: shape.latentHops == 0 && !shape.repeatsHop)
    plan.productBytes = productBytes
    return PreparedClustering(
      settings.start, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      trials: usesGrid ? rules.count : nil, provenance: provenance(schedule, plan),
      remarks: { remarks($0, $1, rules[$2]) },
      training: { [plan] number in
        let model = ScTPF<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: model.steps(over: input.data, input.graph, plan: plan),
          rule: FilterRule(rules[number], adjacency: input.adjacency), schedule: schedule)
      })
  }

  private func provenance(_ schedule: ClusteringSchedule, _ plan: BatchPlan) -> [(
    String, JSONValue
  )] {
    let rule = settings.rule
    let filter = rule.cells.provenance + [("reliable_share", .number(rule.reliableShare))]
    let transform = [("encode_over", JSONValue.string(rule.encodesOver.rawValue))]
    return [
      ("start", .string(settings.start.rawValue)), ("grid", .boolean(usesGrid)),
      ("gamma", .number(settings.gamma)), ("epochs", .integer(schedule.epochs)),
      ("min_epochs", .integer(schedule.minimumEpochs)),
      ("update_interval", .integer(schedule.interval)),
      ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(plan.size ?? 0)),
      ("freeze_centers", .boolean(!settings.trainsCenters)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ]
      + schedule.optimizer.provenance + (rule.usesFilter ? filter : [])
      + (rule.usesTransform ? transform : [])
      + switchedOn([
        ("no_filter", !rule.usesFilter), ("no_transform", !rule.usesTransform),
        ("no_adjacency_loss", !settings.explainsGraph),
        ("no_counts_loss", !settings.usesLikelihood), ("keep_snapshots", schedule.keepsSnapshots),
      ])
  }

  private func remarks(
    _ outcome: ClusteringOutcome, _ used: [(name: String, value: Double)],
    _ rule: FilterRule.Settings
  ) -> RuleRemarks {
    let edges = "\(outcome.kept.addedEdges) edges added to the graph"
    guard rule.usesFilter else {
      var remarks = RuleRemarks(goal: "no share of reliable cells: there is no filter")
      remarks.summary = "no filter; \(edges)"
      return remarks
    }
    var remarks = RuleRemarks(goal: "80 % of the cells are reliable")
    rule.cells.remark(in: &remarks, outcome, used: used)
    remarks.summary = [remarks.summary, edges].compactMap(\.self).joined(separator: "; ")
    return remarks
  }
}

extension ScTPF: CodingModel, ModelKind, ShapedModel where S == Float {
  package typealias Recipe = ScTPFRecipe
  package static var sumsHops: Bool { true }
  package static var hasOwnFilter: Bool { true }

  package static func shape(shownIn cells: CellData) throws(ModelFault) -> Configuration {
    try Configuration(of: cells.weights(of: name))
  }

  /// Does a layer multiply one hop several times? What does the decoder explain? Does the model
  /// learn the graph?
  package static var stored: [StoredSetting<Configuration>] {
    [
      .mark("repeats_hop", { $0.repeatsHop }, { $0.repeatsHop = true }),
      .mark("explains_input", { $0.explainsInput }, { $0.explainsInput = $0.usesLikelihood }),
      .mark("no_adjacency_loss", { $0.adjacencyWeight == 0 }, { $0.adjacencyWeight = 0 }),
    ]
  }

  package var parts: ClusteringParts { ClusteringParts(clusters: configuration.gamma > 0) }

  package func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    Configuration.extentOfStored(batch: 0)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try codes(of: cells, as: Self.name)
  }

  /// Those of a model of this name and of these layers.
  func codes(of cells: CellData, as model: String) throws -> Matrix<Float> {
    let count = configuration.batches
    let covariate =
      configuration.encodesBatches ? try cells.batchCovariate(of: model, count: count) : nil
    return codes(
      of: try ModelInput.standardized(cells),
      over: normalizedAdjacency(try ModelInput.adjacency(of: cells)), batches: covariate)
  }
}
