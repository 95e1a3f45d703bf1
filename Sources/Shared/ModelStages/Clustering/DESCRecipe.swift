import CellData
import Models
import StageSupport
import Training

extension DESCClustering: StepRecipe {
  package typealias Model = DESC<Float>

  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    fewestSteps = run.number("fewest_steps").flatMap { Int(exactly: $0) } ?? 1
  }

  package func rule() -> any ClusteringRule<PairedSteps<Float>> { targetRule() }

  package func provenance(of shape: DESC<Float>.Configuration) -> [(String, JSONValue)] {
    provenance(own: [("fewest_steps", .integer(fewestSteps))])
  }
}

extension DESC: CodingModel, ModelKind, ShapedModel, StepModel where S == Float {
  package typealias Recipe = DESCClustering
  package static var countsByResolution: Bool { true }

  package static var stored: [StoredSetting<Configuration>] {
    [.choice("output_layer", \.output)]
  }

  package static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput {
    try PairedInput(valuesOf: cells, readsGraph: readsGraph)
  }

  package var parts: ClusteringParts {
    ClusteringParts(reconstruction: false, clusters: configuration.gamma > 0)
  }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Configuration.extent(batch: source.size, reconstructs: false)
  }
}
