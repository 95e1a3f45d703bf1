import Autodiff
import CellData
import Glibc
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
  _ change: (inout ScMVAE<Float>.Configuration) -> Void = { _ in }
) -> ScMVAE<Float> {
  var shape = ScMVAE<Float>.Configuration(genes: 0, features: 0)
  (shape.rnaEncoder, shape.secondEncoder, shape.library) = ([32], [32, 16], [8])
  (shape.shared, shape.rnaDecoder, shape.secondDecoder) = ([16, 32], [32], [24])
  (shape.latent, shape.components, shape.annealing) = (4, 5, 8)
  change(&shape)
  shape.fit(to: data, secondIsBinary: secondIsBinary)
  let model = ScMVAE(shape, clusters: clusters)
  model.initialize(seed: 5)
  return model
}

private func steps(_ data: PairedData<Float>, heldOut: Double = 0.1) -> PairedSteps<Float> {
  PairedSteps(data, size: 32, seed: 1, heldOutShare: heldOut)
}

private func settings(epochs: Int) -> ScMVAEPretraining {
  var settings = ScMVAEPretraining()
  (settings.epochs, settings.batchSize, settings.learningRate) = (epochs, 32, 5e-3)
  return settings
}

@Suite(.serialized) struct ScMVAETests {
  @Test(arguments: [true, false])
  func trainingFindsTheTypesAtAnyNumberOfThreads(_ isBinary: Bool) throws {
    let (data, truth) = cells(300)
    let before = Threads.count
    defer { Threads.count = before }
    func trained() throws -> (weights: ModelWeights, curve: [LossTerms], codes: Matrix<Float>) {
      let model = model(for: data, secondIsBinary: isBinary)
      let curve = try pretrain(
        model, on: steps(data), schedule: settings(epochs: 60).schedule(cells: 300))
      return (model.weights, curve, model.codes(over: steps(data)))
    }
    Threads.count = 1
    let first = try trained()
    #expect(
      first.curve.last?.parts.map(\.name)
        == ["rna", "rna_library", "second"] + (isBinary ? [] : ["second_library"])
        + ["kl", "held_out"])
    #expect(first.codes.columns == 4)
    let outcome = try StartingPartition(
      .kmeans, graph: nil, codes: first.codes, others: [], clusters: 3, isScored: false, seed: 0)
    for type in 0..<3 {
      let own = zip(outcome.labels, truth).filter { $0.1 == type }.map(\.0)
      let most = Dictionary(grouping: own, by: \.self).values.map(\.count).max() ?? 0
      #expect(most > own.count * 9 / 10, "\(type)")
    }
    Threads.count = 2
    let second = try trained()
    #expect(first.weights == second.weights && first.curve == second.curve)
  }

  /// The order of the rows changes the order of the codes alone, but for rounding.
  @Test func rowsMayComeInAnyOrder() throws {
    let simulation = PairedSimulation(cells: 120, seed: 2)
    let rows = (0..<120).map { $0 * 7 % 120 }
    func codes(_ rows: [Int]?) throws -> Matrix<Float> {
      let data = simulation.dataWithPeaks(seed: 9, rows: rows)
      let model = model(for: data)
      _ = try pretrain(
        model, on: steps(data), schedule: settings(epochs: 12).schedule(cells: 120))
      return model.codes(over: steps(data))
    }
    #expect(try codes(rows) == codes(nil).selectingRows(rows))
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    let simulation = PairedSimulation(cells: 9, genes: 6, seed: 1)
    let counts = simulation.counts.converted(to: Double.self)
    let peaks = Matrix((0..<9).map { i in (0..<5).map { Double((i * ($0 + 3)) % 4 / 3) } })
    for (likelihood, part) in zip(
      Likelihood.allCases, [ScMVAEPart.normal, .mixture, .mixture, .normal])
    {
      let data = PairedData(
        rna: Measurement(
          simulation.logs.converted(to: Double.self), counts: SparseMatrix(counts),
          sizeFactors: (0..<9).map { i in (0..<6).reduce(0.0) { $0 + counts[i, $1] } }),
        second: likelihood == .gaussian
          ? Measurement(peaks)
          : Measurement(
            peaks, counts: SparseMatrix(peaks), sizeFactors: (0..<9).map { Double($0 + 1) }))
      var shape = ScMVAE<Double>.Configuration(genes: 6, features: 5)
      (shape.rnaEncoder, shape.secondEncoder, shape.library) = ([4], [4, 3], [3])
      (shape.shared, shape.rnaDecoder, shape.secondDecoder) = ([3, 6], [4], [])
      (shape.latent, shape.components, shape.decay) = (2, 3, 0)
      shape.rnaLikelihood = likelihood == .nb ? .nb : .zinb
      shape.fit(to: data, secondIsBinary: false)
      shape.secondLikelihood = likelihood
      let model = ScMVAE(shape)
      model.initialize(seed: 3)
      let batch = PairedBatch(of: data)
      batch.take(Array(0..<9), withTargets: true)
      func value(_ tape: Tape<Double>) -> Double {
        tape.reset()
        let terms = model.loss(
          batch, part, kappa: 0.7,
          noise: {
            Numbers(seed: UInt64($0.rawValue))
          }, mode: .training(updatingStatistics: false), on: tape)
        tape.backward()
        return LossTerms(terms).total
      }
      let tape = Tape(model.parameters)
      _ = value(tape)
      let gradient = Array(model.parameters.gradients.matrix().elements)
      let numeric = centralDifferences(of: model.parameters, value)
      for parameter in model.parameters.all {
        let places = parameter.offset..<parameter.offset + parameter.count
        assertClose(
          gradient[places], numeric[places], tolerance: 1e-5, scale: 0.3,
          "\(likelihood), \(parameter.name)")
      }
    }
  }

  /// Masks and numbers that are the same at every call.
  private struct Numbers: PassNoise {
    let seed: UInt64

    func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<Double>) -> Window<Double> {
      tape.dropoutMask(
        rows: rows, columns: columns, rate: 0.1, key: NoiseKey(seed: seed, stream: UInt64(number)))
    }

    func normals(rows: Int, columns: Int, on tape: Tape<Double>) -> Window<Double> {
      Window(reading: randomMatrix(rows, columns, seed: seed))
    }
  }

  /// The mixture is unchanged while the prior is N(0, 1), and then fits the codes.
  @Test func theMixtureIsFitted() throws {
    let (data, _) = cells(200)
    let model = model(for: data)
    let (start, source) = (model.weights, steps(data))
    var schedule = PretrainingSchedule(
      rounds: [TrainingRound(part: 1, epochs: 3, learningRate: 1e-3)])
    schedule.optimizer = .adam(epsilon: 0.01)
    _ = try pretrain(model, on: source, schedule: schedule)
    let names = ["prior.logits", "prior.mean", "prior.logvar"]
    #expect(names.allSatisfy { model.weights[$0] == start[$0] })
    try model.beginRound(2, over: source)
    let fitted = model.weights
    #expect(names.allSatisfy { fitted[$0] != start[$0] })
    // The mean of all codes equals the mixture's, up to the noise of the codes.
    let codes = model.codes(over: source).selectingRows(source.learning)
    let (logits, means) = (try #require(fitted[names[0]]), try #require(fitted[names[1]]))
    #expect(logits.columns == 5)
    let weights = (0..<5).map { exp(Double(logits[0, $0])) }
    assertClose([weights.reduce(0, +)], [1], tolerance: 1e-4)
    for d in 0..<4 {
      let mean = (0..<codes.rows).reduce(0.0) { $0 + Double(codes[$1, d]) } / Double(codes.rows)
      let expected = (0..<5).reduce(0.0) { $0 + weights[$1] * Double(means[$1, d]) }
      #expect(abs(mean - expected) < 0.3, "\(d)")
    }
  }

  /// From any step, also from the ends of both rounds.
  @Test func resumes() throws {
    let (data, _) = cells(90)
    var states: [TrainingState<Float>] = []
    var settings = settings(epochs: 16)
    settings.patience = 2
    func run(_ resumption: Resumption<Float>) throws -> (ModelWeights, [LossTerms]) {
      let model = model(for: data)
      let curve = try pretrain(
        model, on: steps(data, heldOut: 0.2), schedule: settings.schedule(cells: 90),
        resumption: resumption)
      return (model.weights, curve)
    }
    let whole = try run(Resumption(from: nil) { _, state in states.append(state()) })
    #expect(states.count >= 30)
    for number in stride(from: 0, to: states.count, by: 3) {
      let again = try run(Resumption(from: states[number]) { _, _ in })
      #expect(again.0 == whole.0 && again.1 == whole.1, "from step \(number)")
    }
  }

  @Test func aStepAllocatesNothingAfterTheSecond() {
    let (data, _) = cells(300)
    let model = model(for: data, secondIsBinary: false)
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
        ($0.rnaLikelihood, $0.annealing) = (likelihood, 200)
      }
      var found = try ScMVAE<Float>.Configuration(of: made.weights)
      for (a, b) in zip(found.libraries, made.configuration.libraries) {
        assertClose([a.mean, a.variance], [b.mean, b.variance], tolerance: 1e-6)
      }
      found.libraries = made.configuration.libraries
      #expect(found == made.configuration)
    }
    let values = PairedSimulation(cells: 60, seed: 1).data(.values)
    let made = model(for: values, secondIsBinary: false)
    #expect(made.configuration.secondLikelihood == .gaussian)
    #expect(try ScMVAE<Float>.Configuration(of: made.weights).secondLikelihood == .gaussian)
    for (missing, complaint) in [
      ("rna.scale.bias", "rna.scale.bias: is missing"), ("shared.0.bias", "shared.0.bias"),
      ("prior.logits", "prior.logits"),
    ] {
      var weights = made.weights
      if missing == "rna.scale.bias" {
        weights = weights.filter { !$0.key.hasPrefix("rna.") }
      } else {
        weights[missing] = nil
      }
      #expect {
        try ScMVAE<Float>.Configuration(of: weights)
      } throws: {
        "\($0)".contains("model.scmvae.\(complaint)")
      }
    }
  }

  @Test func presets() {
    let paper = ScMVAEPretraining.paper
    let rounds = paper.rounds(cells: 1000)
    #expect(rounds.map(\.epochs) == [10, 490] && rounds.map(\.warmUpEpochs) == [10, 190])
    #expect(rounds.allSatisfy { $0.learningRate == 1e-3 } && paper.batchSize == 64)
    #expect(paper.schedule(cells: 1000).optimizer == .adam(epsilon: 0.01))
    #expect(paper.schedule(cells: 1000).patience == 30)
    #expect(paper.model.rnaEncoder == [1024, 128, 128] && paper.model.rnaDecoder == [128, 1024])
    #expect((paper.model.latent, paper.model.components) == (22, 22))
    let (data, _) = cells(60)
    let shape = paper.shape(for: data, secondIsBinary: true)
    #expect(shape.annealing == 200 && shape.components == 15)
    #expect(settings(epochs: 20).shape(for: data, secondIsBinary: true).annealing == 10)
    #expect(settings(epochs: 20).rounds(cells: 60).map(\.epochs) == [5, 15])
    #expect(settings(epochs: 1).rounds(cells: 60).map(\.epochs) == [0, 1])
    let model = ScMVAE<Float>(shape)
    assertClose(
      [1, 100, 200, 400].map { model.divergenceWeight(inEpoch: $0) }, [0.005, 0.5, 1, 1],
      tolerance: 1e-12)
    #expect(FirstPartitionClustering.paper.start == .kmeans)
    #expect(FirstPartitionClustering.paper.schedule.epochs == 0)
  }

  /// The weights of the first layers of many peaks are most of what a training holds.
  @Test func peaksCountInTheEstimate() {
    func bytes(_ peaks: Int) -> Int {
      var extent = DataExtent(
        cells: 100_000, genes: 2000, entries: 20_000_000, bytes: 160_000_000)
      (extent.secondFeatures, extent.secondEntries) = (peaks, 50_000_000)
      return TrainingMemory(extent, ScMVAEPretraining.paper.extent, within: .max).estimate.bytes
    }
    let (few, many) = (bytes(2000), bytes(100_000))
    #expect(many - few > 4 * 4 * 98_000 * (1024 + 128 + 3 * 1024))
  }
}
