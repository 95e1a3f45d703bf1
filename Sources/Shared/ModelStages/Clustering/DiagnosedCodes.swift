import CellData
import Models
import StageSupport
import Tensors
import Training

extension DiagnosedLosses {
  /// Those of DCCA.
  static func dcca(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let shape = try cells.configurationOfDCCA()
    return try withoutClusters(
      of: cells, run, .dcca, latent: shape.codeWidth, step: max(1, run.batchSize),
      model: { DCCA<Float>(shape, clusters: $0) },
      extent: { DCCA<Float>.extent(of: shape, batch: $0) },
      fits: {
        try $0.require(
          genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
      })
  }

  /// Those of scMCs.
  static func scMCs(of cells: CellData, _ run: ClusteringRun) throws -> DiagnosedLosses {
    let shape = try cells.configurationOfScMCs()
    return try withoutClusters(
      of: cells, run, .scmcs, latent: shape.latent,
      step: run.batchSize == 0 ? max(1, cells.cellCount) : run.batchSize,
      model: { ScMCs<Float>(shape, clusters: $0) },
      extent: { ScMCs<Float>.extent(of: shape, batch: $0) },
      fits: {
        try $0.require(
          genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
      })
  }

  /// Those of a model of paired data that has no loss of clusters.
  ///
  /// - Parameters:
  ///   - model: of that many clusters.
  ///   - extent: what a step of that many cells holds.
  ///   - fits: throws where the data are not those of the model.
  private static func withoutClusters<Model: TrainableModel>(
    of cells: CellData, _ run: ClusteringRun, _ name: ModelName, latent: Int, step: Int,
    model: (Int) -> Model, extent: (Int) -> TrainingExtent, fits: (PairedInput) throws -> Void
  ) throws -> DiagnosedLosses where Model.Source == PairedSteps<Float> {
    let centers = try run.centers()
    let input = try PairedInput(countsOf: cells, for: name)
    try fits(input)
    try run.require(centers, width: latent, of: name.rawValue)
    let model = model(centers.rows)
    return DiagnosedLosses(
      measure: { state, targets in
        try model.gradientAgreement(
          at: state, over: PairedSteps(input.data, size: step, seed: run.seed),
          rule: StabilityRule(share: 0), targets: targets)
      }, latent: latent, extent: extent(step),
      remarks: ["\(name.rawValue) has no clustering loss: lambda_fr and lambda_fd have no value"])
  }
}
