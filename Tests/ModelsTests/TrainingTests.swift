import Autodiff
import Glibc
import Models
import Neighbors
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Simulated cells of three types with twelve marker genes each, with their graph.
struct Simulation {
  let data: GraphData<Float>
  let adjacency: SparseMatrix<Float>
  let truth: [Int]
  /// What stages find of them.
  let counts: SparseMatrix<Float>
  let logs: SparseMatrix<Float>
  let distances: SparseMatrix<Float>

  init(cells: Int, genes: Int = 60, seed: UInt64) throws {
    var generator = RandomGenerator(seed: seed)
    var counts = Matrix<Float>.zeros(cells, genes)
    let truth = (0..<cells).map { $0 % 3 }
    for i in 0..<cells {
      for j in 0..<genes {
        let rate = j / 12 == truth[i] ? 6.0 : 0.8
        // A Poisson number by products of uniforms.
        var product = generator.uniform()
        while product > exp(-rate) {
          counts[i, j] += 1
          product *= generator.uniform()
        }
      }
    }
    var logs = counts
    for i in 0..<cells { for j in 0..<genes { logs[i, j] = log1p(counts[i, j]) } }
    (self.counts, self.logs) = (SparseMatrix(counts), SparseMatrix(logs))
    data = GraphData(
      input: StandardizedMatrix(unscaled: self.logs), counts: self.counts,
      sizeFactors: [Float](repeating: 1, count: cells))
    distances = NeighborGraph(try NearestNeighbors(of: logs, count: 14)).distances
    adjacency = adjacencyPattern(fromDistances: distances)
    self.truth = truth
  }

  /// The cells as a model takes them: all at once, or some in a step.
  func batches(of model: ScTPF<Float>, size: Int? = nil) -> GraphSteps<Float> {
    model.steps(over: data, ModelGraph(adjacency), plan: BatchPlan(size: size))
  }

  /// Training with clusters under the paper's rule, unless another is given.
  func clustering(
    _ model: ScTPF<Float>, _ schedule: ClusteringSchedule, size: Int? = nil,
    rule: FilterRule.Settings = FilterRule.Settings()
  ) -> GuardedTraining<ScTPF<Float>> {
    GuardedTraining(
      model, on: batches(of: model, size: size), rule: FilterRule(rule, adjacency: adjacency),
      schedule: schedule)
  }

  /// The paper's schedule, shortened.
  static func schedule(epochs: Int, interval: Int = 8, minimum: Int = 8) -> ClusteringSchedule {
    var schedule = ClusteringSchedule()
    (schedule.epochs, schedule.interval, schedule.minimumEpochs) = (epochs, interval, minimum)
    return schedule
  }
}

@Suite(.serialized) struct TrainingTests {
  @Test(arguments: [nil, 100]) func aStepAllocatesNothingAfterTheSecond(size: Int?) throws {
    let simulation = try Simulation(cells: 300, seed: 1)
    var shape = ScTPF<Float>.Configuration(genes: 60)
    if size != nil { shape.latentHops = 0 }
    let model = ScTPF<Float>(shape, clusters: 3)
    model.parameters.initialize(seed: 1)
    let batches = simulation.batches(of: model, size: size)
    let plan = batches.steps(ofEpoch: 1, of: 1)[0]
    let tape = Tape(model.parameters)
    let adam = Adam<Float>(weightCount: model.parameters.count, learningRate: 5e-4)
    var workspace: [Int] = []
    for _ in 0..<5 {
      _ = model.clusteringStep(batches.step(plan, on: tape), on: tape)
      adam.update(model.parameters)
      workspace.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(workspace[0] > 0)
    #expect(workspace.allSatisfy { $0 == workspace[0] })
  }

  @Test(arguments: [nil, 100]) func pretrainingLowersTheLossAndIsRepeatable(size: Int?) throws {
    let simulation = try Simulation(cells: 300, seed: 2)
    func run() throws -> ([LossTerms], ModelWeights) {
      var shape = ScTPF<Float>.Configuration(genes: 60)
      if size != nil { shape.latentHops = 0 }
      let model = ScTPF<Float>(shape)
      model.parameters.initialize(seed: 7)
      let curve = try pretrain(
        model, on: simulation.batches(of: model, size: size),
        schedule: PretrainingSchedule(epochs: 12, learningRate: 1e-3))
      return (curve, model.weights)
    }
    let (first, weights) = try run()
    #expect(first.count == 12)
    #expect(first[11].total < first[0].total)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = before == 1 ? 2 : 1
    let (second, others) = try run()
    #expect(first == second)
    #expect(weights == others)
  }

  @Test(arguments: [nil, 100]) func clusteringFindsTheTypes(size: Int?) throws {
    let simulation = try Simulation(cells: 300, seed: 3)
    var shape = ScTPF<Float>.Configuration(genes: 60)
    if size != nil { shape.latentHops = 0 }
    let model = ScTPF<Float>(shape, clusters: 3)
    model.parameters.initialize(seed: 7)
    _ = try pretrain(
      model, on: simulation.batches(of: model, size: size),
      schedule: PretrainingSchedule(epochs: 60, learningRate: 1e-3))
    // A start with every tenth cell wrong.
    let start = simulation.truth.enumerated().map { i, type in i % 10 == 0 ? (type + 1) % 3 : type }
    let training = simulation.clustering(model, Simulation.schedule(epochs: 24), size: size)
    let outcome = try training.run { _ in
      try StartingPartition(labels: start, adjacency: simulation.adjacency)
    }
    let right = zip(outcome.labels, simulation.truth).count { $0 == $1 }
    #expect(right > 290)
    #expect(try #require(outcome.kept.filter).reliableCount > (size == nil ? 240 : 120))
    #expect(outcome.isConverged)
  }

  @Test func frozenCentersStay() throws {
    let simulation = try Simulation(cells: 120, seed: 4)
    var shape = ScTPF<Float>.Configuration(genes: 60)
    shape.trainsCenters = false
    let model = ScTPF<Float>(shape, clusters: 3)
    model.parameters.initialize(seed: 7)
    let codes = model.codes(over: simulation.batches(of: model))
    let expected = clusterMeans(of: codes, simulation.truth, clusters: 3)
    let training = simulation.clustering(model, Simulation.schedule(epochs: 3))
    _ = try training.run { _ in
      try StartingPartition(labels: simulation.truth, adjacency: simulation.adjacency)
    }
    #expect(model.weights["centers"] == expected)
  }

  @Test func aLossThatIsNotFiniteIsReported() throws {
    let simulation = try Simulation(cells: 60, seed: 5)
    let model = ScTPF<Float>(ScTPF.Configuration(genes: 60))
    model.parameters.weights.fill(with: .infinity)
    #expect(throws: ModelFault.self) {
      try pretrain(
        model, on: simulation.batches(of: model), schedule: PretrainingSchedule(epochs: 2))
    }
  }
}

@Suite struct KeptStateTests {
  private func run(keeping state: KeptState, from start: (Simulation) -> [Int]) throws
    -> (ClusteringOutcome, Simulation)
  {
    let simulation = try Simulation(cells: 150, seed: 6)
    let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
    model.parameters.initialize(seed: 7)
    var schedule = Simulation.schedule(epochs: 16)
    schedule.keeps = state
    // A rate at which training does harm.
    schedule.learningRate = 0.3
    return (
      try simulation.clustering(model, schedule).run { _ in
        try StartingPartition(labels: start(simulation), adjacency: simulation.adjacency)
      }, simulation
    )
  }

  @Test func theStartIsKeptWhereTrainingDoesHarm() throws {
    let (outcome, simulation) = try run(keeping: .best) { $0.truth }
    #expect(outcome.labels == simulation.truth)
    #expect(outcome.keptEpoch == 0)
    #expect(try #require(outcome.score) >= #require(outcome.lastScore))
    let filter = try #require(outcome.kept.filter)
    for (cell, label) in outcome.labels.enumerated()
    where filter.reliability[cell] == .reliable {
      #expect(filter.assignment[cell] == label)
    }
  }

  @Test func ofSeveralModelsAStateIsKeptThatAgreesAsTheyDo() throws {
    let simulation = try Simulation(cells: 150, seed: 8)
    // The models' partitions have little in common, so that nothing that training does is too much.
    let others = (1...3).map { randomMatrix(150, 4, seed: UInt64($0)).converted(to: Float.self) }
    func outcome(rate: Double, _ others: [Matrix<Float>]) throws -> ClusteringOutcome {
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      model.parameters.initialize(seed: 7)
      var schedule = Simulation.schedule(epochs: 8, interval: 4)
      (schedule.learningRate, schedule.keeps) = (rate, .best)
      var rule = FilterRule.Settings()
      rule.reliableShare = 1
      return try simulation.clustering(model, schedule, rule: rule).run { codes in
        try StartingPartition(
          .consensus, adjacency: simulation.adjacency, codes: codes, others: others, clusters: 3,
          seed: 0)
      }
    }
    let calm = try outcome(rate: 1e-4, others)
    #expect(calm.keptEpoch == calm.curve.count && calm.collapse == nil)
    // Models that agree in all: what differs from them much has drifted.
    let wild = try outcome(rate: 0.5, [])
    #expect(wild.keptEpoch < wild.curve.count || wild.score ?? 0 >= 0.99)
  }

  @Test func theLastStateIsThePapers() throws {
    let (outcome, _) = try run(keeping: .last) { $0.truth }
    #expect(outcome.keptEpoch == outcome.curve.count)
    #expect(outcome.score == outcome.lastScore)
  }

  @Test func theStartOfHigherModularityIsTaken() throws {
    let simulation = try Simulation(cells: 150, seed: 8)
    // Codes that show nothing: k-means on them cannot match the graph.
    let codes = randomMatrix(150, 4, seed: 1).converted(to: Float.self)
    func start(_ method: StartMethod) throws -> StartingPartition {
      try StartingPartition(
        method, adjacency: simulation.adjacency, codes: codes, clusters: 3, seed: 0)
    }
    #expect(try start(.auto).method == .spectral)
    #expect(try start(.auto).labels == start(.spectral).labels)
    #expect(try start(.kmeans).score ?? 1 < start(.spectral).score ?? 0)
    #expect(throws: (any Error).self) {
      try StartingPartition(
        .auto, adjacency: simulation.adjacency, codes: codes, clusters: 151, seed: 0)
    }
  }
}
