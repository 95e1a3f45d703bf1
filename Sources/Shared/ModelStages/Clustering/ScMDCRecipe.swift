import CellData
import Models
import StageSupport
import Training

extension ScMDCClustering: StepRecipe {
  package typealias Model = ScMDC<Float>

  package init(of run: ClusteringRun) {
    self.init(lossesOf: run)
    batchSize = max(1, batchSize)
    phi = run.number("phi")
    differentiatesTarget = run.isOn("differentiates_target")
  }

  package func provenance(of shape: ScMDC<Float>.Configuration) -> [(String, JSONValue)] {
    provenance(own: shape.settings)
  }
}

extension ScMDC: CodingModel, ModelKind, ShapedModel, StepModel where S == Float {
  package typealias Recipe = ScMDCClustering
  package static var learnsFromSecond: Bool { true }
  package static var addsNoise: Bool { true }
  package static var comparesPairs: Bool { true }

  package static var stored: [StoredSetting<Configuration>] {
    [
      .number("rna_noise", \.rnaNoise), .number("second_noise", \.secondNoise),
      .number("phi", \.phi),
    ]
  }

  package static func input(of cells: CellData, readsGraph: Bool) throws -> PairedInput {
    try PairedInput(both: cells, of: name, readsGraph: readsGraph)
  }

  package static func require(_ shape: Configuration, of input: PairedInput) throws {
    try input.require(
      genes: shape.genes, features: shape.features, hasCounts: shape.secondHasCounts)
  }

  package var readsSecond: Bool { true }

  package var parts: ClusteringParts {
    let (gamma, phi) = (configuration.gamma, configuration.phi)
    return ClusteringParts(clusters: gamma > 0 || phi > 0, centers: gamma > 0)
  }

  package func extent(over source: PairedSteps<Float>) -> TrainingExtent {
    Self.extent(batch: source.size)
  }
}

extension ScMDC.Configuration {
  /// What the provenance notes of the model and its losses.
  var settings: [(String, JSONValue)] {
    [
      ("rna_noise", .number(rnaNoise)), ("second_noise", .number(secondNoise)),
      ("phi", .number(phi)),
    ] + switchedOn([("differentiates_target", differentiatesTarget)])
  }
}
