import CellData
import Models
import StageSupport
import Training

extension ScziDeskClustering: StepRecipe {
  package typealias Model = ScziDesk<Float>

  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    // A step holds every pair of its cells, so that none takes all.
    if batchSize == 0 { batchSize = 256 }
  }

  package func model(_ shape: ScDeepCluster<Float>.Configuration, clusters: Int)
    -> ScziDesk<Float>
  {
    ScziDesk(ScDeepCluster(shape, clusters: clusters), weights)
  }

  package func provenance(of shape: ScDeepCluster<Float>.Configuration) -> [(String, JSONValue)] {
    provenance(own: [("noise", .number(shape.noise))])
  }
}

extension ScziDesk: CodingModel, ModelKind, ShapedModel, StepModel where S == Float {
  package typealias Recipe = ScziDeskClustering
  package static var addsNoise: Bool { true }

  package init(_ shape: ScDeepCluster<Float>.Configuration, clusters: Int?) {
    self.init(ScDeepCluster(shape, clusters: clusters))
  }

  package var configuration: ScDeepCluster<Float>.Configuration { base.configuration }

  package static func shape(shownIn cells: CellData) throws(ModelFault)
    -> ScDeepCluster<Float>.Configuration
  {
    var shape = try ScDeepCluster<Float>.Configuration(of: cells.weights(of: name), model: name)
    shape.noise = ScziDeskPretraining.paper.layers.noise
    return shape
  }

  package static var stored: [StoredSetting<ScDeepCluster<Float>.Configuration>] {
    [.number("noise", \.noise)]
  }

  package static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput {
    try ScDeepCluster<Float>.input(of: cells, readsGraph: readsGraph)
  }

  package var parts: ClusteringParts { ClusteringParts(clusters: weights.centers > 0) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    base.extent(over: source)
  }
}
