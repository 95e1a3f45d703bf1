import Autodiff
import Glibc
import Models
import Neighbors
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Simulated cells of three types: two differ in their genes, two in their proteins.
struct PairedSimulation {
  var logs: Matrix<Float>
  var counts: Matrix<Float>
  var proteins: Matrix<Float>
  var truth: [Int]

  init(cells: Int, genes: Int = 40, seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    truth = (0..<cells).map { $0 % 3 }
    counts = Matrix.zeros(cells, genes)
    proteins = Matrix.zeros(cells, 8)
    for i in 0..<cells {
      for j in 0..<genes {
        let rate = (j < 12) == (truth[i] == 0) ? 5.0 : 0.6
        var product = generator.uniform()
        while product > exp(-rate) {
          counts[i, j] += 1
          product *= generator.uniform()
        }
      }
      for j in 0..<8 {
        let level = (j < 4) == (truth[i] == 1) ? 1.5 : -0.5
        proteins[i, j] = Float(level + 0.4 * generator.normal())
      }
    }
    logs = counts
    for i in 0..<cells { for j in 0..<genes { logs[i, j] = log1p(counts[i, j]) } }
  }

  /// The same cells in another order.
  func reordered(_ order: [Int]) -> PairedSimulation {
    var result = self
    result.logs = logs.selectingRows(order)
    result.counts = counts.selectingRows(order)
    result.proteins = proteins.selectingRows(order)
    result.truth = order.map { truth[$0] }
    return result
  }

  enum Second { case values, counts, sparseValues, none }

  func data(_ second: Second = .values) -> PairedData<Float> {
    let ones = [Float](repeating: 1, count: truth.count)
    let measurement: Measurement<Float>?
    var positive = proteins
    for i in 0..<positive.rows {
      for j in 0..<positive.columns { positive[i, j] = max(0, (4 * proteins[i, j]).rounded()) }
    }
    switch second {
    case .values: measurement = Measurement(proteins)
    case .counts:
      measurement = Measurement(proteins, counts: SparseMatrix(positive), sizeFactors: ones)
    case .sparseValues:
      measurement = Measurement(StandardizedMatrix(unscaled: SparseMatrix(positive)))
    case .none: measurement = nil
    }
    let genes = counts.columns
    return PairedData(
      rna: StandardizedMatrix(
        values: SparseMatrix(logs), mean: Buffer(repeating: 0.9, count: genes),
        standardDeviation: Buffer(repeating: 0.7, count: genes)), counts: SparseMatrix(counts),
      sizeFactors: ones, second: measurement)
  }
}

func small(for data: PairedData<Float>) -> ScEMC<Float>.Configuration {
  var configuration = ScEMC<Float>.Configuration(for: data)
  configuration.encoder = [32, 16, 4]
  configuration.decoder = [16, 32]
  configuration.secondDecoder = [12]
  configuration.rnaNoise = 1
  configuration.secondNoise = 0.5
  return configuration
}

private func trained(
  _ data: PairedData<Float>, configuration: ScEMC<Float>.Configuration, epochs: Int = 40,
  clustering: Int = 6
) throws -> (outcome: ClusteringOutcome, curve: [LossTerms], weights: ModelWeights) {
  let model = ScEMC<Float>(configuration, clusters: 3)
  model.initialize(seed: 5)
  let curve = try pretrain(
    model, on: PairedSteps(data, size: 64, seed: 0), schedule: pairedPretraining(epochs: epochs))
  let training = pairedTraining(
    model, data, pairedSchedule(epochs: configuration.clusters ? clustering : 0), size: 64)
  let outcome = try training.run { try startByKMeans(model, $0, data) }
  return (outcome, curve, model.weights)
}

/// The paper's pretraining, shortened.
func pairedPretraining(epochs: Int) -> PretrainingSchedule {
  var preset = ScEMCPretraining.paper
  preset.epochs = epochs
  return preset.schedule(cells: 1)
}

/// The paper's schedule, shortened; the last state is the result.
func pairedSchedule(epochs: Int) -> ClusteringSchedule {
  var schedule = ScEMCClustering.paper.schedule
  schedule.epochs = epochs
  return schedule
}

func pairedTraining(
  _ model: ScEMC<Float>, _ data: PairedData<Float>, _ schedule: ClusteringSchedule, size: Int,
  stableShare: Double = 0.001
) -> GuardedTraining<ScEMC<Float>> {
  GuardedTraining(
    model, on: PairedSteps(data, size: size, seed: 1), rule: StabilityRule(share: stableShare),
    schedule: schedule)
}

/// Weights of a model that distinguishes the types.
func pretrainedWeights(_ data: PairedData<Float>) throws -> ModelWeights {
  let model = ScEMC<Float>(small(for: data), clusters: 3)
  model.initialize(seed: 5)
  _ = try pretrain(
    model, on: PairedSteps(data, size: 32, seed: 0), schedule: pairedPretraining(epochs: 30))
  return model.weights
}

/// The paper's start: k-means on the codes.
private func startByKMeans(
  _ model: ScEMC<Float>, _ codes: Matrix<Float>, _ data: PairedData<Float>
) throws -> StartingPartition {
  try model.start(
    .kmeans, codes: [codes],
    views: PairedViews(
      components: nil, second: nil, joint: nil, secondWeight: 0, graph: nil, distances: nil),
    order: data.order,
    comparedOn: nil, clusters: try #require(model.centers).rows, seed: 0)
}

/// A start that is scored by its agreement with the true types.
func scoredByTruth(_ truth: [Int], from labels: [Int]) throws -> StartingPartition {
  try StartingPartition(.consensus, labels, .partitions([truth]))
}

@Suite(.serialized) struct ScEMCTests {
  @Test func aStepAllocatesNothingAfterTheSecond() {
    let data = PairedSimulation(cells: 300, seed: 1).data(.counts)
    for aggregation in Aggregation.allCases {
      var configuration = small(for: data)
      configuration.aggregation = aggregation
      let model = ScEMC<Float>(configuration, clusters: 3)
      model.initialize(seed: 1)
      let tape = Tape(model.parameters)
      let steps = PairedSteps(data, size: 64, seed: 1)
      let optimizer = Adadelta<Float>(weightCount: model.parameters.count)
      var allocations: [Int] = []
      for plan in steps.steps(ofEpoch: 1, of: 1) {
        _ = model.clusteringStep(steps.step(plan, on: tape), on: tape)
        optimizer.update(model.parameters)
        allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
      }
      #expect(allocations.count == 5 && allocations[0] > 0)
      #expect(allocations.allSatisfy { $0 == allocations[0] })
    }
  }

  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let simulation = PairedSimulation(cells: 300, seed: 2)
    let data = simulation.data()
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = try trained(data, configuration: small(for: data))
    #expect(first.curve.count == 40)
    #expect(first.curve[39].total < first.curve[0].total)
    #expect(first.curve[19].parts.map(\.name) == ["rna", "second"])
    #expect(first.curve[20].parts.map(\.name) == ["rna", "second", "pairs"])
    #expect(isSamePartition(first.outcome.labels, simulation.truth, apart: 15))
    Threads.count = 2
    let second = try trained(data, configuration: small(for: data))
    #expect(first.weights == second.weights)
    #expect(first.outcome.latent == second.outcome.latent)
    #expect(first.outcome.curve == second.outcome.curve)
  }

  /// Rows in another order: every cell has the code and the label that it had, to the last bit.
  @Test func theOrderOfTheRowsDoesNotMatter() throws {
    let simulation = PairedSimulation(cells: 230, seed: 3)
    var generator = RandomGenerator(seed: 9)
    let order = generator.permutation(230)
    let (data, other) = (simulation.data(), simulation.reordered(order).data())
    let first = try trained(data, configuration: small(for: data), epochs: 10, clustering: 3)
    let second = try trained(other, configuration: small(for: other), epochs: 10, clustering: 3)
    #expect(second.outcome.labels == order.map { first.outcome.labels[$0] })
    #expect(second.outcome.latent == first.outcome.latent.selectingRows(order))
    #expect(first.weights == second.weights)
  }

  /// Past the limit the reference cells are a sample: still the same for every order of the rows.
  @Test func aSampleOfReferenceCellsDoesNotDependOnTheOrder() {
    let simulation = PairedSimulation(cells: 4500, genes: 14, seed: 4)
    var generator = RandomGenerator(seed: 9)
    let order = generator.permutation(4500)
    let (data, other) = (simulation.data(), simulation.reordered(order).data())
    let model = ScEMC<Float>(small(for: data))
    model.initialize(seed: 1)
    let codes = model.embed(data)
    assertClose(
      model.embed(other), codes.selectingRows(order), tolerance: 1e-5, scale: 1)
    #expect(codes.elements.allSatisfy { $0.isFinite })
  }

  @Test(arguments: Aggregation.allCases, [true, false])
  func weightsAreStoredAndReadBack(aggregation: Aggregation, skips: Bool) throws {
    let simulation = PairedSimulation(cells: 120, seed: 5)
    for second in [PairedSimulation.Second.values, .counts, .sparseValues, .none] {
      let data = simulation.data(second)
      var configuration = small(for: data)
      configuration.aggregation = aggregation
      configuration.skips = skips
      let run = try trained(data, configuration: configuration, epochs: 2, clustering: 1)
      #expect(run.outcome.latent.columns == configuration.codeWidth)
      #expect(run.outcome.curve[0].total.isFinite)
      var read = try ScEMC<Float>.Configuration(of: run.weights)
      (read.rnaNoise, read.secondNoise) = (configuration.rnaNoise, configuration.secondNoise)
      if second == .none { (read.secondDecoder, read.secondHasCounts) = ([12], true) }
      #expect(read == configuration)
      let copy = ScEMC<Float>(read, clusters: 3)
      try copy.load(run.weights)
      #expect(copy.weights == run.weights)
      #expect(copy.embed(data) == run.outcome.latent)
    }
  }

  @Test func everyAblationLeavesItsTermsOut() throws {
    let data = PairedSimulation(cells: 130, seed: 6).data()
    func names(_ change: (inout ScEMC<Float>.Configuration) -> Void) throws -> [String] {
      var configuration = small(for: data)
      change(&configuration)
      return try trained(data, configuration: configuration, epochs: 2, clustering: 1)
        .outcome.curve.first?.parts.map(\.name) ?? []
    }
    #expect(try names { _ in } == ["rna", "second", "pairs", "centers"])
    #expect(try names { $0.reconstructs = false } == ["pairs", "centers"])
    // k-means of the pretrained codes is the result.
    #expect(try names { $0.clusters = false } == [])
  }

  @Test func missingWeightsAndDivergenceAreFaults() throws {
    let data = PairedSimulation(cells: 60, seed: 7).data()
    let model = ScEMC<Float>(small(for: data))
    model.initialize(seed: 1)
    var weights = model.weights
    weights["encoder.rna.0.norm.mean"] = nil
    #expect(throws: ModelFault.self) { try model.load(weights) }
    #expect(throws: ModelFault.self) { try ScEMC<Float>.Configuration(of: [:]) }
    model.parameters.weights.fill(with: .infinity)
    #expect(throws: ModelFault.self) {
      try pretrain(
        model, on: PairedSteps(data, size: 64, seed: 0), schedule: pairedPretraining(epochs: 2))
    }
  }

  @Test func theGuardKeepsTheBestStateWithItsWeights() throws {
    let simulation = PairedSimulation(cells: 120, seed: 3)
    let data = simulation.data()
    func outcome(_ keeps: KeptState, from labels: [Int]) throws
      -> (ClusteringOutcome, before: ModelWeights, after: ModelWeights)
    {
      let model = ScEMC<Float>(small(for: data), clusters: 3)
      try model.load(pretrainedWeights(data))
      let before = model.weights
      var schedule = pairedSchedule(epochs: 5)
      (schedule.keeps, schedule.patience) = (keeps, 2)
      let training = pairedTraining(model, data, schedule, size: 64, stableShare: 0)
      let result = try training.run { codes in
        #expect(codes.rows == 120)
        return try scoredByTruth(simulation.truth, from: labels)
      }
      return (result, before, model.weights)
    }
    let (start, before, after) = try outcome(.best, from: simulation.truth)
    #expect(start.labels == simulation.truth && start.keptEpoch == 0 && start.score == 1)
    #expect(start.curve.count == 2)
    for (name, matrix) in before where name != "centers" {
      #expect(matrix == after[name], "\(name)")
    }
    // From a start with a third of the cells wrong the result is no worse than start and end.
    let poor = simulation.truth.enumerated().map { $0 % 3 == 0 ? ($1 + 1) % 3 : $1 }
    let (better, _, trained) = try outcome(.best, from: poor)
    let score = try #require(better.score)
    #expect(try score >= #require(better.lastScore))
    #expect(try score >= #require(scoredByTruth(simulation.truth, from: poor).score))
    #expect(better.kept.epoch == better.keptEpoch && trained["centers"] != nil)
    let last = try outcome(.last, from: simulation.truth).0
    #expect(last.keptEpoch == 5 && last.start == simulation.truth)
  }

  @Test func theEncoderSeesNeighborhoodsWhetherTheyAreKeptOrNot() throws {
    let simulation = PairedSimulation(cells: 90, seed: 4)
    let ring = Matrix<Float>(
      (0..<90).map { i in (0..<90).map { j in (j + 90 - i) % 90 < 3 ? 1 : 0 } })
    let adjacency = SparseMatrix(ring)
    let graph = ModelGraph<Float>(adjacency)
    let genes = simulation.counts.columns
    let x = StandardizedMatrix(
      values: SparseMatrix(simulation.logs), mean: Buffer(repeating: 0.9, count: genes),
      standardDeviation: Buffer(repeating: 0.7, count: genes))
    func codes(byteLimit: Int) throws -> Matrix<Float> {
      let data = PairedData<Float>(
        rna: Measurement(
          x, over: graph, hops: 2, counts: SparseMatrix(simulation.counts),
          sizeFactors: [Float](repeating: 1, count: 90), byteLimit: byteLimit),
        second: Measurement(simulation.proteins))
      let configuration = small(for: data)
      #expect(configuration.hops == 2 && configuration.genes == genes)
      let model = ScEMC<Float>(configuration)
      model.initialize(seed: 1)
      #expect(try ScEMC<Float>.Configuration(of: model.weights).hops == 2)
      _ = try pretrain(
        model, on: PairedSteps(data, size: 32, seed: 0), schedule: pairedPretraining(epochs: 2))
      return model.embed(data)
    }
    assertClose(
      try codes(byteLimit: 1 << 30).converted(to: Double.self),
      try codes(byteLimit: 0).converted(to: Double.self), tolerance: 2e-2, scale: 1)
  }

  @Test(arguments: [1, 2, 3]) func fewCellsGiveAResult(cells: Int) throws {
    let data = PairedSimulation(cells: cells, seed: 8).data()
    let model = ScEMC<Float>(small(for: data), clusters: 1)
    model.initialize(seed: 1)
    let outcome = try pairedTraining(model, data, pairedSchedule(epochs: 2), size: 256)
      .run { try startByKMeans(model, $0, data) }
    #expect(outcome.labels == [Int](repeating: 0, count: cells))
    #expect(outcome.latent.elements.allSatisfy { $0.isFinite })
  }

  @Test func batchesHoldEveryCellOnceAndAreBalanced() {
    for (count, size) in [(3762, 256), (257, 256), (256, 256), (1, 256), (5, 1)] {
      let batches = shuffledBatches(count, size: size, seed: 1, epoch: 3)
      let lengths = batches.map(\.count)
      #expect(Set(batches.joined()).count == count && lengths.reduce(0, +) == count)
      #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1 && lengths.max() ?? 0 <= size)
      #expect(lengths == lengths.sorted(by: >))
    }
    #expect(
      shuffledBatches(99, size: 9, seed: 1, epoch: 1)
        != shuffledBatches(99, size: 9, seed: 1, epoch: 2))
  }
}

/// Whether all but `apart` cells are in clusters that match one type each.
private func isSamePartition(_ labels: [Int], _ truth: [Int], apart: Int) -> Bool {
  var right = 0
  for type in Set(truth) {
    var counts: [Int: Int] = [:]
    for (label, other) in zip(labels, truth) where other == type { counts[label, default: 0] += 1 }
    right += counts.values.max() ?? 0
  }
  return right >= labels.count - apart && Set(labels).count == Set(truth).count
}
