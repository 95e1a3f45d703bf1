import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

private func model(clusters: Int?) -> ScziDesk<Float> {
  var layers = ScDeepCluster<Float>.Configuration(genes: 40)
  (layers.encoder, layers.latent, layers.decoder, layers.noise) = ([32, 16], 4, [16, 32], 1)
  return ScziDesk(ScDeepCluster(layers, clusters: clusters))
}

/// Trained as published, but shorter.
private func trained(_ data: PairedData<Float>) throws -> (
  outcome: ClusteringOutcome, curve: [LossTerms], weights: ModelWeights
) {
  let model = model(clusters: 3)
  model.initialize(seed: 5)
  var schedule = PretrainingSchedule(epochs: 30, learningRate: 1e-3)
  schedule.optimizer = .adam()
  let curve = try pretrain(
    model, on: PairedSteps(data, size: 64, seed: 0), schedule: schedule)
  var clustering = ScziDeskClustering.paper.schedule
  (clustering.epochs, clustering.interval) = (6, 2)
  let outcome = try GuardedTraining(
    model, on: PairedSteps(data, size: 64, seed: 1), rule: StabilityRule(share: 0),
    schedule: clustering
  ).run { codes in
    try StartingPartition(
      .kmeans, graph: nil, codes: codes, others: [], clusters: 3, isScored: false, seed: 0)
  }
  return (outcome, curve, model.weights)
}

@Suite(.serialized) struct ScziDeskTests {
  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let simulation = PairedSimulation(cells: 300, seed: 2)
    // Two types differ in their proteins alone: the RNA shows two kinds of cells.
    let data = simulation.data(.none)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = try trained(data)
    #expect(first.curve[29].total < first.curve[0].total)
    #expect(first.curve[0].parts.map(\.name) == ["zinb", "ridge"])
    #expect(
      first.outcome.curve[0].parts.map(\.name) == ["zinb", "ridge", "centers", "pairs"])
    let ofFirst = zip(first.outcome.labels, simulation.truth).filter { $0.1 == 0 }.map(\.0)
    let others = zip(first.outcome.labels, simulation.truth).filter { $0.1 != 0 }.map(\.0)
    #expect(Set(ofFirst).isDisjoint(with: Set(others)))
    Threads.count = 2
    let second = try trained(data)
    #expect(first.weights == second.weights && first.outcome.curve == second.outcome.curve)
  }

  @Test func aStepAllocatesNothingAfterTheSecond() {
    let data = PairedSimulation(cells: 300, seed: 1).data(.none)
    let model = model(clusters: 3)
    model.initialize(seed: 1)
    let tape = Tape(model.parameters)
    let steps = PairedSteps(data, size: 60, seed: 1)
    var allocations: [Int] = []
    for plan in steps.steps(ofEpoch: 1, of: 1) {
      _ = model.clusteringStep(steps.step(plan, on: tape), on: tape)
      allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(allocations.count == 5 && allocations.dropFirst(2).allSatisfy { $0 == allocations[1] })
  }

  /// By hand, three cells and two centers: w ∝ exp(−2d), the loss Σ w d.
  @Test func distancesOfThreeCells() {
    let parameters = Parameters<Double>()
    let codes = parameters.declare("z", rows: 3, columns: 2, .zeros)
    let centers = parameters.declare("c", rows: 2, columns: 2, .zeros)
    parameters.weights(of: codes).copy(from: Matrix([[0, 0], [1, 0], [3, 4]]))
    parameters.weights(of: centers).copy(from: Matrix([[0, 0], [2, 0]]))
    let tape = Tape(parameters)
    let loss = tape.deepKMeansLoss(
      of: tape.variable(codes), to: tape.variable(centers), weight: 1)
    assertClose([loss], [6.0004474336], tolerance: 1e-9)
    tape.reset()
    assertClose(
      [3 * tape.pairwiseLoss(of: tape.variable(codes), weight: 1)], [0.0064035088],
      tolerance: 1e-7)
  }

  @Test func presets() {
    let paper = ScziDeskPretraining.paper.schedule(cells: 1000)
    #expect(paper.epochs == 1000 && paper.patience == nil && paper.optimizer == .adam())
    #expect(paper.learningRate == 1e-4 && ScziDeskPretraining.paper.layers.noise == 1.5)
    #expect(ScziDeskPretraining.released.layers.noise == 0)
    // 0.001 of the sum over the pairs of 256 cells.
    let weights = ScziDeskClustering.paper.weights
    assertClose(
      [weights.centers, weights.pairs, weights.ridge], [0.001, 0.256, 1], tolerance: 1e-12)
    #expect(ScziDeskClustering.paper.schedule.interval == 10)
    #expect(ScziDeskClustering.standard.schedule.keeps == .best)
  }
}
