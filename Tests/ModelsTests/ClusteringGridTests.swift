import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct ClusteringGridTests {
  private func grid(calibrated: Bool, keeps: KeptState = .best) throws
    -> (ClusteringGrid<ScTPF<Float>>, Simulation, ModelWeights)
  {
    let simulation = try Simulation(cells: 90, seed: 4)
    let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
    model.parameters.initialize(seed: 7)
    let stored = model.weights
    var schedule = ClusteringSchedule()
    (schedule.epochs, schedule.updateInterval, schedule.learningRate) = (4, 2, 5e-3)
    schedule.keeps = keeps
    (schedule.calibration.setsMargin, schedule.calibration.setsNeighbors) = (calibrated, calibrated)
    let grid = ClusteringGrid(
      on: simulation.data, adjacency: simulation.adjacency, schedule: schedule
    ) {
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      try model.load(stored)
      return model
    }
    return (grid, simulation, stored)
  }

  private func start(_ simulation: Simulation) throws -> StartingPartition {
    let labels = simulation.truth.enumerated().map { i, type in i % 5 == 0 ? (type + 1) % 3 : type }
    return try StartingPartition(labels: labels, adjacency: simulation.adjacency)
  }

  /// Every trial is what the loop alone gives, and the first of the best is kept.
  @Test(arguments: [KeptState.best, .last]) func trials(_ keeps: KeptState) throws {
    let (grid, simulation, stored) = try grid(calibrated: true, keeps: keeps)
    let found = try grid.run(width: 1, from: { _ in try start(simulation) }, report: { _, _ in })
    #expect(grid.count == 26 && found.trials.count == 26)
    #expect(found.trials.map(\.isCalibrated) == [true] + Array(repeating: false, count: 25))
    #expect(Set(found.trials.dropFirst().map(\.filter.margin)) == [0.7, 0.75, 0.8, 0.85, 0.9])
    #expect(Set(found.trials.dropFirst().map(\.filter.neighbors)) == [2, 4, 6, 8, 10])
    let best = try #require(found.trials.map(\.score).max())
    let winner = try #require(found.trials.firstIndex { $0.score == best })
    #expect(found.best.score == best && found.best.usedFilter == found.trials[winner].filter)
    #expect(found.calibration.setsMargin == (winner == 0))
    for number in [winner, 13] {
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      try model.load(stored)
      var schedule = ClusteringSchedule()
      (schedule.epochs, schedule.updateInterval, schedule.learningRate) = (4, 2, 5e-3)
      (schedule.keeps, schedule.filter) = (keeps, found.trials[number].filter)
      let loop = ClusteringLoop(
        model, on: simulation.data, adjacency: simulation.adjacency, schedule: schedule)
      let alone = try loop.run { _ in try start(simulation) }
      #expect(alone.score == found.trials[number].score)
      #expect(alone.filter.reliableCount == found.trials[number].reliableCount)
      if number == winner {
        #expect(model.weights == found.weights && alone.labels == found.best.labels)
      }
    }
  }

  @Test func threadsChangeNothing() throws {
    let before = Threads.count
    defer { Threads.count = before }
    func run(_ threads: Int) throws -> GridOutcome {
      Threads.count = threads
      let (grid, simulation, _) = try grid(calibrated: false)
      #expect(grid.count == 25)
      return try grid.run(width: threads, from: { _ in try start(simulation) }, report: { _, _ in })
    }
    let (one, three) = (try run(1), try run(3))
    #expect(one.weights == three.weights && one.best.labels == three.best.labels)
    #expect(one.trials.map(\.score) == three.trials.map(\.score))
    #expect(one.trials.map(\.filter) == three.trials.map(\.filter))
  }

  @Test func failuresEndIt() throws {
    let (grid, simulation, _) = try grid(calibrated: false)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try grid.run(
        width: 2, from: { _ in try start(simulation) },
        report: { trial, _ in if trial == 7 { throw Stop() } })
    }
  }
}
