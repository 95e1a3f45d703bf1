import CellData
import Clustering
import ModelStages
import Models
import StageSupport
import Tensors

extension CellData {
  /// scTPF: the model of sc-pretrain trained on with clusters, from a first partition.
  mutating func clusterWithModel(
    _ clusters: Int, _ options: ModelOptions, _ stage: Stage, _ open: CheckpointsOpening
  ) throws -> (Clustered, settings: [(String, JSONValue)]) {
    let stored = weights(of: .sctpf)
    if stored.isEmpty {
      throw StageFault(
        .badData, "there is no model in the data; run sc-pretrain first, or choose another --method"
      )
    }
    let input = try ModelInput(self)
    let model = ScTPF<Float>(try ScTPF<Float>.Configuration(of: stored), clusters: clusters)
    if model.configuration.genes != input.data.geneCount {
      throw StageFault(
        .badData,
        "the model is one of \(model.configuration.genes) genes, but there are \(input.data.geneCount); run sc-pretrain on these data"
      )
    }
    try model.load(stored)
    var schedule = options.schedule(
      seed: stage.seed, isLocal: model.reachOfInput != nil, hasEnsemble: !furtherCodes.isEmpty)
    let memory = options.memory(for: self, by: .sctpf, stage)
    schedule.batches.productBytes = memory.productBytes
    let loop = ClusteringLoop(
      model, on: input.data, adjacency: input.adjacency, schedule: schedule)
    let settings =
      [
        ("start", JSONValue.string(options.chosenStart.rawValue)),
        ("grid", .boolean(options.sctpf.grid)),
      ] + schedule.settings
    let checkpoints = try open(settings)
    var judge: PartitionJudge?
    let others = furtherCodes
    let begin = { (codes: Matrix<Float>) in
      let found = try checkpoints.keeping("start") {
        try StartingPartition(
          options.chosenStart, adjacency: input.adjacency, codes: codes, others: others,
          clusters: clusters, seed: stage.seed
        ).state
      }
      let start = try StartingPartition(found, adjacency: input.adjacency, clusters: clusters)
      stage.log.detail(
        "start: \(start.method?.rawValue ?? ""), \(start.judge.criterion) \(threeDecimals(start.score))"
      )
      judge = start.judge
      return start
    }
    let outcome =
      if options.sctpf.grid {
        try searchGrid(
          for: model, clusters, on: input, &schedule, from: begin, width: memory.models, stage)
      } else {
        try checkpoints.training { resumption in
          try loop.run(from: begin, resumption: resumption) { stage.announce($0, "cluster") }
        }
      }
    try checkpoints.finishTraining()
    announce(outcome, schedule, judge?.criterion ?? "", stage)
    store(model.weights, of: .sctpf)
    store(outcome.curve, of: .sctpf, phase: "cluster")
    store(outcome.course, of: .sctpf)
    obsm["X_latent"] = outcome.latent
    let found = Clustered(labels: outcome.labels, reliability: outcome.filter.reliability)
    return (found, settings + schedule.settings(of: outcome.usedFilter))
  }

  private func announce(
    _ outcome: ClusteringOutcome, _ schedule: ClusteringSchedule, _ criterion: String,
    _ stage: Stage
  ) {
    if let collapse = outcome.collapse {
      stage.warn(
        of: collapse, cells: outcome.labels.count, keeps: schedule.keeps,
        keptEpoch: outcome.keptEpoch)
    }
    if outcome.filter.margin < outcome.usedFilter.margin {
      stage.log.warning(
        "no cell is \(outcome.usedFilter.margin) surer of its cluster than of the next (--confidence); one in twenty is by \(outcome.filter.margin), which was used"
      )
    }
    let end =
      outcome.collapse != nil && schedule.keeps == .best
      ? "its clusters collapsed"
      : outcome.isConverged
        ? "80 % of the cells are reliable"
        : outcome.curve.count < schedule.epochs
          ? "nothing had improved for \(schedule.patience) run\(schedule.patience == 1 ? "" : "s") of the filter"
          : "the epochs are over"
    stage.log.note(
      "sctpf: \(outcome.curve.count) epochs, until \(end); \(schedule.origin(of: outcome.usedFilter)); \(outcome.addedEdges) edges added to the graph\(outcome.curve.last.map { "; \($0.summary)" } ?? "")"
    )
    if outcome.keptEpoch < outcome.curve.count {
      let place = outcome.keptEpoch == 0 ? "the start" : "epoch \(outcome.keptEpoch)"
      stage.log.note(
        "the clusters are those of \(place): their \(criterion) is \(threeDecimals(outcome.score)), at the end it was \(threeDecimals(outcome.lastScore)) (--keep last gives the end)"
      )
    }
  }

  /// What k-means finds in the codes of all models, or in the named embedding alone.
  func clusterByConsensus(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let ensemble = try CodeEnsemble(
      of: [try embedding(name)] + (name == nil ? furtherCodes : []), clusters: clusters,
      seed: stage.seed)
    return Clustered(labels: ensemble.labels)
  }

  /// k-means on an embedding, twenty starts.
  func clusterByKMeans(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let points = try embedding(name)
    return Clustered(labels: try KMeans.fit(points, clusters: clusters, seed: stage.seed).labels)
  }

  /// Spectral clustering of the stored graph, or of the 15 nearest neighbors in an embedding.
  func clusterSpectrally(_ clusters: Int, use name: String?, _ stage: Stage) throws -> Clustered {
    let graph = try graph(use: name)
    return Clustered(
      labels: try spectralClustering(of: graph, clusters: clusters, seed: stage.seed).labels)
  }

  /// What is clustered where `name` names nothing; nil where there is nothing.
  func embeddingName(_ name: String?) -> String? {
    name ?? ["X_latent", "X_pca"].first { obsm[$0] != nil }
  }

  /// The embedding of that name; without a name the latent codes, or else the principal components.
  func embedding(_ name: String?) throws -> Matrix<Float> {
    if let name {
      guard let points = obsm[name] else {
        throw StageFault(
          .badData,
          "there is no embedding '\(name)' (--use); obsm has \(listed(obsm.keys.sorted()))")
      }
      try points.requireFinite("obsm.\(name)")
      return points
    }
    guard let name = embeddingName(nil), let points = obsm[name] else {
      throw StageFault(
        .badData, "there is no embedding (X_latent, X_pca); run sc-knn or sc-pretrain first")
    }
    try points.requireFinite("obsm.\(name)")
    return points
  }
}

func threeDecimals(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
