import Autodiff
import Models
import Neighbors
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct ScDSCTests {
  /// Every row of Â is the mean over neighbors in either direction.
  @Test func rowsOfTheGraphSumToOne() throws {
    let graph = averagingAdjacency(
      SparseMatrix(Matrix<Float>([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]])))
    assertClose(
      graph.densified(),
      Matrix([[0.5, 0.5, 0, 0], [1.0 / 3, 1.0 / 3, 1.0 / 3, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]]),
      tolerance: 1e-6)
  }

  private func graph(of simulation: Simulation) -> ModelGraph<Float> {
    ModelGraph(
      adjacency: simulation.adjacency, normalized: averagingAdjacency(simulation.adjacency))
  }

  private func shape() -> ScDSC<Float>.Configuration {
    var shape = ScDSC<Float>.Configuration(genes: 60)
    (shape.encoder, shape.codes, shape.decoder) = ([32, 16], [8], [16, 32])
    return shape
  }

  @Test("batches of cells, then all over their graph", arguments: [true, false])
  func trainingFindsTheTypes(_ normalizesCodes: Bool) throws {
    let simulation = try Simulation(cells: 120, seed: 3)
    var shape = shape()
    shape.normalizesCodes = normalizesCodes
    (shape.warmUp, shape.warmUpRate) = (60, 0.01)
    let alone = ScDSC<Float>(shape)
    alone.initialize(seed: 7)
    var plan = BatchPlan(size: 40)
    plan.seed = 1
    let curve = try pretrain(
      alone, on: alone.steps(over: simulation.data, graph(of: simulation), plan: plan),
      schedule: PretrainingSchedule(epochs: 40, learningRate: 1e-3))
    #expect(curve.last.map { $0.total < curve[0].total } == true)
    #expect(curve[0].parts.map(\.name) == ["values", "zinb"])
    let model = ScDSC<Float>(shape, clusters: 3)
    try model.load(pretrained: alone.weights, seed: 9)
    let steps = model.steps(over: simulation.data, graph(of: simulation), plan: BatchPlan())
    var schedule = ScDSCClustering.paper.schedule
    (schedule.epochs, schedule.interval, schedule.learningRate) = (8, 2, 1e-3)
    let start = simulation.truth.enumerated().map { $0 % 6 == 0 ? ($1 + 1) % 3 : $1 }
    let before = model.parameters.weights.matrix()
    let outcome = try GuardedTraining(
      model, on: steps, rule: TargetRule(stableShare: 0), schedule: schedule
    ).run { _ in try StartingPartition(labels: start, adjacency: simulation.adjacency) }
    #expect(outcome.curve.count == 8 && before != model.parameters.weights.matrix())
    #expect(outcome.curve[0].parts.map(\.name) == ["values", "zinb", "cluster", "graph"])
    #expect(zip(outcome.labels, simulation.truth).count { $0 == $1 } > 110)
    // The labels come from the graph network.
    #expect(outcome.labels == model.assignment(of: outcome.latent, over: steps).labels)
    let found = try model.gradientAgreement(
      over: steps, targets: Buffer(simulation.truth.map { Int32($0) }))
    #expect(found.randomness != nil && found.drift != nil)
  }

  /// Nothing but the graph network learns before the first epoch, and what it learns is P.
  @Test func theGraphNetworkLearnsTheFirstTargets() throws {
    let simulation = try Simulation(cells: 120, seed: 4)
    var shape = shape()
    (shape.warmUp, shape.warmUpRate) = (60, 0.01)
    let model = ScDSC<Float>(shape, clusters: 3)
    model.initialize(seed: 2)
    let steps = model.steps(over: simulation.data, graph(of: simulation), plan: BatchPlan())
    let codes = model.codes(over: steps)
    model.centerValues.copy(from: clusterMeans(of: codes, simulation.truth, clusters: 3))
    func agreement() -> Int {
      zip(model.assignment(of: codes).labels, model.assignment(of: codes, over: steps).labels)
        .count { $0 == $1 }
    }
    let (before, first) = (model.weights, agreement())
    model.startClustering(over: steps)
    for (name, matrix) in model.weights {
      #expect((matrix == before[name]) != name.hasPrefix("graph."), "\(name)")
    }
    #expect(agreement() > 100 && agreement() > first)
    shape.warmUp = 0
    let idle = ScDSC<Float>(shape, clusters: 3)
    try idle.load(before)
    idle.startClustering(over: steps)
    #expect(idle.weights == before)
  }

  /// Some cells at a time, without the graph, or all of them by sparse products: the same codes.
  @Test func codesNeedNoGraph() throws {
    let simulation = try Simulation(cells: 90, seed: 5)
    let model = ScDSC<Float>(shape())
    model.initialize(seed: 3)
    let graph = graph(of: simulation)
    let whole = model.codes(over: model.steps(over: simulation.data, graph, plan: BatchPlan()))
    let parts = model.codes(
      over: model.steps(over: simulation.data, graph, plan: BatchPlan(size: 20)))
    assertClose(parts, whole.converted(to: Double.self), tolerance: 1e-4)
    assertClose(
      model.codes(of: simulation.data.input), whole.converted(to: Double.self), tolerance: 1e-4)
  }

  @Test func theShapeIsReadFromTheWeights() throws {
    var shape = shape()
    (shape.normalizesCodes, shape.scaling) = (true, .unit)
    shape.codes = [12, 8]
    let model = ScDSC<Float>(shape, clusters: 4)
    model.initialize(seed: 1)
    #expect(try ScDSC<Float>.Configuration(of: model.weights) == shape)
    #expect(model.weights["input.minimum"]?.columns == 60)
    #expect(throws: ModelFault.self) { try ScDSC<Float>.Configuration(of: [:]) }
    var other = model.weights
    other["codes.0.bias"] = nil
    #expect(throws: ModelFault.self) { try ScDSC<Float>.Configuration(of: other) }
  }

  @Test func moreCellsThanItHoldsAreRefused() throws {
    try ScDSC<Float>.require(cells: 20_000)
    #expect(throws: ModelFault.self) { try ScDSC<Float>.require(cells: 20_001) }
  }

  @Test func presets() {
    let paper = ScDSCPretraining.paper
    #expect(paper.epochs == 100 && paper.learningRate == 1e-4 && paper.batchSize == 1024)
    #expect(paper.model.encoder + paper.model.codes == [1000, 1000, 4000, 2000, 500, 10])
    #expect(paper.model.normalizesCodes && paper.model.scaling == .unit)
    #expect(paper.models == 1 && ScDSCPretraining.standard.models == 6)
    let clustering = ScDSCClustering.paper
    #expect(clustering.schedule.epochs == 80 && clustering.schedule.interval == 1)
    #expect(clustering.schedule.optimizer == .rectifiedAdam && clustering.warmUp == 0)
    #expect(!clustering.normalizesByCells && ScDSCClustering.released.normalizesByCells)
  }
}
