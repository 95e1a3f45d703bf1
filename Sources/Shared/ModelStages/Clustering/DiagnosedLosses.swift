import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// The run of sc-cluster that trained a stored model, as far as the history shows, with the weights
/// that it left.
struct ClusteringRun {
  let name: ModelName
  let weights: ModelWeights
  private let settings: [String: String]
  let seed: UInt64

  init(of name: ModelName, in cells: CellData) {
    self.name = name
    weights = cells.weights(of: name.rawValue)
    let entry = cells.history.last {
      $0.tool == "sc-cluster" && $0.settings["method"] == JSONValue.string(name.rawValue).text
    }
    (settings, seed) = (entry?.settings ?? [:], entry?.seed ?? 0)
  }

  func isOn(_ name: String) -> Bool { settings[name] == JSONValue.boolean(true).text }

  func number(_ name: String) -> Double? {
    settings[name].flatMap { Double($0) }.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }

  /// Cells in a step; 0: all.
  var batchSize: Int { number("batch_size").flatMap { Int(exactly: $0) } ?? 256 }

  /// Throws a `ModelStageFault` where centers are not of that many latent dimensions.
  func require(_ centers: Matrix<Float>, width: Int, of model: String) throws(ModelStageFault) {
    if centers.columns == width { return }
    throw ModelStageFault(
      "model.\(model): has \(width) latent dimensions, but centers of \(centers.columns); run sc-pretrain and sc-cluster on these data"
    )
  }

  func word(_ name: String, is text: String) -> Bool {
    settings[name] == JSONValue.string(text).text
  }

  /// Of scTPF always but where it was switched off, of other models where it was asked for.
  var hasFilter: Bool {
    name == .sctpf ? !isOn("no_filter") : settings["outlier_share"] != nil
  }

  /// The centers of the clusters.
  ///
  /// - Throws: `ModelStageFault` where there is no model, or one without clusters.
  func centers() throws(ModelStageFault) -> Matrix<Float> {
    let name = name.rawValue
    if weights.isEmpty {
      throw ModelStageFault(
        "there is no model of \(name) in the data; run sc-pretrain and sc-cluster first")
    }
    if let centers = weights["centers"], centers.rows > 0 { return centers }
    throw ModelStageFault(
      "model.\(name).centers: the model has no clusters; run sc-cluster --method \(name) first")
  }
}

/// The losses of a stored model, as its training with clusters had them, over its cells.
struct DiagnosedLosses {
  let measure: (TrainingSnapshot, ClusteredModel.Targets?) throws -> GradientAgreement
  /// The width of its codes.
  let latent: Int
  let extent: TrainingExtent
  let remarks: [String]

  /// Those of scTPF: one step on all cells.
  static func scTPF(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfScTPF()
    let input = try ModelInput(cells, explainsInput: shape.explainsInput)
      .seeingBatches(of: ScTPF<Float>.name, count: shape.batches, in: cells)
    guard shape.genes == input.data.geneCount, centers.columns == shape.latent else {
      throw ModelStageFault(
        "model.sctpf: is one of \(shape.genes) genes and \(shape.latent) latent dimensions, but there are \(input.data.geneCount) genes, and centers of \(centers.columns) dimensions; run sc-pretrain and sc-cluster on these data"
      )
    }
    shape.trainsCenters = !run.isOn("freeze_centers")
    if run.isOn("no_adjacency_loss") { shape.adjacencyWeight = 0 }
    if run.number("gamma") == 0 { shape.gamma = 0 }
    var rule = FilterRule.Settings()
    let isTransformed = run.word("encode_over", is: EncodingGraph.transformed.rawValue)
    rule.encodesOver = isTransformed ? .transformed : .input
    rule.usesTransform = !run.isOn("no_transform")
    let model = ScTPF<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { [rule] state, targets in
        try model.gradientAgreement(
          at: state, over: model.steps(over: input.data, input.graph, plan: BatchPlan()),
          rule: FilterRule(rule, adjacency: input.adjacency), targets: targets)
      }, latent: shape.latent, extent: ScTPF<Float>.Configuration.extentOfStored(batch: 0),
      remarks: remarks(reconstructs: true, clusters: shape.gamma > 0, hasCenters: true))
  }

  /// Those of scEMC: the mean over the batches of an epoch, with its noise. L_S is the distance to
  /// the centers of given clusters, squared.
  static func scEMC(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let centers = try run.centers()
    var shape = try cells.configurationOfScEMC()
    let input = try PairedInput(cells, usesSecond: shape.features != nil, hops: shape.hops)
      .seeingBatches(of: ScEMC<Float>.name, count: shape.batches, in: cells)
    try input.require(
      genes: shape.genes, features: shape.features ?? 0, hasCounts: shape.secondHasCounts)
    try run.require(centers, width: shape.codeWidth, of: "scemc")
    shape.lambda1 = run.number("lambda_reconstruction") ?? shape.lambda1
    shape.lambda2 = run.number("lambda_cluster") ?? shape.lambda2
    shape.gamma = run.number("gamma") ?? shape.gamma
    shape.trainsCenters = !run.isOn("freeze_centers")
    shape.distance = run.isOn("euclidean_distance") ? .euclidean : .squared
    shape.differentiatesTarget = run.isOn("differentiates_target")
    let size = max(1, run.batchSize)
    let model = ScEMC<Float>(shape, clusters: centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: size, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: shape.codeWidth,
      extent: ScEMC<Float>.extent(hops: shape.hops, batch: size),
      remarks: remarks(
        reconstructs: shape.reconstructs, clusters: shape.clusters, hasCenters: shape.gamma > 0))
  }

  static func remarks(reconstructs: Bool, clusters: Bool, hasCenters: Bool) -> [String] {
    guard clusters else {
      return ["the training had no clustering loss: lambda_fr and lambda_fd have no value"]
    }
    return
      (hasCenters ? [] : ["the training had no loss of centers: lambda_fr has no value"])
      + (reconstructs ? [] : ["the training had no reconstruction: lambda_fd has no value"])
  }
}
