import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Trainings that are driven to collapse end, keep what was before, and show what happened.
@Suite struct CollapseTests {
  @Test func signs() throws {
    // Ten cells, of which the largest cluster has four: seven are half of the others more, eight
    // are too many.
    let watch = CollapseWatch([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    func largest(_ count: Int) -> [Int] {
      [1, 2] + Array(repeating: 0, count: count) + Array(repeating: 1, count: 8 - count)
    }
    #expect(watch.collapse(in: largest(7), after: 3) == nil)
    let swallowed = try #require(watch.collapse(in: largest(8), after: 3))
    #expect(swallowed.sign == .swallowed && swallowed.epoch == 3)
    #expect(
      swallowed.summary(cells: 10)
        == "one cluster has 8 of 10 cells, at the start the largest had 4")
    let died = try #require(watch.collapse(in: [0, 0, 0, 0, 0, 2, 2, 2, 2, 2], after: 5))
    #expect(died.sign == .died && died.count == 2 && died.countAtStart == 3)
    #expect(died.summary(cells: 10) == "2 of 3 clusters still have cells")
  }

  /// What was so at the start is no collapse: most cells in one cluster, or a cluster without
  /// cells.
  @Test func unevenStarts() {
    let most = [Int](repeating: 0, count: 8) + [1, 1]
    #expect(CollapseWatch(most).collapse(in: [0] + most.dropLast(), after: 1) == nil)
    #expect(CollapseWatch(most).collapse(in: Array(repeating: 0, count: 10), after: 1) != nil)
    #expect(CollapseWatch([0, 0, 2, 2]).collapse(in: [1, 1, 2, 2], after: 1) == nil)
    #expect(CollapseWatch([0, 1, 2], [0, 2, 2]).collapse(in: [1, 1, 2], after: 1) == nil)
    #expect(CollapseWatch([0, 0]).collapse(in: [0, 0], after: 1) == nil)
  }

  /// A step size at which the codes of all cells become alike.
  private func wildRun(
    keeping state: KeptState, resumption: Resumption<Float> = .none
  ) throws -> (ClusteringOutcome, ModelWeights, Simulation) {
    let simulation = try Simulation(cells: 150, seed: 6)
    var shape = ScTPF<Float>.Configuration(genes: 60)
    shape.gamma = 100
    let model = ScTPF<Float>(shape, clusters: 3)
    model.parameters.initialize(seed: 7)
    var schedule = Simulation.schedule(epochs: 12, interval: 2, minimum: 12)
    (schedule.keeps, schedule.patience, schedule.learningRate) = (state, 99, 0.5)
    let outcome = try simulation.clustering(model, schedule).run(
      from: { _ in
        try StartingPartition(labels: simulation.truth, adjacency: simulation.adjacency)
      }, resumption: resumption)
    return (outcome, model.weights, simulation)
  }

  @Test func theStateBeforeIsKept() throws {
    let (outcome, _, _) = try wildRun(keeping: .best)
    let collapse = try #require(outcome.collapse)
    #expect(collapse.epoch > 0 && collapse.epoch < 12, "before --min-epochs")
    #expect(outcome.curve.count == collapse.epoch, "training ends where it is seen")
    #expect(outcome.keptEpoch < collapse.epoch)
    #expect(Set(outcome.labels).count == 3)
    #expect(outcome.labels.count == 150)
  }

  /// The paper's schedule goes on; from every step of it a training that is resumed shows the same
  /// collapse.
  @Test func theLastEpochIsKeptWhereItIsAskedFor() throws {
    var states: [TrainingState<Float>] = []
    let (outcome, weights, _) = try wildRun(
      keeping: .last, resumption: Resumption(from: nil) { _, state in states.append(state()) })
    let collapse = try #require(outcome.collapse)
    #expect(outcome.curve.count == 12 && outcome.keptEpoch == 12 && collapse.epoch < 12)
    #expect(states.count == 12)
    for state in states {
      let (again, others, _) = try wildRun(
        keeping: .last, resumption: Resumption(from: state) { _, _ in })
      #expect(again.collapse == collapse && others == weights)
    }
    let late = try #require(states.last { $0.numbers["collapse"] != nil })
    for (place, value) in [(0, -1.0), (1, 2), (2, 151), (3, .nan)] {
      var bad = late
      bad.numbers["collapse"]?[place] = value
      #expect(throws: ResumptionFault.self) {
        try wildRun(keeping: .last, resumption: Resumption(from: bad) { _, _ in })
      }
    }
  }

  /// scEMC: a weight of the distances to centers that draws all cells together.
  @Test(arguments: [KeptState.best, .last]) func pairedData(_ keeps: KeptState) throws {
    let simulation = PairedSimulation(cells: 90, seed: 3)
    let data = simulation.data()
    var shape = small(for: data)
    (shape.reconstructs, shape.lambda2, shape.gamma) = (false, 1e4, 1e4)
    let model = ScEMC<Float>(shape, clusters: 3)
    model.initialize(seed: 5)
    var schedule = pairedSchedule(epochs: 30)
    (schedule.keeps, schedule.patience, schedule.learningRate) = (keeps, 99, 30)
    let outcome = try pairedTraining(model, data, schedule, size: 32, stableShare: 0)
      .run { _ in try scoredByTruth(simulation.truth, from: simulation.truth) }
    let collapse = try #require(outcome.collapse)
    #expect(outcome.curve.count == (keeps == .best ? collapse.epoch : 30))
    if keeps == .best {
      #expect(outcome.keptEpoch < collapse.epoch)
      #expect(outcome.labels == simulation.truth)
    } else {
      #expect(outcome.keptEpoch == 30)
    }
  }
}
