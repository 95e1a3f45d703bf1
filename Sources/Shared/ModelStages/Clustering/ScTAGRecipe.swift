import CellData
import Models
import StageSupport
import Tensors
import Training

extension ScTAGClustering: ClusteringRecipe {
  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    batchSize = 0
  }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<ScTAG<Float>>
  {
    let name = ScTAG<Float>.name
    let stored = try cells.requiredWeights(of: name)
    let shape = shape(try ScTAG<Float>.shape(in: cells))
    let input = try ModelInput(cells, explainsInput: shape.explainsInput)
      .seeingBatches(of: name, count: shape.batches, in: cells)
    try input.require(genes: shape.genes)
    @Sendable func model() throws -> ScTAG<Float> {
      let model = ScTAG(ScTPF<Float>(shape, clusters: clusters))
      try model.load(stored)
      return model
    }
    _ = try model()
    let schedule = schedule(hasEnsemble: !cells.furtherCodes.isEmpty)
    var plan = batches(seed: seed, isLocal: shape.latentHops == 0 && !shape.repeatsHop)
    plan.productBytes = productBytes
    return PreparedClustering(
      start, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      provenance: provenance(schedule, stepSize: plan.size ?? 0),
      filter: filter,
      training: { [plan] _ in
        let model = try model()
        return GuardedTraining(
          model, on: model.base.steps(over: input.data, input.graph, plan: plan),
          rule: targetRule(), schedule: schedule)
      })
  }
}

extension ScTAG: CodingModel, ModelKind, ShapedModel where S == Float {
  package typealias Recipe = ScTAGClustering
  package static var sumsHops: Bool { true }

  package init(_ shape: ScTPF<Float>.Configuration, clusters: Int?) {
    self.init(ScTPF(shape, clusters: clusters))
  }

  package var configuration: ScTPF<Float>.Configuration { base.configuration }

  package static func shape(shownIn cells: CellData) throws(ModelFault)
    -> ScTPF<Float>.Configuration
  {
    try ScTPF<Float>.Configuration(of: cells.weights(of: name), named: name)
  }

  package static var stored: [StoredSetting<ScTPF<Float>.Configuration>] { ScTPF<Float>.stored }

  package var parts: ClusteringParts { base.parts }

  package func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    base.extent(over: source)
  }

  package func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    try base.codes(of: cells, as: Self.name)
  }
}
