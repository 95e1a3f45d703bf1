import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Λ_FR and Λ_FD, and the gradients that they compare.
@Suite struct GradientAgreementTests {
  /// A tiny model of 12 cells × 6 genes in Double, its weights drawn, and its graph: a ring of the
  /// five nearest.
  private struct Tiny {
    let model: ScTPF<Double>
    let steps: GraphSteps<Double>
    let reliable = Buffer<UInt8>((0..<12).map { $0 % 4 == 1 ? 0 : 1 })
    let targets = Buffer<Int32>((0..<12).map { $0 == 5 ? -1 : Int32($0 % 3) })

    init(trainsCenters: Bool = true, usesLikelihood: Bool = true) {
      var shape = ScTPF<Double>.Configuration(genes: 6)
      (shape.hidden, shape.latent, shape.adjacencyWidth, shape.hops) = (4, 3, 3, 2)
      shape.latentHops = 1
      shape.decoder = [4, 5]
      (shape.trainsCenters, shape.usesLikelihood) = (trainsCenters, usesLikelihood)
      model = ScTPF(shape, clusters: 3)
      model.parameters.initialize(seed: 11)
      if let centers = model.centers {
        model.parameters.weights(of: centers).copy(from: randomMatrix(3, 3, seed: 5))
      }
      var generator = RandomGenerator(seed: 3)
      let counts = Matrix<Double>(
        (0..<12).map { i in
          (0..<6).map { ($0 / 2 == i % 3 ? 4 : 0) + (3 * generator.uniform()).rounded(.down) }
        })
      let ring = SparseMatrix<Float>(
        Matrix((0..<12).map { i in (0..<12).map { (i - $0 + 14) % 12 < 5 ? 1 : 0 } }))
      steps = model.steps(
        over: GraphData(
          standardized: randomMatrix(12, 6, seed: 9), counts: SparseMatrix(counts),
          sizeFactors: (0..<12).map { 0.5 + Double($0) / 10 }),
        ModelGraph(adjacency: ring, normalized: ring.mapValues { $0 / 5 }), plan: BatchPlan())
      steps.trusted = reliable
    }

    func loss(_ objective: ClusteringObjective, on tape: Tape<Double>) -> Double {
      model.clusteringStep(steps.batch(nil, step: 0, on: tape), objective, on: tape).total
    }

    /// By central differences of the loss, one weight after the other.
    func differences(_ objective: ClusteringObjective) -> [Double] {
      centralDifferences(of: model.parameters) { loss(objective, on: $0) }
    }
  }

  @Test(
    "each gradient, and then the cosines, agree with finite differences", arguments: [true, false])
  func finiteDifferences(usesLikelihood: Bool) throws {
    let tiny = Tiny(usesLikelihood: usesLikelihood)
    let tape = Tape(tiny.model.parameters)
    let objectives: [ClusteringObjective] = [
      .pseudoSupervised, .supervised(targets: tiny.targets), .selfSupervised,
    ]
    var numeric: [[Double]] = []
    for objective in objectives {
      #expect(tiny.loss(objective, on: tape) > 0)
      let gradient = Array(tiny.model.parameters.gradients.matrix().elements)
      numeric.append(tiny.differences(objective))
      let size = gradient.map(abs).max() ?? 0
      #expect(size > 1e-3)
      for (analytic, other) in zip(gradient, numeric[numeric.count - 1]) {
        #expect(abs(analytic - other) <= 1e-6 * max(1, size))
      }
    }
    let agreement = try tiny.model.gradientAgreement(over: tiny.steps, targets: tiny.targets)
    let randomness = try #require(agreement.randomness)
    let drift = try #require(agreement.drift)
    #expect(abs(randomness - (try #require(cosine(numeric[0], numeric[1])))) < 1e-6)
    #expect(abs(drift - (try #require(cosine(numeric[0], numeric[2])))) < 1e-6)
    #expect(abs(randomness) < 0.999 && abs(drift) < 0.999)
  }

  @Test("centers that are not trained have no part in it")
  func frozenCenters() throws {
    let tiny = Tiny()
    func agreement(_ isFrozen: Bool) throws -> GradientAgreement {
      let tiny = Tiny(trainsCenters: !isFrozen)
      return try tiny.model.gradientAgreement(over: tiny.steps, targets: tiny.targets)
    }
    let centers = try #require(tiny.model.centers)
    var cut = [tiny.differences(.pseudoSupervised)]
    cut.append(tiny.differences(.supervised(targets: tiny.targets)))
    // The centers are declared last.
    let expected = cosine(
      cut[0].dropLast(centers.count).map { $0 }, cut[1].dropLast(centers.count).map { $0 })
    let found = try #require(try agreement(true).randomness)
    #expect(abs(found - (try #require(expected))) < 1e-6)
    #expect(try agreement(false) != agreement(true))
  }

  @Test(
    "1 where the given clusters are the model's own; nothing where no cell is trusted, or none given"
  )
  func extremes() throws {
    let tiny = Tiny()
    let tape = Tape(tiny.model.parameters)
    let codes = tiny.model.embed(tiny.steps.batch(nil, step: 0, on: tape), on: tape).value
    let centers = try #require(tiny.model.centers)
    let soft = softAssignment(of: codes, to: tiny.model.parameters.weights(of: centers))
    let own = (0..<12).map { i in (0..<3).max { soft[i, $0] < soft[i, $1] } ?? 0 }
    func agreement(_ reliable: UInt8, _ targets: Buffer<Int32>?) throws -> GradientAgreement {
      tiny.steps.trusted = Buffer(repeating: reliable, count: 12)
      return try tiny.model.gradientAgreement(over: tiny.steps, targets: targets)
    }
    let same = try #require(try agreement(1, Buffer(own.map { Int32($0) })).randomness)
    #expect(abs(same - 1) < 1e-12)
    let none = try agreement(0, Buffer(own.map { Int32($0) }))
    #expect(none == GradientAgreement(randomness: nil, drift: nil))
    #expect(try agreement(1, nil).randomness == nil && agreement(1, nil).drift != nil)
    #expect(try agreement(1, Buffer(repeating: -1, count: 12)).randomness == nil)
  }

  @Test("weights that are not finite are reported")
  func notFinite() {
    let tiny = Tiny()
    tiny.model.parameters.weights[0, 0] = .nan
    #expect(throws: ModelFault.self) {
      try tiny.model.gradientAgreement(over: tiny.steps, targets: nil)
    }
  }

  @Test func cosines() {
    #expect(cosine([3, -4], [3, -4]) == 1)
    #expect(cosine([3, -4], [-6, 8]) == -1)
    #expect(cosine([2, 0], [0, 5]) == 0)
    #expect(cosine([0, 0], [1, 2]) == nil)
    #expect(cosine([1e-38, 0], [1e-30, 0]) == 1)
    #expect(cosine([1e38, 1e38], [1e38, 0]).map { abs($0 - 0.5.squareRoot()) < 1e-12 } == true)
  }
}

/// The snapshots that the clustering loop keeps.
@Suite struct SnapshotTests {
  @Test("kept only where it is asked for, without another result; every run of the filter is in it")
  func snapshots() throws {
    let simulation = try Simulation(cells: 120, seed: 4)
    func run(_ keepsSnapshots: Bool) throws -> (ClusteringOutcome, ModelWeights) {
      let model = ScTPF<Float>(.init(genes: 60), clusters: 3)
      model.parameters.initialize(seed: 7)
      var schedule = Simulation.schedule(epochs: 7, interval: 3)
      (schedule.keeps, schedule.keepsSnapshots) = (.last, keepsSnapshots)
      var rule = FilterRule.Settings()
      rule.reliableShare = 1
      let outcome = try simulation.clustering(model, schedule, rule: rule).run { _ in
        try StartingPartition(labels: simulation.truth, adjacency: simulation.adjacency)
      }
      return (outcome, model.weights)
    }
    let (with, weights) = try run(true)
    let (without, same) = try run(false)
    #expect(without.snapshots.isEmpty && weights == same && with.labels == without.labels)
    #expect(with.snapshots.map(\.epoch) == [0, 3, 6, 7])
    let last = try #require(with.snapshots.last)
    #expect(last.weights == weights && last.latent == with.latent)
    #expect(last.reliability == with.kept.filter?.reliability)
    #expect(with.snapshots[0].weights != last.weights)
  }

  /// The given clusters are those of the state, and the graph is that of T.
  @Test func agreementAtAState() throws {
    let simulation = try Simulation(cells: 90, seed: 6)
    let model = ScTPF<Float>(.init(genes: 60), clusters: 3)
    model.parameters.initialize(seed: 7)
    _ = try pretrain(
      model, on: simulation.batches(of: model),
      schedule: PretrainingSchedule(epochs: 30, learningRate: 2e-3))
    var schedule = Simulation.schedule(epochs: 16)
    schedule.keepsSnapshots = true
    let outcome = try simulation.clustering(model, schedule).run { _ in
      try StartingPartition(labels: simulation.truth, adjacency: simulation.adjacency)
    }
    var seen: [[Int]] = []
    for state in outcome.snapshots {
      let agreement = try model.gradientAgreement(
        at: state, over: simulation.batches(of: model),
        rule: FilterRule(FilterRule.Settings(), adjacency: simulation.adjacency)
      ) { assignment in
        seen.append(assignment)
        return Buffer(simulation.truth.map { Int32($0) })
      }
      // All cells are right: only those that the filter leaves out distinguish the two losses.
      #expect(try #require(agreement.randomness) > 0.8)
      #expect((-1...1).contains(try #require(agreement.drift)))
    }
    #expect(seen.count == outcome.snapshots.count && seen.allSatisfy { $0 == simulation.truth })
  }
}
