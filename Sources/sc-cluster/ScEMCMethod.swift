import CellData
import Clustering
import ModelStages
import Models
import StageSupport
import Tensors

extension CellData {
  /// scEMC: the model of sc-pretrain trained on with clusters.
  mutating func clusterWithScEMC(
    _ clusters: Int, _ options: ModelOptions, _ stage: Stage, _ open: CheckpointsOpening
  ) throws -> (Clustered, settings: [(String, JSONValue)]) {
    let stored = weights(of: .scemc)
    if stored.isEmpty {
      throw StageFault(
        .badData,
        "there is no model of scemc in the data; run sc-pretrain --model scemc first, or choose another --method"
      )
    }
    let shape = options.scemc.configuration(try configurationOfScEMC(), options)
    let input = try PairedInput(
      self, usesSecond: shape.features != nil, hops: shape.hops,
      productBytes: options.memory(for: self, by: .scemc, stage).productBytes)
    try require(shape, fits: input)
    input.announce(stage)
    let model = ScEMC<Float>(shape, clusters: clusters)
    try model.load(stored)
    let schedule = options.scemc.schedule(options, seed: stage.seed)
    let method = options.scEMCStart
    let own: [(String, JSONValue)] = [
      ("start", .string(method.rawValue)), ("lambda_reconstruction", .number(shape.lambda1)),
      ("lambda_cluster", .number(shape.lambda2)), ("gamma", .number(shape.gamma)),
      ("freeze_centers", .boolean(!shape.trainsCenters)),
    ]
    let settings = own + schedule.settings + shape.settings
    let checkpoints = try open(settings)
    let start = try starter(method, schedule, shape, input, clusters, stage, checkpoints)
    let outcome = try checkpoints.training { resumption in
      try model.cluster(input.data, schedule: schedule, from: start, resumption: resumption) {
        stage.announce($0, "cluster")
      }
    }
    try checkpoints.finishTraining()
    announce(outcome, schedule, judging: method, stage)
    store(model.weights, of: .scemc)
    store(shape)
    store(outcome.curve, of: .scemc, phase: "cluster")
    obsm["X_latent"] = outcome.latent
    return (Clustered(labels: outcome.labels), settings)
  }

  /// What finds the first partition and judges states; nil for the paper's way, k-means on the codes and the last state.
  private func starter(
    _ method: StartMethod, _ schedule: ScEMCClustering, _ shape: ScEMC<Float>.Configuration,
    _ input: PairedInput, _ clusters: Int, _ stage: Stage, _ checkpoints: Checkpoints
  ) throws -> ((Matrix<Float>) throws -> ScEMCStart)? {
    if method == .kmeans && schedule.keeps == .last { return nil }
    guard method == .kmeans || method == .spectral else {
      return { codes in
        let partitions = try kept(clusters, checkpoints) {
          try scEMCPartitions(
            [codes] + furtherCodes, width: shape.skips ? shape.latent : codes.columns,
            usesSecond: shape.features != nil, clusters: clusters, stage)
        }
        return try scEMCStart(partitions, clusters: clusters, stage)
      }
    }
    guard let adjacency = input.adjacency else {
      throw StageFault(
        .badData,
        "obsp.distances: there is no graph of neighbors to judge clusters on; run sc-knn first")
    }
    return { codes in
      let partitions = try kept(clusters, checkpoints) {
        [
          method == .spectral
            ? try clusterSpectrally(clusters, use: nil, stage).labels
            : try KMeans.fit(codes, clusters: clusters, seed: stage.seed).labels
        ]
      }
      return ScEMCStart(labels: partitions[0], judgedOn: adjacency)
    }
  }

  /// The partitions that an earlier run has found for the start, or else those found now.
  private func kept(_ clusters: Int, _ checkpoints: Checkpoints, _ find: () throws -> [[Int]])
    throws -> [[Int]]
  {
    let state = try checkpoints.keeping("start") {
      var state = TrainingState<Float>()
      state.store(try find(), "partition")
      return state
    }
    let partitions = try state.partitions("partition", of: cellCount, below: clusters)
    if partitions.isEmpty { throw ResumptionFault("partition.0") }
    return partitions
  }

  private func require(_ shape: ScEMC<Float>.Configuration, fits input: PairedInput) throws {
    let data = input.data
    let pairs: [(name: String, model: Int, cells: Int)] = [
      ("genes", shape.genes, data.rna.targetCount),
      (
        "features of '\(input.secondName ?? "")'", shape.features ?? 0,
        data.second?.targetCount ?? 0
      ),
    ]
    for pair in pairs where pair.model != pair.cells {
      throw StageFault(
        .badData,
        "the model is one of \(pair.model) \(pair.name), but there are \(pair.cells); run sc-pretrain on these data"
      )
    }
    if let second = data.second, second.hasCounts != shape.secondHasCounts {
      throw StageFault(
        .badData,
        "the model explains '\(input.secondName ?? "")' as \(shape.secondHasCounts ? "counts" : "real values"), but the data \(second.hasCounts ? "have" : "do not have") counts of it; run sc-pretrain on these data"
      )
    }
  }

  private func announce(
    _ outcome: ScEMCOutcome, _ schedule: ScEMCClustering, judging method: StartMethod,
    _ stage: Stage
  ) {
    let isModularity = method == .kmeans || method == .spectral
    let criterion =
      isModularity ? "modularity on the input graph" : "agreement with the partitions of the start"
    if outcome.curve.isEmpty {
      stage.log.note("scemc: without clustering losses the clusters are those of the start")
      return
    }
    if let collapse = outcome.collapse {
      stage.warn(
        of: collapse, cells: outcome.labels.count, keeps: schedule.keeps,
        keptEpoch: outcome.keptEpoch)
    }
    let end =
      outcome.collapse != nil && schedule.keeps == .best
      ? "its clusters collapsed"
      : outcome.isConverged
        ? "the labels are stable"
        : outcome.curve.count < schedule.epochs
          ? "nothing had improved for \(schedule.patience) epochs" : "the epochs are over"
    stage.log.note(
      "scemc: \(outcome.curve.count) epochs, until \(end)\(outcome.curve.last.map { "; \($0.summary)" } ?? "")"
    )
    if outcome.keptEpoch < outcome.curve.count, let best = outcome.score,
      let last = outcome.lastScore
    {
      let place = outcome.keptEpoch == 0 ? "the start" : "epoch \(outcome.keptEpoch)"
      stage.log.note(
        "the clusters are those of \(place): their \(criterion) is \(threeDecimals(best)), at the end it was \(threeDecimals(last)) (--keep last gives the end)"
      )
    }
  }
}
