import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Trained as published, but shorter: layer by layer, then the whole, then clusters.
private func trained(_ data: PairedData<Float>, clustering: Int = 6) throws -> (
  outcome: ClusteringOutcome, curve: [LossTerms], weights: ModelWeights
) {
  let cells = data.cellCount
  var settings = DESCPretraining.paper
  (settings.roundEpochs, settings.batchSize) = (8, 64)
  let model = DESC<Float>(
    settings.shape(genes: data.rna.targetCount, cells: cells), clusters: 3)
  model.initialize(seed: 5)
  let curve = try pretrain(
    model, on: PairedSteps(data, size: 64, seed: 0), schedule: settings.schedule(cells: cells))
  var schedule = DESCClustering.paper.schedule
  (schedule.epochs, schedule.interval) = (clustering, 2)
  let outcome = try GuardedTraining(
    model, on: PairedSteps(data, size: 64, seed: 1), rule: TargetRule(stableShare: 0),
    schedule: schedule
  ).run { codes in
    try StartingPartition(
      .leiden, graph: nil, codes: codes, others: [], clusters: 3, isScored: false, seed: 0)
  }
  return (outcome, curve, model.weights)
}

/// Gradients in Double of a model of two layers on values that no limit cuts.
private func checkDifferences(
  _ output: OutputLayer, _ loss: (DESC<Double>, PairedBatch<Double>, Tape<Double>) -> Double
) {
  var configuration = DESC<Double>.Configuration(genes: 6, encoder: [5, 3])
  configuration.output = output
  let model = DESC(configuration, clusters: 3)
  model.parameters.weights.copy(from: randomMatrix(1, model.parameters.count, seed: 3))
  let data = PairedData(rna: Measurement(randomMatrix(9, 6, seed: 4)), second: nil)
  let batch = PairedBatch(of: data)
  batch.take(Array(0..<9), withTargets: false)
  let shares = randomMatrix(9, 3, seed: 5)
  let targets = Matrix(
    (0..<9).map { i -> [Double] in
      let row = (0..<3).map { abs(shares[i, $0]) + 0.1 }
      return row.map { $0 / row.reduce(0, +) }
    })
  batch.targets = Window(reading: targets)
  batch.noise = NoiseKey(seed: 6, stream: 1)
  let tape = Tape(model.parameters)
  func value() -> Double {
    tape.reset()
    return loss(model, batch, tape)
  }
  _ = value()
  tape.backward()
  let gradient = Array(model.parameters.gradients.matrix().elements)
  #expect(gradient.contains { $0 != 0 })
  let weights = model.parameters.weights
  checkGradient(
    gradient, weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: value)
}

@Suite(.serialized) struct DESCTests {
  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let simulation = PairedSimulation(cells: 300, seed: 2)
    // Two types differ in their proteins alone: the RNA shows two kinds of cells.
    let data = simulation.data(.none)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = try trained(data)
    #expect(first.curve.count <= 9 * 8 && first.curve[7].total < first.curve[0].total)
    #expect(first.outcome.curve[0].parts.map(\.name) == ["cluster"])
    let ofFirst = zip(first.outcome.labels, simulation.truth).filter { $0.1 == 0 }.map(\.0)
    let others = zip(first.outcome.labels, simulation.truth).filter { $0.1 != 0 }.map(\.0)
    #expect(Set(ofFirst).isDisjoint(with: Set(others)))
    Threads.count = 2
    let second = try trained(data)
    #expect(first.weights == second.weights && first.outcome.curve == second.outcome.curve)
    #expect(first.outcome.latent == second.outcome.latent)
  }

  /// With clusters the encoder and the centers learn, by the divergence alone; the decoder stays.
  @Test func clustersTeachNothingToTheDecoder() throws {
    let data = PairedSimulation(cells: 120, seed: 2).data(.none)
    let (longer, shorter) = (try trained(data), try trained(data, clustering: 0))
    for (name, weights) in longer.weights {
      #expect((weights == shorter.weights[name]) == name.hasPrefix("decoder"), "\(name)")
    }
  }

  @Test(arguments: OutputLayer.allCases)
  func gradientsAgreeWithFiniteDifferences(_ output: OutputLayer) {
    checkDifferences(output) { model, batch, tape in
      model.reconstructionLoss(batch, on: tape).value
    }
    checkDifferences(output) { model, batch, tape in
      model.clusteringLoss(batch, .joint, on: tape)[0].value
    }
    // A single layer: earlier ones get no gradient, so only the last is checked.
    checkDifferences(output) { model, batch, tape in
      model.layerLoss(0, batch, on: tape) { number, rows, columns in
        tape.dropoutMask(
          rows: rows, columns: columns, rate: 0.2,
          key: NoiseKey(seed: 7, stream: UInt64(number)))
      }.value
    }
  }

  @Test func aStepAllocatesNothingAfterTheSecond() throws {
    let data = PairedSimulation(cells: 300, seed: 1).data(.none)
    let model = DESC<Float>(
      DESC<Float>.Configuration(genes: 40, encoder: [16, 8]), clusters: 3)
    model.initialize(seed: 1)
    let tape = Tape(model.parameters)
    let steps = PairedSteps(data, size: 60, seed: 1)
    steps.targets = Matrix(rows: 300, columns: 3, elements: Buffer(repeating: 1.0 / 3, count: 900))
    var allocations: [Int] = []
    for plan in steps.steps(ofEpoch: 1, of: 1) {
      _ = model.pretrainingStep(steps.step(plan, on: tape), on: tape)
      _ = model.clusteringStep(steps.step(plan, on: tape), on: tape)
      allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(allocations.count == 5 && allocations.dropFirst(2).allSatisfy { $0 == allocations[1] })
  }

  /// Values beyond ±10 count as ±10.
  @Test func valuesAreCut() {
    func codes(_ largest: Double) -> Matrix<Double> {
      let model = DESC<Double>(DESC<Double>.Configuration(genes: 2, encoder: [3]))
      model.initialize(seed: 1)
      let data = PairedData(
        rna: Measurement(Matrix<Double>([[largest, 0.01], [-largest, 0.02]])), second: nil)
      return model.codes(over: PairedSteps(data, size: 2, seed: 0))
    }
    #expect(codes(10) == codes(25) && codes(9) != codes(10))
  }

  @Test func widthsGrowWithTheCells() {
    func widths(_ cells: Int) -> [Int] { DESC<Float>.Configuration.widths(cells: cells) }
    #expect(widths(700) == [64] && widths(500) == [16] && widths(2001) == [128])
    #expect(widths(5001) == [32, 16] && widths(10_001) == [64, 32])
    #expect(widths(20_001) == [128, 32] && widths(20_000) == [64, 32])
  }

  /// Three rounds of 50 epochs a layer, then six of the whole.
  @Test func presets() {
    let paper = DESCPretraining.paper
    let rounds = paper.rounds(layers: 2, cells: 6000)
    #expect(rounds.map(\.epochs) == Array(repeating: 50, count: 12))
    #expect(rounds.map(\.part) == [1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0])
    assertClose(
      rounds.map(\.learningRate),
      [0.1, 0.01, 1e-3, 0.1, 0.01, 1e-3, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6], tolerance: 1e-12)
    assertClose(
      [DESCPretraining.released.rounds(layers: 1, cells: 700)[3].learningRate], [1],
      tolerance: 1e-12)
    let schedule = paper.schedule(cells: 700)
    #expect(schedule.epochs == 450 && schedule.patience == 10)
    #expect(schedule.optimizer == .momentum(0.9))
    var shorter = paper
    shorter.epochs = 20
    #expect(shorter.schedule(cells: 700).epochs == 20)
    // For few cells the default takes smaller steps, but none of less than 16 cells.
    let standard = DESCPretraining.standard
    #expect([240, 700, 4271].map { standard.stepSize(cells: $0) } == [16, 44, 256])
    #expect([240, 700].map { paper.stepSize(cells: $0) } == [240, 256])
    #expect(standard.rounds(layers: 2, cells: 100_000).map(\.epochs).max() == 5)
    let clustering = DESCClustering.paper
    #expect(clustering.schedule.interval == 5 && clustering.schedule.epochs == 5000)
    #expect(clustering.start == .leiden && clustering.stableShare == 0.005)
    #expect(DESCClustering.standard.schedule.keeps == .best)
  }
}
