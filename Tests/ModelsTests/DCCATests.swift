import Autodiff
import CellData
import ModelStages
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Cells of three types: one by its genes, one by its peaks, a third by neither.
private func cells(_ count: Int, seed: UInt64 = 2) -> (data: PairedData<Float>, truth: [Int]) {
  let simulation = PairedSimulation(cells: count, seed: seed)
  return (simulation.dataWithPeaks(seed: seed + 100), simulation.truth)
}

private func model(
  for data: PairedData<Float>, clusters: Int? = nil, secondIsBinary: Bool = true,
  _ change: (inout DCCA<Float>.Configuration) -> Void = { _ in }
) -> DCCA<Float> {
  var shape = DCCA<Float>.Configuration(genes: 0, features: 0)
  (shape.rnaEncoder, shape.rnaDecoder, shape.secondEncoder) = ([32], [32], [32, 16])
  shape.latent = 4
  change(&shape)
  shape.fit(to: data, secondIsBinary: secondIsBinary)
  let model = DCCA(shape, clusters: clusters)
  model.initialize(seed: 5)
  return model
}

private func settings(epochs: Int = 20, cycles: Int = 2) -> DCCAPretraining {
  var settings = DCCAPretraining()
  (settings.roundEpochs, settings.cycles, settings.batchSize) = (epochs, cycles, 32)
  return settings
}

private func steps(_ data: PairedData<Float>, heldOut: Double = 0.1) -> PairedSteps<Float> {
  PairedSteps(data, size: 32, seed: 1, heldOutShare: heldOut)
}

@Suite(.serialized) struct DCCATests {
  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let (data, truth) = cells(300)
    let before = Threads.count
    defer { Threads.count = before }
    func trained() throws -> (weights: ModelWeights, curve: [LossTerms], codes: Matrix<Float>) {
      let model = model(for: data)
      let curve = try pretrain(
        model, on: steps(data), schedule: settings(epochs: 40).schedule(cells: 300))
      return (model.weights, curve, model.codes(over: steps(data)))
    }
    Threads.count = 1
    let first = try trained()
    #expect(first.curve[0].parts.map(\.name) == ["rna", "rna_kl", "held_out"])
    #expect(
      first.curve.last?.parts.map(\.name)
        == ["second", "second_kl", "second_teacher", "held_out"])
    #expect(first.codes.columns == 8)
    let outcome = try StartingPartition(
      .kmeans, graph: nil, codes: first.codes, others: [], clusters: 3, isScored: false, seed: 0)
    for type in 0..<3 {
      let own = zip(outcome.labels, truth).filter { $0.1 == type }.map(\.0)
      let most = Dictionary(grouping: own, by: \.self).values.map(\.count).max() ?? 0
      #expect(most > own.count * 9 / 10, "\(type)")
    }
    // Standardized by the moments of these cells.
    for j in 0..<8 {
      let column = (0..<300).map { Double(first.codes[$0, j]) }
      let mean = column.reduce(0, +) / 300
      #expect(abs(mean) < 1e-4)
      #expect(abs(column.reduce(0) { $0 + $1 * $1 } / 300 - mean * mean - 1) < 1e-3)
    }
    Threads.count = 2
    let second = try trained()
    #expect(first.weights == second.weights && first.curve == second.curve)
  }

  /// The training of the RNA alone, of the second measurement alone, and of each by the other. One
  /// learns; the weights and statistics of the other stay unchanged.
  @Test(arguments: [
    (DCCAPart.rnaAlone, "second."), (.secondAlone, "rna."), (.secondTaught, "rna."),
    (.rnaTaught, "second."),
  ])
  func oneLearns(_ part: DCCAPart, _ other: String) throws {
    let (data, _) = cells(120)
    let model = model(for: data)
    let start = model.weights
    var schedule = PretrainingSchedule(
      rounds: [TrainingRound(part: part.rawValue, epochs: 2, learningRate: 0.01)])
    schedule.optimizer = .adam(epsilon: 0.01)
    _ = try pretrain(model, on: steps(data), schedule: schedule)
    for (name, matrix) in model.weights where !name.hasPrefix("codes.") {
      #expect((matrix == start[name]) == name.hasPrefix(other), "\(name)")
    }
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    let simulation = PairedSimulation(cells: 9, genes: 6, seed: 1)
    let counts = simulation.counts.converted(to: Double.self)
    let peaks = Matrix((0..<9).map { i in (0..<5).map { Double((i * ($0 + 3)) % 4 / 3) } })
    for likelihood in Likelihood.allCases {
      let data = PairedData(
        rna: Measurement(
          simulation.logs.converted(to: Double.self), counts: SparseMatrix(counts),
          sizeFactors: (0..<9).map { i in (0..<6).reduce(0.0) { $0 + counts[i, $1] } }),
        second: likelihood == .gaussian
          ? Measurement(peaks)
          : Measurement(
            peaks, counts: SparseMatrix(peaks), sizeFactors: (0..<9).map { Double($0 + 1) }))
      var shape = DCCA<Double>.Configuration(genes: 6, features: 5)
      (shape.rnaEncoder, shape.rnaDecoder, shape.secondEncoder) = ([4], [3], [4, 3])
      (shape.secondDecoder, shape.latent, shape.decay) = ([3], 2, 0)
      shape.secondLikelihood = likelihood
      shape.rnaLikelihood = likelihood == .zinb ? .zinb : .nb
      let model = DCCA(shape)
      model.initialize(seed: 3)
      let batch = PairedBatch(of: data)
      batch.take(Array(0..<9), withTargets: true)
      for part in [DCCAPart.rnaTaught, .secondTaught] {
        func value(_ tape: Tape<Double>) -> Double {
          tape.reset()
          let terms = model.loss(
            batch, part, kappa: 0.7, noise: Numbers(),
            mode: .training(updatingStatistics: false), on: tape)
          tape.backward()
          return LossTerms(terms).total
        }
        let tape = Tape(model.parameters)
        _ = value(tape)
        let student = part == .rnaTaught ? "rna" : "second"
        let gradient = Array(model.parameters.gradients.matrix().elements)
        let numeric = centralDifferences(of: model.parameters, value)
        // What the teacher is made of is held constant.
        for parameter in model.parameters.all {
          let places = parameter.offset..<parameter.offset + parameter.count
          guard parameter.name.hasPrefix(student) else {
            #expect(gradient[places].allSatisfy { $0 == 0 }, "\(parameter.name)")
            continue
          }
          assertClose(
            gradient[places], numeric[places], tolerance: 1e-5, scale: 0.1,
            "\(likelihood), \(parameter.name)")
        }
      }
    }
  }

  /// Masks and numbers that are the same at every call.
  private struct Numbers: PassNoise {
    func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<Double>) -> Window<Double> {
      tape.dropoutMask(
        rows: rows, columns: columns, rate: 0.1, key: NoiseKey(seed: 1, stream: UInt64(number)))
    }

    func normals(rows: Int, columns: Int, on tape: Tape<Double>) -> Window<Double> {
      Window(reading: randomMatrix(rows, columns, seed: 7))
    }
  }

  @Test func aStepAllocatesNothingAfterTheSecond() {
    let (data, _) = cells(300)
    let model = model(for: data)
    let tape = Tape(model.parameters)
    let steps = PairedSteps(data, size: 60, seed: 1)
    var allocations: [Int] = []
    for plan in steps.steps(ofEpoch: 1, of: 1) {
      _ = model.pretrainingStep(steps.step(plan, on: tape), on: tape)
      allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(allocations.count == 5 && allocations.dropFirst(2).allSatisfy { $0 == allocations[1] })
  }

  @Test func shapesAreReadFromWeights() throws {
    let (data, _) = cells(60)
    for likelihood in [Likelihood.nb, .zinb] {
      let made = model(for: data, clusters: 3, secondIsBinary: likelihood == .nb) {
        $0.rnaLikelihood = likelihood
      }
      #expect(try DCCA<Float>.Configuration(of: made.weights) == made.configuration)
    }
    let values = PairedSimulation(cells: 60, seed: 1).data(.values)
    let made = model(for: values, secondIsBinary: false)
    #expect(made.configuration.secondLikelihood == .gaussian)
    #expect(try DCCA<Float>.Configuration(of: made.weights) == made.configuration)
    #expect {
      try DCCA<Float>.Configuration(of: [:])
    } throws: {
      "\($0)".contains("model.dcca.rna.scale.bias: is missing")
    }
  }

  @Test func oneModalityCanBeTheCode() {
    let (data, _) = cells(60)
    let joint = model(for: data)
    let codes = joint.codes(over: steps(data))
    for (choice, columns) in [(CodeChoice.rna, 0..<4), (.second, 4..<8)] {
      let one = model(for: data) { $0.codes = choice }
      let found = one.codes(over: steps(data))
      for i in 0..<60 {
        for j in 0..<4 { #expect(found[i, j] == codes[i, columns.lowerBound + j]) }
      }
    }
  }

  /// The weights of the first layer of many peaks are most of what a training holds.
  @Test func peaksCountInTheEstimate() {
    func bytes(_ peaks: Int) -> Int {
      var extent = DataExtent(
        cells: 100_000, genes: 2000, entries: 20_000_000, bytes: 160_000_000)
      (extent.secondFeatures, extent.secondEntries) = (peaks, 50_000_000)
      return TrainingMemory(extent, DCCAPretraining.paper.extent, within: .max).estimate.bytes
    }
    let (few, many) = (bytes(2000), bytes(100_000))
    #expect(many - few > 4 * 4 * 98_000 * 1500 && many < 5 << 30)
  }

  @Test func presets() {
    let paper = DCCAPretraining.paper
    #expect(paper.rounds(cells: 1000).map(\.part) == [1, 2, 3, 4, 3, 4, 3])
    #expect(paper.rounds(cells: 1000).allSatisfy { $0.epochs == 500 && $0.learningRate == 0.01 })
    #expect(paper.schedule(cells: 1000).optimizer == .adam(epsilon: 0.01))
    #expect(paper.model.secondEncoder == [1500, 128] && paper.batchSize == 64)
    #expect(settings(cycles: 0).rounds(cells: 1000).map(\.part) == [1, 2])
    #expect(settings(cycles: 1).rounds(cells: 1000).map(\.part) == [1, 2, 3])
    let standard = DCCAPretraining.standard
    #expect(standard.rounds(cells: 10_000).map(\.epochs) == [40, 40, 40, 40, 40])
    #expect(standard.rounds(cells: 4000)[0].epochs == 46)
    let round = paper.rounds(cells: 1000)[0]
    assertClose(
      [1, 10, 11, 26, 400].map { round.rate(inEpoch: $0) }, [0.01, 0.01, 0.009, 0.0081, 0.001],
      tolerance: 1e-12)
  }
}

/// Cells that are held out, and the weights with which they had their lowest loss.
@Suite(.serialized) struct HeldOutTests {
  @Test func cellsAreDivided() {
    let (data, _) = cells(100)
    let whole = PairedSteps(data, size: 30, seed: 1)
    #expect(whole.heldOut.isEmpty && whole.learningCellCount == 100)
    let source = PairedSteps(data, size: 30, seed: 1, heldOutShare: 0.35)
    func rows(_ plans: [StepPlan]) -> [Int32] { plans.flatMap { Array($0.cells ?? Buffer([])) } }
    let (learning, held) = (rows(source.steps(ofEpoch: 3, of: 9)), rows(source.heldOut))
    #expect(held.count == 35 && learning.count == 65 && source.learningCellCount == 65)
    #expect(Set(learning + held) == Set(0..<100))
    #expect(source.heldOut.map { $0.cells?.count } == [30, 5])
    #expect(rows(PairedSteps(data, size: 9, seed: 1, heldOutShare: 0.35).heldOut) == held)
    #expect(rows(PairedSteps(data, size: 9, seed: 2, heldOutShare: 0.35).heldOut) != held)
    #expect(PairedSteps(cells(2).data, size: 9, seed: 1, heldOutShare: 0.1).learningCellCount == 1)
  }

  private func schedule(_ rounds: [TrainingRound], patience: Int?) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(rounds: rounds)
    (schedule.optimizer, schedule.patience, schedule.tolerance) = (
      .adam(epsilon: 0.01), patience, 0
    )
    return schedule
  }

  private func heldOutLoss(_ model: DCCA<Float>, _ source: PairedSteps<Float>) -> Double {
    let tape = Tape(model.parameters)
    let plans = source.heldOut
    let cells = plans.reduce(0) { $0 + ($1.cells?.count ?? 0) }
    return plans.reduce(0.0) { sum, plan in
      let batch = source.step(plan, on: tape)
      let terms = model.loss(
        batch, .rnaAlone, kappa: 1, noise: nil, mode: .evaluation, on: tape)
      return sum + LossTerms(terms).total * Double(plan.cells?.count ?? 0) / Double(cells)
    }
  }

  /// Large steps make the loss of the cells held out rise and fall. The weights of the lowest loss
  /// stay, and patience counts from it.
  @Test func theBestWeightsStay() throws {
    let (data, _) = cells(150)
    let (model, source) = (model(for: data), steps(data, heldOut: 0.3))
    let curve = try pretrain(
      model, on: source,
      schedule: schedule(
        [TrainingRound(part: 1, epochs: 60, learningRate: 0.2)], patience: 4))
    let held = curve.compactMap(\.heldOut)
    let best = try #require(held.indices.min { held[$0] < held[$1] })
    #expect(held.count == curve.count && best < held.count - 1)
    #expect(curve.count == 60 || best == curve.count - 5)
    #expect(heldOutLoss(model, source) == held[best])
    #expect(curve[0].total != curve[0].parts.reduce(0) { $0 + $1.value })
  }

  /// Losses of the first epochs of a round may be the lowest, and count for nothing.
  @Test func settlingEpochsDoNotCount() throws {
    let (data, _) = cells(150)
    var round = TrainingRound(part: 1, epochs: 30, learningRate: 1e-9, warmUpEpochs: 12)
    let (first, source) = (model(for: data), steps(data, heldOut: 0.3))
    let curve = try pretrain(first, on: source, schedule: schedule([round], patience: 3))
    // Only statistics move: for any losses, the first epoch that counts is epoch 13.
    #expect(curve.count >= 16)
    let held = curve.compactMap(\.heldOut)
    #expect(heldOutLoss(first, source) == held.dropFirst(12).min())
    // A round that ends before keeps its last weights.
    round.epochs = 5
    let short = model(for: data)
    let brief = try pretrain(short, on: source, schedule: schedule([round], patience: 3))
    #expect(brief.count == 5 && heldOutLoss(short, source) == brief.last?.heldOut)
  }

  /// From any step of any round, also from the ends of epochs and rounds.
  @Test func resumes() throws {
    let (data, _) = cells(90)
    let rounds = [
      TrainingRound(part: 1, epochs: 7, learningRate: 0.2),
      TrainingRound(part: 2, epochs: 5, learningRate: 0.1, decay: StepwiseDecay()),
      TrainingRound(part: 3, epochs: 5, learningRate: 0.1),
    ]
    var states: [TrainingState<Float>] = []
    func run(_ resumption: Resumption<Float>) throws -> (ModelWeights, [LossTerms]) {
      let model = model(for: data)
      let curve = try pretrain(
        model, on: steps(data, heldOut: 0.2), schedule: schedule(rounds, patience: 3),
        resumption: resumption)
      return (model.weights, curve)
    }
    let whole = try run(Resumption(from: nil) { _, state in states.append(state()) })
    #expect(states.count > 20)
    for number in stride(from: 0, to: states.count, by: 2) {
      let again = try run(Resumption(from: states[number]) { _, _ in })
      #expect(again.0 == whole.0 && again.1 == whole.1, "from step \(number)")
    }
    var damaged = states[4]
    #expect(damaged.matrices.keys.contains { $0.hasPrefix("best.") })
    damaged.matrices = damaged.matrices.filter { !$0.key.hasPrefix("best.") }
    #expect {
      try run(Resumption(from: damaged) { _, _ in })
    } throws: {
      "\($0)".contains("checkpoint.best.0: is missing or does not fit")
    }
  }
}
