import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A training that goes on from any of its steps ends as the one that was never interrupted.
@Suite struct ResumptionTests {
  private typealias State = TrainingState<Float>

  /// Trains once while all states are kept, then from each of them; `train` returns what is to be
  /// equal.
  private func compare<Result: Equatable>(
    steps: Int, _ train: (Resumption<Float>) throws -> Result
  ) throws {
    var states: [State] = []
    let whole = try train(Resumption(from: nil) { _, state in states.append(state()) })
    #expect(states.count == steps)
    for (number, state) in states.enumerated() {
      let again = try train(Resumption(from: state) { _, _ in })
      #expect(again == whole, "from step \(number + 1)")
    }
  }

  private struct Trained: Equatable {
    var weights: ModelWeights
    var curve: [LossTerms]
    var labels: [Int] = []
    var reliability: [Reliability] = []
    var latent: Matrix<Float>?
    var figures: [Double] = []
    var snapshots: [TrainingSnapshot] = []
  }

  @Test(arguments: [(nil, 5), (40, 15)]) func pretraining(_ size: Int?, _ steps: Int) throws {
    let simulation = try Simulation(cells: 120, seed: 2)
    try compare(steps: steps) { resumption in
      var shape = ScTPF<Float>.Configuration(genes: 60)
      if size != nil { shape.latentHops = 0 }
      let model = ScTPF<Float>(shape)
      model.parameters.initialize(seed: 7)
      var schedule = PretrainingSchedule(epochs: 5, learningRate: 1e-3)
      schedule.decay = .cosine
      let curve = try pretrain(
        model, on: simulation.batches(of: model, size: size), schedule: schedule,
        resumption: resumption)
      return Trained(weights: model.weights, curve: curve)
    }
  }

  /// The end on a plateau comes at the same epoch.
  @Test func plateau() throws {
    let simulation = try Simulation(cells: 60, seed: 3)
    try compare(steps: 4) { resumption in
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60))
      model.parameters.initialize(seed: 7)
      var schedule = PretrainingSchedule(epochs: 50, learningRate: 1e-4)
      (schedule.patience, schedule.tolerance) = (3, 0.9)
      let curve = try pretrain(
        model, on: simulation.batches(of: model), schedule: schedule, resumption: resumption)
      return Trained(weights: model.weights, curve: curve)
    }
  }

  @Test(arguments: [KeptState.best, .last], [nil, 40])
  func clustering(_ keeps: KeptState, _ size: Int?) throws {
    let simulation = try Simulation(cells: 120, seed: 4)
    var schedule = Simulation.schedule(epochs: 7, interval: 3)
    (schedule.keeps, schedule.keepsSnapshots) = (keeps, true)
    var settings = FilterRule.Settings()
    settings.reliableShare = 1
    (settings.calibration.setsMargin, settings.calibration.setsNeighbors) = (true, size != nil)
    let start = simulation.truth.enumerated().map { i, type in i % 5 == 0 ? (type + 1) % 3 : type }
    try compare(steps: size == nil ? 7 : 21) { resumption in
      var shape = ScTPF<Float>.Configuration(genes: 60)
      if size != nil { shape.latentHops = 0 }
      let model = ScTPF<Float>(shape, clusters: 3)
      model.parameters.initialize(seed: 7)
      let training = simulation.clustering(model, schedule, size: size, rule: settings)
      let outcome = try training.run(
        from: { _ in try StartingPartition(labels: start, adjacency: simulation.adjacency) },
        resumption: resumption)
      return Trained(
        weights: model.weights, curve: outcome.curve, labels: outcome.labels,
        reliability: try #require(outcome.kept.filter).reliability, latent: outcome.latent,
        figures: [
          outcome.score ?? 0, outcome.lastScore ?? 0, Double(outcome.keptEpoch),
          Double(outcome.kept.addedEdges), outcome.kept.filter?.margin ?? 0,
        ] + training.rule.settings.map(\.value), snapshots: outcome.snapshots)
    }
  }

  @Test func pretrainingOfPairedData() throws {
    let data = PairedSimulation(cells: 90, seed: 3).data()
    try compare(steps: 12) { resumption in
      let model = ScEMC<Float>(small(for: data))
      model.initialize(seed: 5)
      let curve = try pretrain(
        model, on: PairedSteps(data, size: 32, seed: 0), schedule: pairedPretraining(epochs: 4),
        resumption: resumption)
      return Trained(weights: model.weights, curve: curve)
    }
  }

  @Test(arguments: [KeptState.best, .last]) func clusteringOfPairedData(_ keeps: KeptState) throws {
    let simulation = PairedSimulation(cells: 90, seed: 3)
    let data = simulation.data()
    let weights = try pretrainedWeights(data)
    var schedule = pairedSchedule(epochs: 4)
    (schedule.keeps, schedule.patience) = (keeps, 9)
    try compare(steps: 12) { resumption in
      let model = ScEMC<Float>(small(for: data), clusters: 3)
      try model.load(weights)
      let outcome = try pairedTraining(model, data, schedule, size: 32, stableShare: 0).run(
        from: { codes in
          keeps == .best
            ? try scoredByTruth(simulation.truth, from: simulation.truth)
            : try StartingPartition(.kmeans, simulation.truth, nil)
        }, resumption: resumption)
      return Trained(
        weights: model.weights, curve: outcome.curve, labels: outcome.labels,
        latent: outcome.latent,
        figures: [outcome.last.changed ?? -1, Double(outcome.keptEpoch), outcome.score ?? -1])
    }
  }

  /// States of another model, of other cells, or with something missing are refused, not believed.
  @Test func misfits() throws {
    let simulation = try Simulation(cells: 60, seed: 2)
    func run(_ resumption: Resumption<Float>) throws {
      let model = ScTPF<Float>(ScTPF.Configuration(genes: 60), clusters: 3)
      model.parameters.initialize(seed: 7)
      _ = try simulation.clustering(model, Simulation.schedule(epochs: 2)).run(
        from: { _ in
          try StartingPartition(labels: simulation.truth, adjacency: simulation.adjacency)
        }, resumption: resumption)
    }
    var good: State?
    try run(Resumption(from: nil) { _, state in good = good ?? state() })
    let state = try #require(good)
    try run(Resumption(from: state) { _, _ in })
    var bad: [State] = []
    for name in state.matrices.keys where !name.hasSuffix("statistics") {
      bad.append(state)
      bad[bad.count - 1].matrices[name] = .zeros(2, 2)
    }
    for name in state.numbers.keys where !name.hasSuffix("changed") {
      bad.append(state)
      bad[bad.count - 1].numbers[name] = nil
    }
    for (name, value) in [
      ("last.labels", 3.0), ("best.labels", -1), ("last.reliability", 4),
      ("last.labels", .nan), ("progress", 0), ("stale", -1), ("best.counts", 1e300),
    ] {
      bad.append(state)
      bad[bad.count - 1].numbers[name]?[0] = value
    }
    bad.append(state)
    bad[bad.count - 1].curve = []
    bad.append(state)
    bad[bad.count - 1].curve += [state.curve[0], state.curve[0]]
    #expect(bad.count > 20)
    for state in bad {
      #expect(throws: ResumptionFault.self) { try run(Resumption(from: state) { _, _ in }) }
    }
  }
}
