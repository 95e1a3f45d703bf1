import CellData
import Models
import StageSupport
import Training

extension ScDeepClusterClustering: StepRecipe {
  package typealias Model = ScDeepCluster<Float>

  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    if run.isOn("floor_added") { floor = .added(1e-6) }
  }

  package func rule() -> any ClusteringRule<PairedSteps<Float>> { targetRule() }

  package func provenance(of shape: ScDeepCluster<Float>.Configuration) -> [(String, JSONValue)] {
    provenance(
      own: [("noise", .number(shape.noise)), ("noise_site", .string(shape.noiseSite.rawValue))],
      switches: [("floor_added", shape.floor == .added(1e-6))])
  }
}

extension ScDeepCluster: CodingModel, ModelKind, ShapedModel, StepModel where S == Float {
  package typealias Recipe = ScDeepClusterClustering
  package static var addsNoise: Bool { true }

  package static func shape(shownIn cells: CellData) throws(ModelFault) -> Configuration {
    try Configuration(of: cells.weights(of: name))
  }

  package static var stored: [StoredSetting<Configuration>] {
    [.number("noise", \.noise), .choice("noise_site", \.noiseSite)]
  }

  package static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput {
    try PairedInput(rnaOf: cells, readsGraph: readsGraph)
  }

  package var parts: ClusteringParts { ClusteringParts(clusters: configuration.gamma > 0) }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    configuration.extent(batch: source.size)
  }
}
