import ArgumentParser
import Autodiff
import CellData
import ModelStages
import NeuralNetworks
import StageSupport
import Tensors
import TestSupport
import Testing
import Training

/// A model that is added as CONTRIBUTING.md says: an auto-encoder with squared error, and the
/// distance to the nearest center.
private struct PlainModel: CodingModel {
  typealias Source = GraphSteps<Float>
  static var name: String { "plain" }

  let parameters = Parameters<Float>()
  let centers: Parameter?
  let encoder: [Dense]
  let decoder: Dense

  init(genes: Int, clusters: Int? = nil) {
    encoder = [
      Dense("encoder.0", inputs: genes, outputs: 16, rectifying: true, in: parameters),
      Dense("encoder.1", inputs: 16, outputs: 4, in: parameters),
    ]
    decoder = Dense("decoder", inputs: 4, outputs: genes, in: parameters)
    let place = parameters
    centers = clusters.map { place.declare("centers", rows: $0, columns: 4, .zeros) }
  }

  private func input(_ step: GraphBatch<Float>) -> Window<Float> {
    guard case .products(let x) = step.input else { preconditionFailure("steps without products") }
    return x
  }

  private func embed(_ step: GraphBatch<Float>, on tape: Tape<Float>) -> Variable<Float> {
    encoder.reduce(tape.constant(input(step))) { $1($0, on: tape) }
  }

  private func reconstruction(
    of latent: Variable<Float>, _ step: GraphBatch<Float>, on tape: Tape<Float>
  ) -> LossTerm {
    LossTerm("reconstruction") {
      tape.squaredErrorLoss(of: decoder(latent, on: tape), to: input(step), weight: Float($0))
    }
  }

  func pretrainingLoss(_ step: GraphBatch<Float>, on tape: Tape<Float>) -> [LossTerm] {
    [reconstruction(of: embed(step, on: tape), step, on: tape)]
  }

  func clusteringLoss(
    _ step: GraphBatch<Float>, _ objective: ClusteringObjective, on tape: Tape<Float>
  ) -> [LossTerm] {
    let latent = embed(step, on: tape)
    let own = objective.reconstructs ? [reconstruction(of: latent, step, on: tape)] : []
    guard objective.clusters, let centers else { return own }
    var targets = Buffer(
      nearestCenters(of: latent.value, to: centerValues).map { Int32($0) })
    if case .supervised(let given) = objective { targets = given }
    let term = LossTerm("distance", weight: 0.1) {
      tape.distanceLoss(
        of: latent, to: tape.variable(centers), targets: targets, weight: Float($0))
    }
    return own + [term]
  }

  func codes(over source: GraphSteps<Float>) -> Matrix<Float> {
    let tape = Tape(parameters)
    return source.codes(on: tape) { embed($0, on: tape).value }
  }

  func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    let input = try ModelInput(cells)
    return codes(
      over: GraphSteps(input.data, over: input.graph, reach: 0, plan: BatchPlan(size: 32)))
  }

  func assignment(of codes: Matrix<Float>) -> Assignment<Float> {
    Assignment(
      labels: nearestCenters(of: Window(reading: codes), to: centerValues),
      shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }
}

/// Its settings for sc-pretrain.
private struct PlainPretraining: PretrainingRecipe {
  var models: Int { 2 }
  var extent: TrainingExtent { TrainingExtent(hops: 0, batch: 32) }

  func input(of cells: CellData, productBytes: Int) throws -> ModelInput { try ModelInput(cells) }
  func model(of input: ModelInput, number: Int) -> PlainModel {
    PlainModel(genes: input.data.geneCount)
  }
  func steps(of input: ModelInput, for model: PlainModel, seed: UInt64, productBytes: Int)
    -> GraphSteps<Float>
  {
    GraphSteps(input.data, over: input.graph, reach: 0, plan: BatchPlan(size: 32))
  }
  func schedule(cells: Int) -> PretrainingSchedule {
    PretrainingSchedule(epochs: 20, learningRate: 3e-3)
  }
  func settings(of model: PlainModel) -> [(String, JSONValue)] { [("batch_size", .integer(32))] }
}

/// Its options, which no other model takes.
private struct PlainOptions: DeclaredOptions {
  @Option var spread: Double?

  static let declarations: [OptionDeclaration] = [
    .option(
      "spread", .reals(0...1), for: Requirement("the model", "the model plain") { $0 == "plain" })
  ]
}

/// One file is a whole model: loops, guard, checkpoints, diagnosis and memory estimates know no
/// model by name.
@Suite struct PlainModelTests {
  private func steps(_ simulation: Simulation) -> GraphSteps<Float> {
    GraphSteps(
      simulation.data, over: ModelGraph(simulation.adjacency), reach: 0, plan: BatchPlan(size: 32))
  }

  private func pretrained(_ simulation: Simulation, resumption: Resumption<Float> = .none) throws
    -> (PlainModel, [LossTerms])
  {
    let model = PlainModel(genes: 60, clusters: 3)
    model.initialize(seed: 3)
    let curve = try pretrain(
      model, on: steps(simulation), schedule: PlainPretraining().schedule(cells: 120),
      resumption: resumption)
    return (model, curve)
  }

  @Test func itTrainsAndClusters() throws {
    let simulation = try Simulation(cells: 120, seed: 3)
    let (model, curve) = try pretrained(simulation)
    #expect(curve.count == 20 && curve[19].total < 0.9 * curve[0].total)
    #expect(curve[0].parts.map(\.name) == ["reconstruction"])
    var schedule = ClusteringSchedule()
    (schedule.epochs, schedule.optimizer, schedule.keepsSnapshots) = (6, .adam(), true)
    let start = simulation.truth.enumerated().map { $0 % 4 == 0 ? ($1 + 1) % 3 : $1 }
    let outcome = try GuardedTraining(
      model, on: steps(simulation), rule: StabilityRule(share: 0), schedule: schedule
    ).run { _ in try StartingPartition(labels: start, adjacency: simulation.adjacency) }
    #expect(outcome.curve[0].parts.map(\.name) == ["reconstruction", "distance"])
    #expect(zip(outcome.labels, simulation.truth).count { $0 == $1 } > 115)
    #expect(outcome.snapshots.count == outcome.curve.count + 1)
    let agreement = try model.gradientAgreement(
      over: steps(simulation), targets: Buffer(simulation.truth.map { Int32($0) }))
    #expect(try #require(agreement.randomness) > 0.5 && agreement.drift != nil)
  }

  @Test func itResumes() throws {
    let simulation = try Simulation(cells: 120, seed: 3)
    var states: [TrainingState<Float>] = []
    let (whole, curve) = try pretrained(
      simulation, resumption: Resumption(from: nil) { _, state in states.append(state()) })
    for state in [states[0], states[37], states[states.count - 1]] {
      let (again, same) = try pretrained(
        simulation, resumption: Resumption(from: state) { _, _ in })
      #expect(again.weights == whole.weights && same == curve)
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
    let small = TrainingMemory(extent, PlainPretraining().extent, within: .max).estimate.bytes
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
}
