import CellData
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster trains scEMC.
package struct ScEMCRecipe: ClusteringRecipe {
  package var settings: ScEMCClustering

  package init(_ settings: ScEMCClustering) { self.settings = settings }

  package init(of run: ClusteringRun) {
    settings = ScEMCClustering(of: run)
    settings.batchSize = max(1, settings.batchSize)
    settings.lambda1 = run.number("lambda_reconstruction") ?? settings.lambda1
    settings.lambda2 = run.number("lambda_cluster") ?? settings.lambda2
    settings.phi = run.number("phi")
    settings.distance = run.isOn("euclidean_distance") ? .euclidean : .squared
    settings.differentiatesTarget = run.isOn("differentiates_target")
  }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScEMC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScEMC<Float>.name)
    let shape = settings.shape(try cells.configurationOfScEMC())
    let input = try PairedInput(
      cells, usesSecond: shape.features != nil, hops: shape.hops, productBytes: productBytes
    ).seeingBatches(of: ScEMC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features ?? 0, hasCounts: shape.secondHasCounts)
    let schedule = settings.schedule(for: shape)
    let criterion = try criterion(schedule, input)
    let (views, others) = (cells.pairedViews, cells.furtherCodes)
    let model = ScEMC<Float>(shape, clusters: clusters)
    try model.load(stored)
    return PreparedClustering(
      training: { [settings] _ in
        let model = ScEMC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: settings.batchSize, seed: seed),
          rule: settings.stabilityRule(),
          schedule: schedule)
      },
      start: { [method = settings.start] codes in
        try model.start(
          method, codes: [codes] + others, views: views, order: input.data.order,
          comparedOn: criterion, clusters: clusters, seed: seed)
      }, adjacency: criterion, settings: provenance(shape), notes: input.notes,
      remarks: { [filter = settings.filter] outcome, used, _ in
        .stableLabels(filter, outcome, used: used)
      },
      annotate: { $0.store(shape) })
  }

  /// A where states are compared by modularity on it.
  ///
  /// - Throws: `ModelStageFault` where there is none.
  private func criterion(_ schedule: ClusteringSchedule, _ input: PairedInput)
    throws(ModelStageFault) -> SparseMatrix<Float>?
  {
    if settings.start == .auto || settings.start == .consensus { return nil }
    if settings.start.readsCodes && schedule.keeps == .last { return nil }
    if let adjacency = input.adjacency { return adjacency }
    throw ModelStageFault(
      "obsp.distances: there is no graph of neighbors to score clusters by; run sc-knn first")
  }

  private func provenance(_ shape: ScEMC<Float>.Configuration) -> [(String, JSONValue)] {
    settings.provenance(
      own: [
        ("lambda_reconstruction", .number(shape.lambda1)),
        ("lambda_cluster", .number(shape.lambda2)),
      ] + shape.settings,
      switches: [
        ("euclidean_distance", shape.distance == .euclidean),
        ("differentiates_target", shape.differentiatesTarget),
      ])
  }
}

extension ScEMC: CodingModel, ModelKind where S == Float {
  package typealias Recipe = ScEMCRecipe

  package init(storedIn cells: CellData, clusters: Int?) throws {
    self.init(try cells.configurationOfScEMC(), clusters: clusters)
  }

  package var geneCount: Int { configuration.genes }
  package var readsSecond: Bool { configuration.features != nil }

  package var parts: ClusteringParts {
    let c = configuration
    return ClusteringParts(
      reconstruction: c.reconstructs, clusters: c.clusters, centers: c.gamma > 0)
  }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Self.extent(hops: configuration.hops, batch: source.size)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try PairedInput(
      cells, usesSecond: configuration.features != nil, hops: configuration.hops,
      productBytes: productBytes
    ).encoding(configuration.encodesBatches ? configuration.batches : 0, of: Self.name, in: cells)
    return embed(input.data)
  }
}

extension PairedInput {
  /// Throws a `ModelStageFault` where the model is not one of these measurements.
  func require(genes: Int, features: Int, hasCounts: Bool) throws(ModelStageFault) {
    let name = secondName ?? ""
    let pairs: [(name: String, model: Int, cells: Int)] = [
      ("genes", genes, data.rna.targetCount),
      ("features of '\(name)'", features, data.second?.targetCount ?? 0),
    ]
    for pair in pairs where pair.model != pair.cells {
      throw ModelStageFault(
        "the model is one of \(pair.model) \(pair.name), but there are \(pair.cells); run sc-pretrain on these data"
      )
    }
    if let second = data.second, second.hasCounts != hasCounts {
      throw ModelStageFault(
        "the model explains '\(name)' as \(hasCounts ? "counts" : "real values"), but the data \(second.hasCounts ? "have" : "do not have") counts of it; run sc-pretrain on these data"
      )
    }
  }
}

extension CellData {
  /// What scEMC's first partition sees beside the codes.
  fileprivate var pairedViews: PairedViews {
    PairedViews(
      components: obsm["X_pca"], second: obsm["X_second"], joint: obsm["X_joint"],
      secondWeight: settings["uns.joint.second_weight"].flatMap { Double($0) } ?? 0,
      graph: obsp["connectivities"], distances: obsp["distances"])
  }
}
