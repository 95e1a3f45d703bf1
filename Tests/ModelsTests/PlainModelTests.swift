import ArgumentParser
import CellData
import Foundation
import ModelStages
import Models
import StageSupport
import Tensors
import TestSupport
import Testing
import Training

/// Its options, which no other model takes.
private struct PlainOptions: DeclaredOptions {
  @Option var spread: Double?

  static let declarations: [OptionDeclaration] = [
    .option(
      "spread", .reals(0...1), for: Requirement("the model", "the model plain") { $0 == "plain" })
  ]
}

/// One file is a whole model: loops, guard, checkpoints, views, memory estimates, storage and
/// diagnosis know no model by name.
@Suite struct PlainModelTests {
  private let simulation: Simulation
  private let stage: Stage

  init() throws {
    simulation = try Simulation(cells: 120, seed: 3)
    stage = Stage(
      name: "sc-cluster", options: try RunningOptions.parse(["--quiet"]),
      table: OptionTable(of: PlainOptions.self, arguments: []))
  }

  /// The cells as sc-knn leaves them.
  private var cells: CellData {
    var cells = CellData(
      obs: Frame(index: (0..<120).map { "cell\($0)" }),
      var: Frame(index: (0..<60).map { "gene\($0)" }), x: .sparse(simulation.logs))
    cells.layers["counts"] = .sparse(simulation.counts)
    cells.obs["size_factors"] = .float32(Buffer(repeating: 1, count: 120))
    cells.obsp["distances"] = simulation.distances
    return cells
  }

  private func checkpoints(_ arguments: [String], _ settings: [(String, JSONValue)] = []) throws
    -> Checkpoints
  {
    try Checkpoints(
      try CheckpointOptions.parse(arguments), settings: settings, inputCRC: "", stage)
  }

  /// The cells with the codes of both members, and what the members are.
  private func pretrained(_ checkpoints: Checkpoints? = nil) throws -> (CellData, [TrainedModel]) {
    var cells = cells
    let series = try ModelSeries(
      PlainPretraining(), of: cells, isInterruptible: checkpoints != nil, stage)
    let models =
      try checkpoints.map { try series.trained(on: cells, with: $0) }
      ?? series.trained(on: cells)
    _ = try series.store(models, of: PlainModel.name, learners: Learners(allOf: cells), in: &cells)
    return (cells, models)
  }

  /// The same cells after a training with clusters, as sc-cluster saves them.
  private func clustered(_ arguments: [String] = []) throws -> (CellData, ModelClustering) {
    var (cells, _) = try pretrained()
    let found = try cells.cluster(by: PlainClustering(), 3, stage) {
      try checkpoints(arguments, $0)
    }
    let settings = [("method", JSONValue.string(PlainModel.name))] + found.settings
    cells.history.append(
      Provenance(
        tool: stage.name, version: Stage.version,
        settings: Dictionary(settings.map { ($0, $1.text) }) { $1 }, seed: 0, inputCRC: ""))
    return (cells, found)
  }

  private func temporary(_ name: String) -> String {
    "\(NSTemporaryDirectory())plain-\(UUID().uuidString)-\(name)"
  }

  @Test func severalMembersAreTrained() throws {
    let (cells, models) = try pretrained()
    #expect(models.count == 2 && models[0].codes != models[1].codes)
    #expect(models[0].curve.count == 20)
    #expect(models[0].curve[19].total < 0.9 * models[0].curve[0].total)
    #expect(models[0].curve[0].parts.map(\.name) == ["reconstruction"])
    #expect(cells.obsm["X_latent"] == models[0].codes)
    #expect(cells.furtherCodes == [models[1].codes])
    #expect(try cells.codes(ofStored: PlainModel.self) == models[0].codes)
  }

  /// From the first member alone, and from the middle of the second.
  @Test func pretrainingResumes() throws {
    let (whole, _) = try pretrained()
    let file = temporary("pretraining.st")
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try pretrained(checkpoints(["--checkpoint", file, "--checkpoint-every", "7"]))
    let (again, _) = try pretrained(checkpoints(["--resume", file]))
    #expect(again.tensors == whole.tensors && again.obsm == whole.obsm)
  }

  @Test func itClusters() throws {
    let (cells, found) = try clustered()
    let agreeing = (0..<3).reduce(0) { sum, cluster in
      let members = zip(found.outcome.labels, simulation.truth).filter { $0.0 == cluster }
      return sum + ((0..<3).map { type in members.count { $0.1 == type } }.max() ?? 0)
    }
    #expect(agreeing > 115)
    #expect(found.outcome.curve[0].parts.map(\.name) == ["reconstruction", "distance"])
    #expect(cells.weights(of: PlainModel.name)["centers"]?.rows == 3)
    let (codes, labels) = try found.assign(cells)
    #expect(codes == cells.obsm["X_latent"] && labels == found.outcome.labels)
  }

  @Test func clusteringResumes() throws {
    let (whole, _) = try clustered()
    let file = temporary("clustering.st")
    defer { try? FileManager.default.removeItem(atPath: file) }
    // The last checkpoint is that of epoch 4 of 6.
    _ = try clustered(["--checkpoint", file, "--checkpoint-every", "4"])
    let (again, found) = try clustered(["--resume", file])
    #expect(found.outcome.curve.count == 6)
    #expect(again.tensors == whole.tensors && again.obsm == whole.obsm)
  }

  /// After the cells were written and read again.
  @Test func itIsDiagnosed() throws {
    let file = temporary("cells.st")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let (cells, _) = try clustered()
    let path = try #require(Path(argument: file))
    try stage.writeCheckpoint(cells, to: path)
    let stored = try stage.open(path).cells
    let model = try ClusteredModel(PlainModel.self, in: stored)
    #expect(model.remarks.isEmpty && model.hasClusteringLoss && model.snapshots.count == 7)
    #expect(model.result.latent == cells.obsm["X_latent"])
    let truth = Buffer(simulation.truth.map { Int32($0) })
    for state in [model.snapshots[0], model.result] {
      let agreement = try model.agreement(at: state) { _ in truth }
      #expect(agreement.randomness != nil && agreement.drift != nil)
    }
    #expect {
      try ClusteredModel(PlainModel.self, in: self.cells)
    } throws: {
      "\($0)".contains("there is no model of plain in the data")
    }
  }

  /// An option may have a number out of range, or belong to another model.
  @Test func itsOptionsBelongToItAlone() throws {
    func table(_ spread: String) -> OptionTable {
      OptionTable(of: PlainOptions.self, arguments: ["--spread", spread])
    }
    try table("0.5").requireRanges()
    try table("0.5").requireEffects(["the model": "plain"])
    #expect {
      try table("0.5").requireEffects(["the model": "sctpf"])
    } throws: {
      "\($0)".contains("--spread is for the model plain, but the model is sctpf")
    }
    #expect(throws: ValidationError.self) { try table("1.5").requireRanges() }
  }

  @Test func itIsEstimatedAndRefusesOtherWeights() throws {
    let extent = DataExtent(cells: 5000, genes: 2000, entries: 1_000_000, bytes: 40_000_000)
    let recipe = PlainPretraining()
    let small = TrainingMemory(extent, recipe.extent, within: .max).estimate.bytes
    #expect(small > 0)
    let model = PlainModel(genes: 60, clusters: 3)
    model.initialize(seed: 1)
    var weights = model.weights
    weights["decoder.kernel"] = .zeros(2, 2)
    #expect {
      try model.load(weights)
    } throws: {
      "\($0)".contains("model.plain.decoder.kernel: 2 × 2 instead of 4 × 60")
    }
  }

  /// The table of models has each under its name.
  @Test func theTableHoldsEveryModel() {
    for name in ModelName.allCases { #expect(name.kind.name == name.rawValue) }
  }
}
