import CellData
import Models
import StageSupport
import Tensors
import Training

extension ScEMCClustering: ClusteringRecipe {
  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    batchSize = max(1, batchSize)
    lambda1 = run.number("lambda_reconstruction") ?? lambda1
    lambda2 = run.number("lambda_cluster") ?? lambda2
    phi = run.number("phi")
    distance = run.isOn("euclidean_distance") ? .euclidean : .squared
    differentiatesTarget = run.isOn("differentiates_target")
  }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScEMC<Float>>
  {
    let stored = try cells.requiredWeights(of: ScEMC<Float>.name)
    let shape = shape(try ScEMC<Float>.shape(in: cells))
    let input = try PairedInput(
      cells, usesSecond: shape.features != nil, hops: shape.hops, productBytes: productBytes
    ).seeingBatches(of: ScEMC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features ?? 0, hasCounts: shape.secondHasCounts)
    let schedule = schedule(for: shape)
    let criterion = try criterion(schedule, input)
    let (views, others) = (cells.pairedViews, cells.furtherCodes)
    let model = ScEMC<Float>(shape, clusters: clusters)
    try model.load(stored)
    return PreparedClustering(
      training: { _ in
        let model = ScEMC<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: batchSize, seed: seed), rule: stabilityRule(),
          schedule: schedule)
      },
      start: { codes in
        try model.start(
          start, codes: [codes] + others, views: views, order: input.data.order,
          comparedOn: criterion, clusters: clusters, seed: seed)
      }, adjacency: criterion, settings: provenance(shape), notes: input.notes,
      remarks: { outcome, used, _ in .stableLabels(filter, outcome, used: used) },
      annotate: { ScEMC<Float>.store(shape, in: &$0) })
  }

  /// A where states are compared by modularity on it.
  ///
  /// - Throws: `ModelStageFault` where there is none.
  private func criterion(_ schedule: ClusteringSchedule, _ input: PairedInput)
    throws(ModelStageFault) -> SparseMatrix<Float>?
  {
    if start == .auto || start == .consensus { return nil }
    if start.readsCodes && schedule.keeps == .last { return nil }
    if let adjacency = input.adjacency { return adjacency }
    throw ModelStageFault(
      "obsp.distances: there is no graph of neighbors to score clusters by; run sc-knn first")
  }

  private func provenance(_ shape: ScEMC<Float>.Configuration) -> [(String, JSONValue)] {
    provenance(
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

extension ScEMC: CodingModel, ModelKind, ShapedModel where S == Float {
  package typealias Recipe = ScEMCClustering
  package static var learnsFromSecond: Bool { true }
  package static var sumsHops: Bool { true }
  package static var addsNoise: Bool { true }
  package static var comparesPairs: Bool { true }

  package static func shape(shownIn cells: CellData) throws(ModelFault) -> Configuration {
    try Configuration(of: cells.weights(of: name), batches: cells.batchNames(of: name)?.count ?? 0)
  }

  package static var stored: [StoredSetting<Configuration>] {
    [
      .number("rna_noise", \.rnaNoise), .number("second_noise", \.secondNoise),
      .choice("dispersion", \.dispersion), .number("phi", \.phi),
      .flag("reconstruction", \.reconstructs), .flag("cluster_loss", \.clusters),
    ]
  }

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
    ).encoding(configuration.encodedBatches, of: Self.name, in: cells)
    return embed(input.data)
  }
}

extension ScEMC.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    [
      ("hops", .integer(hops)), ("aggregation", .string(aggregation.rawValue)),
      ("dispersion", .string(dispersion.rawValue)),
      ("skip", .boolean(skips)), ("second_modality", .boolean(features != nil)),
      ("reconstruction", .boolean(reconstructs)), ("cluster_loss", .boolean(clusters)),
      ("rna_noise", .number(rnaNoise)), ("second_noise", .number(secondNoise)),
      ("phi", .number(phi)),
    ]
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
        "the model was trained on \(pair.model) \(pair.name), but the data have \(pair.cells); run sc-pretrain on these data"
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
