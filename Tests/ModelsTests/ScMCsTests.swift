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
  _ change: (inout ScMCs<Float>.Configuration) -> Void = { _ in }
) -> ScMCs<Float> {
  var shape = ScMCs<Float>.Configuration(genes: 0, features: 0)
  (shape.rnaEncoder, shape.secondEncoder, shape.latent) = ([32, 16], [32], 6)
  (shape.secondShare, shape.secondWeight) = (1, 1)
  change(&shape)
  shape.fit(to: data, secondIsBinary: secondIsBinary)
  let model = ScMCs(shape, clusters: clusters)
  model.initialize(seed: 5)
  return model
}

private func steps(_ data: PairedData<Float>, heldOut: Double = 0.1) -> PairedSteps<Float> {
  PairedSteps(data, size: 32, seed: 1, heldOutShare: heldOut)
}

@Suite(.serialized) struct ScMCsTests {
  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let (data, truth) = cells(300)
    let before = Threads.count
    defer { Threads.count = before }
    var settings = ScMCsPretraining()
    (settings.roundEpochs, settings.batchSize) = (40, 32)
    func trained() throws -> (weights: ModelWeights, curve: [LossTerms], codes: Matrix<Float>) {
      let model = model(for: data)
      let curve = try pretrain(model, on: steps(data), schedule: settings.schedule(cells: 300))
      return (model.weights, curve, model.codes(over: steps(data)))
    }
    Threads.count = 1
    let first = try trained()
    #expect(first.curve[0].parts.map(\.name) == ["rna", "held_out"])
    #expect(
      first.curve.last?.parts.map(\.name) == ["rna", "second", "omics", "contrast", "held_out"])
    #expect(first.codes.columns == 6)
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
    #expect(first.codes == second.codes)
  }

  /// For each measurement alone: one autoencoder learns, and all other weights stay.
  @Test(arguments: [(ScMCsPart.rnaAlone, "rna."), (.secondAlone, "second.")])
  func oneLearns(_ part: ScMCsPart, _ own: String) throws {
    let (data, _) = cells(120)
    let model = model(for: data)
    let start = model.weights
    let schedule = PretrainingSchedule(
      rounds: [TrainingRound(part: part.rawValue, epochs: 2, learningRate: 0.01)])
    _ = try pretrain(model, on: steps(data), schedule: schedule)
    for (name, matrix) in model.weights where !name.hasPrefix("codes.") {
      #expect((matrix == start[name]) == !name.hasPrefix(own), "\(name)")
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
      var shape = ScMCs<Double>.Configuration(genes: 6, features: 5)
      (shape.rnaEncoder, shape.secondEncoder, shape.latent) = ([5, 4], [4], 3)
      (shape.secondShare, shape.secondWeight, shape.contrastWeight) = (0.4, 0.6, 0.2)
      shape.secondLikelihood = likelihood
      shape.rnaLikelihood = likelihood == .nb ? .nb : .zinb
      let model = ScMCs(shape)
      model.initialize(seed: 3)
      // Biases away from 0, so that few layers are at the corner of the rectifier.
      for parameter in model.parameters.all where parameter.name.hasSuffix("bias") {
        let window = model.parameters.weights(of: parameter)
        for j in 0..<window.columns { window[0, j] = 0.3 + 0.01 * Double(j) }
      }
      let batch = PairedBatch(of: data)
      batch.take(Array(0..<9), withTargets: true)
      func value(_ tape: Tape<Double>) -> Double {
        tape.reset()
        let terms = model.fusionLoss(batch, noise: NoiseKey(seed: 1, stream: 2), on: tape)
        tape.backward()
        return LossTerms(terms).total
      }
      let tape = Tape(model.parameters)
      _ = value(tape)
      let gradient = Array(model.parameters.gradients.matrix().elements)
      let numeric = centralDifferences(of: model.parameters, value)
      assertClose(gradient, numeric, tolerance: 1e-5, scale: 0.1, "\(likelihood)")
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

  /// The codes of cells do not depend on the order of their rows.
  @Test func rowsMayBeShuffled() {
    let (data, _) = cells(70)
    let simulation = PairedSimulation(cells: 70, seed: 2)
    var generator = RandomGenerator(seed: 3)
    let order = generator.permutation(70)
    let shuffled = simulation.dataWithPeaks(seed: 102, rows: order)
    let made = model(for: data)
    let (codes, moved) = (made.codes(over: steps(data)), made.codes(over: steps(shuffled)))
    #expect(moved == codes.selectingRows(order))
  }

  @Test func shapesAreReadFromWeights() throws {
    let (data, _) = cells(60)
    for likelihood in [Likelihood.nb, .zinb] {
      let made = model(for: data, clusters: 3, secondIsBinary: likelihood == .nb) {
        $0.rnaLikelihood = likelihood
        ($0.secondShare, $0.secondWeight) = (0.1, 1e-4)
      }
      #expect(try ScMCs<Float>.Configuration(of: made.weights) == made.configuration)
    }
    #expect {
      try ScMCs<Float>.Configuration(of: [:])
    } throws: {
      "\($0)".contains("model.scmcs.rna.scale.bias: is missing")
    }
  }

  /// The first layer of many peaks, and the cells of a step that takes all, are most of what a
  /// training holds.
  @Test func whatCountsInTheEstimate() {
    func bytes(_ cells: Int, _ peaks: Int, _ extent: TrainingExtent) -> Int {
      var size = DataExtent(
        cells: cells, genes: 2000, entries: cells * 200, bytes: 8 * cells * 200)
      (size.secondFeatures, size.secondEntries) = (peaks, cells * 100)
      return TrainingMemory(size, extent, within: .max).estimate.bytes
    }
    let paper = ScMCsPretraining.paper.extent
    #expect(bytes(5000, 100_000, paper) - bytes(5000, 2000, paper) > 4 * 4 * 98_000 * 6000)
    let standard = ScMCsPretraining.standard.extent
    let growth = bytes(20_000, 2000, standard) - bytes(10_000, 2000, standard)
    #expect(bytes(20_000, 2000, paper) - bytes(10_000, 2000, paper) > growth + 10_000 * 100_000)
  }

  @Test func presets() {
    let paper = ScMCsPretraining.paper
    #expect(paper.rounds(cells: 1000).map(\.part) == [1, 2, 3])
    assertClose(
      paper.rounds(cells: 1000).map(\.learningRate), [1e-4, 1e-5, 1e-4], tolerance: 1e-12)
    #expect(paper.rounds(cells: 1000).allSatisfy { $0.epochs == 500 })
    #expect(paper.model.secondEncoder == [3000, 2500, 1000, 128] && paper.stepSize(cells: 7) == 7)
    #expect(paper.model.secondShare == 0.1 && paper.model.secondWeight == 1e-4)
    #expect(ScMCsPretraining.standard.rounds(cells: 10_000).map(\.epochs) == [40, 40, 40])
    #expect(ScMCsClustering.paper.start == .kmeans && ScMCsClustering.paper.schedule.epochs == 0)
  }
}

/// Two clusterings of the same cells.
@Suite(.serialized) struct ScMCsSpacesTests {
  /// Codes of cells with two independent labels: one of three kinds by their first columns, and one
  /// of two by others.
  private func codes(_ count: Int) -> (codes: Matrix<Float>, truth: [[Int]]) {
    var generator = RandomGenerator(seed: 9)
    var codes = Matrix<Float>.zeros(count, 8)
    var truth = [[Int]](repeating: [], count: 2)
    for i in 0..<count {
      let (kind, other) = (Int(3 * generator.uniform()), Int(2 * generator.uniform()))
      truth[0].append(kind)
      truth[1].append(other)
      for j in 0..<8 { codes[i, j] = Float(0.2 * generator.normal()) }
      codes[i, kind] += 2
      codes[i, 4 + other] += 2
    }
    return (codes, truth)
  }

  @Test func theNumberOfThreadsAndTheOrderOfRowsChangeNothing() throws {
    let (codes, _) = codes(90)
    let before = Threads.count
    defer { Threads.count = before }
    var division = ScMCsDivision()
    (division.firstEpochs, division.epochs, division.batchSize) = (20, 10, 30)
    let found = try [1, 2].map { threads in
      Threads.count = threads
      return try division.divide(codes, clusters: [3, 2], seed: 4)
    }
    #expect(found[0].labels == found[1].labels && found[0].alignment == found[1].alignment)
    #expect(found[0].labels.map { ($0.max() ?? 9) < 3 } == [true, true])
    #expect((found[0].labels[1].max() ?? 9) < 2)
    let order = Array((0..<90).reversed())
    let moved = try division.divide(codes.selectingRows(order), clusters: [3, 2], seed: 4)
    #expect(moved.labels == found[0].labels.map { labels in order.map { labels[$0] } })
  }

  /// The alignment falls by the loss that is for it, and the reconstruction stays good.
  @Test func theEmbeddingsLoseWhatTheyHaveInCommon() throws {
    let (codes, _) = codes(200)
    let source = PairedSteps(
      PairedData(rna: Measurement(codes), second: nil), size: 200, seed: 1)
    let model = ScMCsSpaces<Float>(ScMCsSpaces.Configuration(width: 8), clusters: [3, 2])
    model.initialize(seed: 2)
    func train(_ part: ScMCsSpacesPart, _ epochs: Int) throws -> [LossTerms] {
      try pretrain(
        model, on: source,
        schedule: PretrainingSchedule(
          rounds: [TrainingRound(part: part.rawValue, epochs: epochs, learningRate: 0.01)]))
    }
    let first = try train(.reconstruction, 100)
    #expect(first.map(\.parts.count).allSatisfy { $0 == 1 })
    #expect(first[99].total < 0.3 * first[0].total)
    let curve = try train(.whole, 100)
    func value(_ name: String, _ loss: LossTerms) throws -> Double {
      try #require(loss.parts.first { $0.name == name }?.value)
    }
    #expect(try value("alignment", curve[99]) < 0.3 * value("alignment", curve[0]))
    #expect(try value("values", curve[99]) < 2 * first[99].total + 0.05)
  }

  @Test func clusteringsAreKeptAndReadBack() throws {
    let two = try ScMCsDivision.short.divide(codes(40).codes, clusters: [3, 2], seed: 4)
    let read = try TwoClusterings(two.state, cells: 40, clusters: [3, 2])
    #expect(read.labels == two.labels && read.alignment == two.alignment)
    #expect(throws: ResumptionFault.self) {
      try TwoClusterings(two.state, cells: 41, clusters: [3, 2])
    }
  }
}

extension ScMCsDivision {
  fileprivate static var short: ScMCsDivision {
    var division = ScMCsDivision()
    (division.firstEpochs, division.epochs) = (3, 2)
    return division
  }
}
