import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct ClusteringGridTests {
  private func grid(calibrated: Bool, keeps: KeptState = .best) throws
    -> (ClusteringGrid<ScTPF<Float>>, [FilterRule.Settings], Simulation, ModelWeights)
  {
    let simulation = try Simulation(cells: 90, seed: 4)
    let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
    model.parameters.initialize(seed: 7)
    let stored = model.weights
    var settings = ScTPFClustering()
    (settings.rule.calibration.setsMargin, settings.rule.calibration.setsNeighbors) = (
      calibrated, calibrated
    )
    let rules = settings.grid
    let schedule = schedule(keeps)
    let grid = ClusteringGrid(count: rules.count) { number in
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      try model.load(stored)
      return simulation.clustering(model, schedule, rule: rules[number])
    }
    return (grid, rules, simulation, stored)
  }

  private func schedule(_ keeps: KeptState) -> ClusteringSchedule {
    var schedule = Simulation.schedule(epochs: 4, interval: 2)
    (schedule.learningRate, schedule.keeps) = (5e-3, keeps)
    return schedule
  }

  private func start(_ simulation: Simulation) throws -> StartingPartition {
    let labels = simulation.truth.enumerated().map { i, type in i % 5 == 0 ? (type + 1) % 3 : type }
    return try StartingPartition(labels: labels, adjacency: simulation.adjacency)
  }

  /// Every trial is what the loop alone gives, and the first of the best is kept.
  @Test(arguments: [KeptState.best, .last]) func trials(_ keeps: KeptState) throws {
    let (grid, rules, simulation, stored) = try grid(calibrated: true, keeps: keeps)
    let found = try grid.run(width: 1, from: { _ in try start(simulation) }, report: { _, _ in })
    #expect(grid.count == 26 && found.trials.count == 26)
    #expect(rules.map(\.calibration.setsMargin) == [true] + Array(repeating: false, count: 25))
    func used(_ place: Int) -> Set<Double> {
      Set(found.trials.dropFirst().map { $0.settings[place].value })
    }
    #expect(found.trials[0].settings.map(\.name) == ["margin", "latent_neighbors"])
    #expect(used(0) == [0.7, 0.75, 0.8, 0.85, 0.9] && used(1) == [2, 4, 6, 8, 10])
    let best = try #require(found.trials.compactMap(\.score).max())
    let winner = try #require(found.trials.firstIndex { $0.score == best })
    #expect(found.best.score == best && found.number == winner)
    for number in [winner, 13] {
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      try model.load(stored)
      var rule = FilterRule.Settings()
      rule.filter.margin = found.trials[number].settings[0].value
      rule.filter.neighbors = Int(found.trials[number].settings[1].value)
      let alone = try simulation.clustering(model, schedule(keeps), rule: rule)
        .run { _ in try start(simulation) }
      #expect(alone.score == found.trials[number].score)
      #expect(alone.kept.filter?.reliableCount == found.trials[number].reliableCount)
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
      let (grid, _, simulation, _) = try grid(calibrated: false)
      #expect(grid.count == 25)
      return try grid.run(width: threads, from: { _ in try start(simulation) }, report: { _, _ in })
    }
    let (one, three) = (try run(1), try run(3))
    #expect(one.weights == three.weights && one.best.labels == three.best.labels)
    #expect(one.trials.map(\.score) == three.trials.map(\.score))
    #expect(
      one.trials.map { $0.settings.map(\.value) } == three.trials.map { $0.settings.map(\.value) })
  }

  @Test func failuresEndIt() throws {
    let (grid, _, simulation, _) = try grid(calibrated: false)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try grid.run(
        width: 2, from: { _ in try start(simulation) },
        report: { trial, _ in if trial == 7 { throw Stop() } })
    }
  }
}
