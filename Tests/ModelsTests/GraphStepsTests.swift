import Autodiff
import Models
import Neighbors
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Random cells over a random directed graph, in double precision.
private struct Cells {
  let data: GraphData<Double>
  let graph: ModelGraph<Double>
  let counts: SparseMatrix<Double>

  init(_ cells: Int, genes: Int) {
    var generator = RandomGenerator(seed: 5)
    var counts = Matrix<Double>.zeros(cells, genes)
    for i in 0..<cells {
      for j in 0..<genes where generator.uniform() < 0.3 {
        counts[i, j] = Double(1 + generator.integer(below: 9))
      }
    }
    var adjacency = randomAdjacency(cells, degree: 4, seed: 6)
    for i in 0..<cells { adjacency[i, i] = 1 }
    self.counts = SparseMatrix(counts)
    data = GraphData(
      standardized: randomMatrix(cells, genes, seed: 7), counts: self.counts,
      sizeFactors: (0..<cells).map { 0.5 + Double($0 % 5) / 4 })
    graph = ModelGraph(
      adjacency: SparseMatrix(adjacency),
      propagation: Propagation(normalizedAdjacency(SparseMatrix(adjacency))))
  }

  func model(latentHops: Int) -> ScTPF<Double> {
    var shape = ScTPF<Double>.Configuration(genes: data.geneCount)
    shape.hidden = 9
    shape.latent = 4
    shape.adjacencyWidth = 5
    shape.decoder = [6, 7]
    shape.latentHops = latentHops
    let model = ScTPF<Double>(shape)
    model.parameters.initialize(seed: 3)
    return model
  }

  func batches(of model: ScTPF<Double>, _ plan: BatchPlan) -> GraphSteps<Double> {
    model.steps(over: data, graph, plan: plan)
  }
}

@Suite struct GraphStepsTests {
  @Test func everyCellStandsInOneBatchOfAnEpoch() {
    let cells = Cells(103, genes: 5)
    let batches = cells.batches(of: cells.model(latentHops: 0), BatchPlan(size: 20))
    func drawn(_ epoch: Int) -> [Buffer<Int32>] {
      batches.steps(ofEpoch: epoch, of: 2).compactMap(\.cells)
    }
    let steps = drawn(1)
    #expect(steps.count == 5)
    #expect(steps.map(\.count).allSatisfy { (20...21).contains($0) })
    #expect(steps.flatMap { Array($0) }.sorted() == (0..<103).map(Int32.init))
    #expect(steps.allSatisfy { step in Array(step) == step.sorted() })
    #expect(drawn(1).map(Array.init) == steps.map(Array.init))
    #expect(drawn(2).map(Array.init) != steps.map(Array.init))
  }

  /// With one batch of all cells the loss and its gradients equal those of all cells at once: by
  /// hop products, and through the graph.
  @Test(arguments: [0, 2]) func aBatchOfAllCellsIsTheWhole(latentHops: Int) {
    let cells = Cells(40, genes: 6)
    let model = cells.model(latentHops: latentHops)
    func gradients(_ plan: BatchPlan) -> (LossTerms, Matrix<Double>) {
      let batches = cells.batches(of: model, plan)
      let tape = Tape(model.parameters)
      let loss = model.pretrainingStep(
        batches.step(batches.steps(ofEpoch: 1, of: 1)[0], on: tape), on: tape)
      return (loss, model.parameters.gradients.matrix())
    }
    let (whole, expected) = gradients(BatchPlan())
    let (batch, found) = gradients(BatchPlan(size: 40))
    assertClose([batch.total], [whole.total], tolerance: 1e-12)
    assertClose(found, expected, tolerance: 1e-9, scale: 1e-3)
  }

  /// The ZINB part is a mean over cells: averaged over the batches of an epoch its gradient is the
  /// whole's.
  @Test(arguments: [0, 2]) func batchesAverageToTheWhole(latentHops: Int) {
    let cells = Cells(40, genes: 6)
    let model = cells.model(latentHops: latentHops)
    let tape = Tape(model.parameters)
    func zinb(_ plan: BatchPlan) -> (Double, Matrix<Double>) {
      let batches = cells.batches(of: model, plan)
      var sum = Matrix<Double>.zeros(1, model.parameters.count)
      var total = 0.0
      for plan in batches.steps(ofEpoch: 1, of: 1) {
        let batch = batches.step(plan, on: tape)
        let alone = GraphBatch(input: batch.input, target: batch.target, structure: [])
        let share = Double(plan.cells?.count ?? 40) / 40
        total += share * model.pretrainingStep(alone, on: tape).total
        for i in 0..<sum.columns { sum[0, i] += share * model.parameters.gradients[0, i] }
      }
      return (total, sum)
    }
    let (whole, expected) = zinb(BatchPlan())
    let (parts, found) = zinb(BatchPlan(size: 10))
    assertClose([parts], [whole], tolerance: 1e-12)
    assertClose(found, expected, tolerance: 1e-9, scale: 1e-3)
  }

  @Test func codesDoNotDependOnTheBatches() {
    let cells = Cells(40, genes: 6)
    let model = cells.model(latentHops: 0)
    let expected = model.codes(over: cells.batches(of: model, BatchPlan()))
    assertClose(
      model.codes(over: cells.batches(of: model, BatchPlan(size: 7))), expected, tolerance: 1e-12)
  }

  @Test func keptProductsAreThoseMadeReadyForSomeSteps() {
    let cells = Cells(40, genes: 6)
    let model = cells.model(latentHops: 0)
    var plan = BatchPlan(size: 7)
    let kept = model.codes(over: cells.batches(of: model, plan))
    plan.productBytes = 0
    #expect(model.codes(over: cells.batches(of: model, plan)) == kept)
  }

  /// Each sampled pair represents many: over many drawings the mean is the exact loss.
  @Test func sampledStructureIsUnbiased() {
    let cells = Cells(600, genes: 4)
    let model = cells.model(latentHops: 0)
    let tape = Tape(model.parameters)
    func adjacency(_ structure: StructureLoss, step: Int) -> Double {
      var plan = BatchPlan()
      plan.structure = structure
      let batch = cells.batches(of: model, plan).batch(nil, step: step, on: tape)
      #expect(batch.structure.count == (structure == .exact ? 1 : 2))
      return model.pretrainingStep(batch, on: tape).parts[0].value
    }
    let exact = adjacency(.exact, step: 0)
    let drawn = (0..<40).map { adjacency(.sampled, step: $0) }
    let mean = drawn.reduce(0, +) / 40
    let deviation = (drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39 / 40).squareRoot()
    #expect(abs(mean - exact) < 4 * deviation)
    #expect(Set(drawn).count == 40)
  }
}

@Suite struct ScheduleTests {
  @Test func theStepSizeFalls() {
    #expect(LearningRateDecay.none.rate(2, progress: 0.7) == 2)
    assertClose(
      [0, 0.5, 1].map { LearningRateDecay.cosine.rate(2, progress: $0) }, [2, 1.01, 0.02],
      tolerance: 1e-12)
  }

  @Test func trainingEndsOnAPlateau() throws {
    let cells = Cells(40, genes: 6)
    let model = cells.model(latentHops: 0)
    let plan = BatchPlan()
    var schedule = PretrainingSchedule(epochs: 50, learningRate: 1e-12)
    schedule.patience = 3
    #expect(
      try pretrain(model, on: cells.batches(of: model, plan), schedule: schedule).count == 4)
    schedule.patience = nil
    #expect(
      try pretrain(model, on: cells.batches(of: model, plan), schedule: schedule).count == 50)
  }
}
