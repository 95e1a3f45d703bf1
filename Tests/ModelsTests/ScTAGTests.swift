import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct ScTAGTests {
  /// D^−½ A D^−½ of a directed graph, by its row sums.
  @Test func aDirectedGraphIsNormalizedByRowSums() {
    assertClose(
      normalized(Matrix([[1, 1, 0], [0, 1, 1], [1, 1, 1]])),
      Matrix([
        [0.5, 0.5, 0], [0, 0.5, 0.4082482905], [0.4082482905, 0.4082482905, 0.3333333333],
      ]), tolerance: 1e-9)
  }

  /// All cells learn from P, whether all are in a step or some.
  @Test(arguments: [nil, 40]) func trainingFindsTheTypes(_ size: Int?) throws {
    let simulation = try Simulation(cells: 120, seed: 3)
    var shape = ScTPF<Float>.Configuration(genes: 60)
    if size != nil { shape.latentHops = 0 }
    let model = ScTAG(ScTPF<Float>(shape, clusters: 3))
    model.initialize(seed: 7)
    let steps = simulation.batches(of: model.base, size: size)
    let curve = try pretrain(
      model, on: steps, schedule: PretrainingSchedule(epochs: 30, learningRate: 1e-3))
    #expect(curve.last.map { $0.total < curve[0].total } == true)
    #expect(curve[0].parts.map(\.name) == ["adjacency", "zinb"])
    var schedule = ScTAGClustering.paper.schedule
    (schedule.epochs, schedule.interval) = (8, 4)
    let start = simulation.truth.enumerated().map { $0 % 6 == 0 ? ($1 + 1) % 3 : $1 }
    let outcome = try GuardedTraining(
      model, on: steps, rule: TargetRule(stableShare: 0), schedule: schedule
    ).run { _ in try StartingPartition(labels: start, adjacency: simulation.adjacency) }
    #expect(outcome.curve.count == 8)
    #expect(outcome.curve[0].parts.map(\.name) == ["adjacency", "zinb", "cluster"])
    #expect(zip(outcome.labels, simulation.truth).count { $0 == $1 } > 110)
    #expect(try #require(steps.targets).rows == 120)
    let found = try model.gradientAgreement(
      over: steps, targets: Buffer(simulation.truth.map { Int32($0) }))
    #expect(found.randomness != nil && found.drift != nil)
  }

  @Test func presets() {
    let paper = ScTAGPretraining.paper
    #expect(paper.epochs == 1000 && paper.learningRate == 1e-4 && paper.batchSize == 0)
    let clustering = ScTAGClustering.paper
    #expect(clustering.schedule.epochs == 300 && clustering.schedule.interval == 8)
    #expect(clustering.schedule.learningRate == 5e-4 && clustering.gamma == 1.5)
    #expect(!ScTAGClustering.released.trainsCenters && clustering.trainsCenters)
  }
}
