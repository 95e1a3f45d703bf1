import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

private func small(genes: Int) -> ScDeepCluster<Float>.Configuration {
  var configuration = ScDeepCluster<Float>.Configuration(genes: genes)
  (configuration.encoder, configuration.latent, configuration.decoder) = ([32, 16], 4, [16, 32])
  configuration.noise = 1
  return configuration
}

/// Trained as published, but shorter: k-means on the codes, then renewed targets.
private func trained(_ data: PairedData<Float>, epochs: Int = 30, clustering: Int = 8) throws -> (
  outcome: ClusteringOutcome, curve: [LossTerms], weights: ModelWeights
) {
  let model = ScDeepCluster<Float>(small(genes: data.rna.targetCount), clusters: 3)
  model.initialize(seed: 5)
  var pretraining = ScDeepClusterPretraining.paper
  pretraining.epochs = epochs
  let curve = try pretrain(
    model, on: PairedSteps(data, size: 64, seed: 0), schedule: pretraining.schedule(cells: 300))
  var schedule = ScDeepClusterClustering.paper.schedule
  schedule.epochs = clustering
  let outcome = try GuardedTraining(
    model, on: PairedSteps(data, size: 64, seed: 1), rule: TargetRule(stableShare: 0),
    schedule: schedule
  ).run { codes in
    try StartingPartition(
      .kmeans, graph: nil, codes: codes, others: [], clusters: 3, isScored: false, seed: 0)
  }
  return (outcome, curve, model.weights)
}

@Suite(.serialized) struct ScDeepClusterTests {
  @Test func trainingFindsTheTypesAtAnyNumberOfThreads() throws {
    let simulation = PairedSimulation(cells: 300, seed: 2)
    // Two types differ in their proteins alone: the RNA shows two kinds of cells.
    let data = simulation.data(.none)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = try trained(data)
    #expect(first.curve[29].total < first.curve[0].total)
    #expect(first.outcome.curve[0].parts.map(\.name) == ["zinb", "cluster"])
    let ofFirst = zip(first.outcome.labels, simulation.truth).filter { $0.1 == 0 }.map(\.0)
    let others = zip(first.outcome.labels, simulation.truth).filter { $0.1 != 0 }.map(\.0)
    #expect(Set(ofFirst).isDisjoint(with: Set(others)))
    Threads.count = 2
    let second = try trained(data)
    #expect(first.weights == second.weights && first.outcome.curve == second.outcome.curve)
    #expect(first.outcome.latent == second.outcome.latent)
  }

  /// Weights and codes of pretraining belong to the cells, in any order.
  @Test func theOrderOfTheRowsDoesNotMatter() throws {
    let simulation = PairedSimulation(cells: 230, seed: 3)
    var generator = RandomGenerator(seed: 9)
    let order = generator.permutation(230)
    func codes(_ data: PairedData<Float>) throws -> Matrix<Float> {
      let model = ScDeepCluster<Float>(small(genes: 40))
      model.initialize(seed: 1)
      let steps = PairedSteps(data, size: 64, seed: 0)
      var schedule = PretrainingSchedule(epochs: 3, learningRate: 1e-3)
      schedule.optimizer = .amsgrad
      _ = try pretrain(model, on: steps, schedule: schedule)
      return model.codes(over: steps)
    }
    let first = try codes(simulation.data(.none))
    #expect(try codes(simulation.reordered(order).data(.none)) == first.selectingRows(order))
  }

  @Test(arguments: NoiseSite.allCases)
  func aStepAllocatesNothingAfterTheSecond(_ site: NoiseSite) {
    let data = PairedSimulation(cells: 300, seed: 1).data(.none)
    var configuration = small(genes: 40)
    configuration.noiseSite = site
    let model = ScDeepCluster<Float>(configuration, clusters: 3)
    model.initialize(seed: 1)
    let tape = Tape(model.parameters)
    let steps = PairedSteps(data, size: 60, seed: 1)
    steps.targets = Matrix(rows: 300, columns: 3, elements: Buffer(repeating: 1.0 / 3, count: 900))
    var allocations: [Int] = []
    for plan in steps.steps(ofEpoch: 1, of: 1) {
      _ = model.clusteringStep(steps.step(plan, on: tape), on: tape)
      allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(allocations.count == 5 && allocations.dropFirst(2).allSatisfy { $0 == allocations[1] })
  }

  /// P belongs to the cells and not to their places in a batch, and stays until the rule renews it.
  @Test func targetsGoWithTheirCells() throws {
    let data = PairedSimulation(cells: 50, seed: 1).data(.none)
    let steps = PairedSteps(data, size: 8, seed: 4)
    let targets = Matrix<Float>((0..<50).map { [Float($0), Float(-$0)] })
    steps.targets = targets
    let tape = Tape(Parameters<Float>())
    for epoch in 1...2 {
      for plan in steps.steps(ofEpoch: epoch, of: 2) {
        let batch = steps.step(plan, on: tape)
        let cells = try #require(plan.cells).map { Int($0) }
        #expect(try #require(batch.targets).matrix() == targets.selectingRows(cells))
      }
    }
  }

  @Test func theRuleRenewsTargetsAndEndsWithStableLabels() throws {
    let data = PairedSimulation(cells: 90, seed: 1).data(.none)
    let state = try trained(data, epochs: 1, clustering: 2).outcome.last
    let steps = PairedSteps(data, size: 8, seed: 4)
    let centers = randomMatrix(3, 4, seed: 1).converted(to: Float.self)
    #expect(steps.targets == nil)
    TargetRule<PairedSteps<Float>>(stableShare: 0).follow(state, centers: centers, over: steps)
    let shares = softAssignment(of: Window(reading: state.latent), to: Window(reading: centers))
    #expect(try #require(steps.targets) == targetDistribution(of: shares, order: data.order))
    let changed = try #require(state.changed)
    #expect(!TargetRule<PairedSteps<Float>>(stableShare: changed).isConverged(state))
    #expect(TargetRule<PairedSteps<Float>>(stableShare: changed + 0.01).isConverged(state))
  }

  /// The agreement of the losses' gradients can be asked for, as of every model with clusters.
  @Test func theLossesAreDiagnosed() throws {
    let simulation = PairedSimulation(cells: 120, seed: 2)
    let steps = PairedSteps(simulation.data(.none), size: 120, seed: 0)
    let model = ScDeepCluster<Float>(small(genes: 40), clusters: 3)
    model.initialize(seed: 3)
    let codes = model.codes(over: steps)
    model.centerValues.copy(from: clusterMeans(of: codes, simulation.truth, clusters: 3))
    steps.targets = targetDistribution(of: model.assignment(of: codes).shares)
    let found = try model.gradientAgreement(
      over: steps, targets: Buffer(simulation.truth.map { Int32($0) }))
    #expect((-1...1).contains(try #require(found.randomness)))
    #expect((-1...1).contains(try #require(found.drift)))
  }

  @Test func presets() {
    let paper = ScDeepClusterPretraining.paper.schedule(cells: 1000)
    #expect(paper.epochs == 400 && paper.patience == 50 && paper.optimizer == .amsgrad)
    let released = ScDeepClusterPretraining.released.schedule(cells: 1000)
    #expect(released.epochs == 300 && released.patience == nil)
    let clustering = ScDeepClusterClustering.released
    #expect(clustering.schedule.optimizer == .adadelta && clustering.schedule.learningRate == 1)
    #expect(clustering.floor == .added(1e-6) && clustering.gamma == 1)
    #expect(ScDeepClusterClustering.standard.schedule.keeps == .best)
  }
}
