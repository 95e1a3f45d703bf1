import Autodiff
import Models
import Neighbors
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Models whose decoder sees the batches of the cells.
@Suite struct BatchCovariateTests {
  private static let (cells, genes) = (14, 6)
  /// The last of three batches has no cells.
  private static let covariate = BatchCovariate(
    Buffer((0..<cells).map { Int32($0 % 3 == 0 ? 1 : 0) }), count: 3)
  private static let counts = SparseMatrix(randomCounts(cells, genes, seed: 2))
  private static let sizeFactors = (0..<cells).map { 0.5 + Double($0 % 5) / 4 }

  private static let data: GraphData<Double> = {
    var data = GraphData(
      standardized: randomMatrix(cells, genes, seed: 7), counts: counts, sizeFactors: sizeFactors)
    data.covariate = covariate
    return data
  }()

  private static let pairedData: PairedData<Double> = {
    let rna = Measurement(
      randomMatrix(cells, genes, seed: 7), counts: counts, sizeFactors: sizeFactors)
    var data = PairedData(rna: rna, second: nil)
    data.covariate = covariate
    return data
  }()

  /// The same with a second measurement.
  private static let bothData: PairedData<Double> = {
    let rna = Measurement(
      randomMatrix(cells, genes, seed: 7), counts: counts, sizeFactors: sizeFactors)
    let second = Measurement(
      randomMatrix(cells, 4, seed: 17), counts: SparseMatrix(randomCounts(cells, 4, seed: 12)),
      sizeFactors: sizeFactors)
    var data = PairedData(rna: rna, second: second)
    data.covariate = covariate
    return data
  }()

  private static let graph: ModelGraph<Double> = {
    var adjacency = randomAdjacency(cells, degree: 3, seed: 6)
    for i in 0..<cells { adjacency[i, i] = 1 }
    return ModelGraph(
      adjacency: SparseMatrix(adjacency),
      propagation: Propagation(normalizedAdjacency(SparseMatrix(adjacency))))
  }()

  /// A layer of [Z, onehot(b)] is one of Z with a bias for every batch.
  @Test func oneHotColumnsAreABiasForEveryBatch() {
    let covariate = Self.covariate
    let (codes, kernel) = (randomMatrix(Self.cells, 4, seed: 1), randomMatrix(7, 5, seed: 2))
    let tape = Tape(Parameters<Double>())
    let seen = tape.conditioned(
      tape.constant(Window(reading: codes)), on: covariate, batches: 3)
    let found = tape.product(seen, tape.constant(Window(reading: kernel))).value.matrix()
    var expected = Matrix.product(codes, kernel.selectingRows([0, 1, 2, 3]))
    for i in 0..<Self.cells {
      for j in 0..<5 { expected[i, j] += kernel[4 + Int(covariate.batches[i]), j] }
    }
    assertClose(found, expected, tolerance: 1e-12)
  }

  /// Gradients of all weights, with those of the batches, against central differences.
  private func check<Model: TrainableModel>(
    _ model: Model, decoder: String = "decoder.0", encoder: String = "encoder",
    _ losses: (Tape<Double>) -> LossTerms
  ) throws where Model.S == Double {
    let tape = Tape(model.parameters)
    _ = losses(tape)
    let found = Array(model.parameters.gradients.matrix().elements)
    assertClose(
      found, centralDifferences(of: model.parameters) { losses($0).total }, tolerance: 1e-5,
      scale: 1e-2, Model.name)
    let kernel = try #require(model.parameters["\(decoder).kernel"])
    let rows = model.parameters.gradient(of: kernel).matrix()
    let batches = (rows.rows - 3..<rows.rows).map { row in
      (0..<rows.columns).contains { rows[row, $0] != 0 }
    }
    #expect(batches == [true, true, false])
    guard let biases = model.parameters["\(encoder).batches"] else { return }
    let own = model.parameters.gradient(of: biases).matrix()
    #expect(own.rows == 3 && own.elements.contains { $0 != 0 })
    #expect((0..<own.columns).allSatisfy { own[2, $0] == 0 })
  }

  /// Codes of steps, and codes of cells that the model need not have learned from, with and without
  /// the whole graph in a step.
  @Test(arguments: [0, 2]) func anEncoderSeesTheBatchOfEveryCell(latentHops: Int) throws {
    var shape: ScTPF<Float>.Configuration = small(encoded: true)
    shape.latentHops = latentHops
    let model = ScTPF<Float>(shape)
    model.initialize(seed: 5)
    let biases = try #require(model.parameters["encoder.batches"])
    func codes(_ covariate: BatchCovariate, _ size: Int?) -> Matrix<Float> {
      var data = GraphData<Float>(
        input: Self.values, counts: Self.floatCounts, sizeFactors: Self.ones)
      data.covariate = covariate
      return model.codes(
        over: model.steps(over: data, Self.floatGraph, plan: BatchPlan(size: size)))
    }
    let plain = codes(Self.covariate, nil)
    model.parameters.weights(of: biases).copy(
      from: randomMatrix(3, 5, seed: 9).converted(to: Float.self))
    let found = codes(Self.covariate, nil)
    #expect(found != plain)
    assertClose(codes(Self.covariate, 4), found, tolerance: 1e-5, scale: 1)
    assertClose(
      model.codes(of: Self.values, over: Self.normalized, batches: Self.covariate), found,
      tolerance: 1e-5, scale: 1)
    let others = BatchCovariate(Buffer(repeating: 2, count: Self.cells), count: 3)
    #expect(codes(others, nil) != found)
  }

  private static let floatCounts = SparseMatrix(
    randomCounts(cells, genes, seed: 2).converted(to: Float.self))
  private static let values = StandardizedMatrix(unscaled: floatCounts)
  private static let ones = [Float](repeating: 1, count: cells)
  private static let normalized = normalizedAdjacency(
    graph.adjacency.mapValues { Float($0) })
  private static let floatGraph = ModelGraph<Float>(graph.adjacency.mapValues { Float($0) })

  private func small<S: EngineScalar>(encoded: Bool = false) -> ScTPF<S>.Configuration {
    var shape = ScTPF<S>.Configuration(genes: Self.genes)
    shape.encodesBatches = encoded
    (shape.hidden, shape.latent, shape.adjacencyWidth) = (5, 3, 4)
    (shape.decoder, shape.latentHops, shape.batches) = ([6, 5], 0, 3)
    return shape
  }

  @Test(arguments: [nil, 5], [false, true])
  func gradientsOfScTPF(_ size: Int?, encoded: Bool) throws {
    let model = ScTPF<Double>(small(encoded: encoded), clusters: 2)
    model.initialize(seed: 3)
    model.centerValues.copy(from: randomMatrix(2, 3, seed: 8))
    let steps = model.steps(over: Self.data, Self.graph, plan: BatchPlan(size: size))
    let plan = steps.steps(ofEpoch: 1, of: 1)[0]
    // A step on some cells may lack a batch.
    let known = Set(steps.step(plan, on: Tape(model.parameters)).covariate?.batches ?? Buffer([]))
    try #require(known == [0, 1])
    try check(model) { model.pretrainingStep(steps.step(plan, on: $0), on: $0) }
    try check(model) { model.clusteringStep(steps.step(plan, on: $0), on: $0) }
  }

  @Test(arguments: [false, true]) func gradientsOfScDeepCluster(encoded: Bool) throws {
    var shape = ScDeepCluster<Double>.Configuration(genes: Self.genes)
    (shape.encoder, shape.latent, shape.decoder, shape.batches) = ([6, 5], 3, [5, 6], 3)
    (shape.noise, shape.encodesBatches) = (0.3, encoded)
    let model = ScDeepCluster<Double>(shape)
    model.initialize(seed: 4)
    let steps = PairedSteps(Self.pairedData, size: Self.cells, seed: 1)
    let plan = steps.steps(ofEpoch: 1, of: 1)[0]
    try check(model) { model.pretrainingStep(steps.step(plan, on: $0), on: $0) }
    let desk = ScziDesk(model)
    try check(desk) { desk.pretrainingStep(steps.step(plan, on: $0), on: $0) }
  }

  @Test(arguments: [false, true]) func gradientsOfScMDC(encoded: Bool) throws {
    var shape = ScMDC<Double>.Configuration(genes: Self.genes, features: 4)
    (shape.encoder, shape.decoder, shape.secondDecoder) = ([6, 3], [5], [4])
    (shape.batches, shape.encodesBatches, shape.phi) = (3, encoded, 0)
    let model = ScMDC<Double>(shape)
    model.initialize(seed: 4)
    try checkBoth(model)
  }

  @Test(arguments: [false, true]) func gradientsOfScEMC(encoded: Bool) throws {
    var shape = ScEMC<Double>.Configuration(genes: Self.genes, features: 4)
    (shape.encoder, shape.decoder, shape.secondDecoder) = ([6, 3], [5], [4])
    (shape.batches, shape.encodesBatches, shape.phi) = (3, encoded, 0)
    let model = ScEMC<Double>(shape)
    model.initialize(seed: 4)
    try checkBoth(model)
    #expect((model.parameters["encoder.second.batches"] != nil) == encoded)
  }

  /// The gradients of a model of two measurements, in the decoders and encoders of both. L_kl, φ
  /// times, holds its p constant, which central differences do not.
  private func checkBoth<Model: TrainableModel>(
    _ model: Model, decoders: [String] = ["decoder.rna.0", "decoder.second.0"],
    encoders: [String] = ["encoder", "encoder.second"]
  ) throws where Model.S == Double, Model.Source == PairedSteps<Double> {
    let steps = PairedSteps(Self.bothData, size: Self.cells, seed: 1)
    let plan = steps.steps(ofEpoch: 1, of: 1)[0]
    for (decoder, encoder) in zip(decoders, encoders) {
      try check(model, decoder: decoder, encoder: encoder) {
        model.pretrainingStep(steps.step(plan, on: $0), on: $0)
      }
    }
  }

  /// Models that explain counts by the cells' totals. In DCCA the heads of the second measurement
  /// read its code.
  @Test(arguments: [false, true]) func gradientsOfDCCA(encoded: Bool) throws {
    var shape = DCCA<Double>.Configuration(genes: 0, features: 0)
    (shape.rnaEncoder, shape.rnaDecoder, shape.secondEncoder) = ([4], [3], [4, 3])
    (shape.latent, shape.decay) = (2, 0)
    try checkBoth(
      initialized(DCCA(ready(shape, encoded: encoded))),
      decoders: ["rna.decoder.0", "second.scale"],
      encoders: ["rna.encoder", "second.encoder"])
  }

  @Test(arguments: [false, true]) func gradientsOfScMCs(encoded: Bool) throws {
    var shape = ScMCs<Double>.Configuration(genes: 0, features: 0)
    (shape.rnaEncoder, shape.secondEncoder, shape.latent) = ([5, 4], [4], 3)
    try checkBoth(
      initialized(ScMCs(ready(shape, encoded: encoded))),
      decoders: ["rna.decoder.0", "second.decoder.0"],
      encoders: ["rna.encoder", "second.encoder"])
  }

  /// The encoders of the totals see the batches too.
  @Test(arguments: [false, true]) func gradientsOfScMVAE(encoded: Bool) throws {
    var shape = ScMVAE<Double>.Configuration(genes: 0, features: 0)
    (shape.rnaEncoder, shape.secondEncoder, shape.library) = ([4], [4, 3], [3])
    (shape.shared, shape.rnaDecoder, shape.secondDecoder) = ([3, 6], [4], [])
    (shape.latent, shape.components, shape.decay) = (2, 3, 0)
    try checkBoth(
      initialized(ScMVAE(ready(shape, encoded: encoded))),
      decoders: ["shared.0", "shared.0", "shared.0"],
      encoders: ["rna.encoder", "second.encoder", "second.library.encoder"])
  }

  /// The shape for the data of both measurements.
  private func ready<Shape: PairedCountShape>(_ given: Shape, encoded: Bool) -> Shape
  where Shape.S == Double {
    var shape = given
    shape.fit(to: Self.bothData, secondIsBinary: false)
    #expect(shape.batches == 3 && !shape.encodesBatches)
    shape.encodesBatches = encoded
    return shape
  }

  /// With biases away from 0: under dropout a rectifier is at its corner if they are 0.
  private func initialized<Model: TrainableModel>(_ model: Model) -> Model where Model.S == Double {
    model.initialize(seed: 3)
    for parameter in model.parameters.all where parameter.name.hasSuffix("bias") {
      let window = model.parameters.weights(of: parameter)
      for j in 0..<window.columns { window[0, j] = 0.3 + 0.01 * Double(j) }
    }
    return model
  }

  /// All layers, and a layer that learns alone, which reads the values and gives the codes.
  @Test(arguments: [[5, 3], [3]], [false, true])
  func gradientsOfDESC(_ widths: [Int], encoded: Bool) throws {
    var shape = DESC<Double>.Configuration(genes: Self.genes, encoder: widths)
    (shape.batches, shape.encodesBatches) = (3, encoded)
    let model = DESC(shape)
    model.initialize(seed: 4)
    let steps = PairedSteps(Self.pairedData, size: Self.cells, seed: 1)
    let plan = steps.steps(ofEpoch: 1, of: 1)[0]
    let decoder = "decoder.\(widths.count - 1)"
    try check(model, decoder: decoder) { model.pretrainingStep(steps.step(plan, on: $0), on: $0) }
    guard widths.count == 1 else { return }
    try check(model, decoder: decoder) { tape in
      let loss = model.layerLoss(0, steps.step(plan, on: tape), on: tape) { number, rows, columns in
        let key = NoiseKey(seed: 7, stream: UInt64(number))
        return tape.dropoutMask(rows: rows, columns: columns, rate: 0.2, key: key)
      }
      tape.backward()
      return LossTerms([loss])
    }
  }

  @Test func gradientsOfScDSC() throws {
    var shape = ScDSC<Double>.Configuration(genes: Self.genes)
    (shape.encoder, shape.codes, shape.decoder, shape.batches) = ([6, 5], [3], [5, 6], 3)
    let model = ScDSC<Double>(shape)
    model.initialize(seed: 4)
    let steps = model.steps(over: Self.data, Self.graph, plan: BatchPlan())
    try check(model) { model.pretrainingStep(steps.batch(nil, step: 0, on: $0), on: $0) }
  }

  /// A batch belongs to its cell and not to a place in a step.
  @Test func batchesGoWithTheirCells() throws {
    let model = ScTPF<Double>(small(encoded: false))
    let steps = model.steps(over: Self.data, Self.graph, plan: BatchPlan(size: 4))
    let paired = PairedSteps(Self.pairedData, size: 4, seed: 2)
    let tape = Tape(model.parameters)
    for epoch in 1...2 {
      for plan in steps.steps(ofEpoch: epoch, of: 2) {
        let cells = try #require(plan.cells)
        #expect(steps.step(plan, on: tape).covariate == Self.covariate.rows(cells))
      }
      for plan in paired.steps(ofEpoch: epoch, of: 2) {
        let cells = try #require(plan.cells)
        let found = paired.step(plan, on: tape).covariate?.batches
        #expect(found == Buffer(cells.map { Self.covariate.batches[Int($0)] }))
      }
    }
  }

  /// The shape of a stored model shows how many batches it sees.
  @Test func weightsShowTheBatches() throws {
    for (batches, encoded) in [(0, false), (2, false), (2, true)] {
      var shape = ScTPF<Float>.Configuration(genes: 20)
      (shape.batches, shape.encodesBatches) = (batches, encoded)
      let stored = try ScTPF<Float>.Configuration(of: ScTPF<Float>(shape).weights)
      #expect(stored.batches == batches && stored.decoder == shape.decoder)
      #expect(stored.encodesBatches == encoded)
      var layers = ScDeepCluster<Float>.Configuration(genes: 20)
      (layers.batches, layers.encodesBatches) = (batches, encoded)
      let found = try ScDeepCluster<Float>.Configuration(of: ScDeepCluster<Float>(layers).weights)
      #expect(found.batches == batches && found.encodesBatches == encoded)
      var pair = ScMDC<Float>.Configuration(genes: 20, features: 8)
      (pair.batches, pair.encodesBatches) = (batches, encoded)
      let storedPair = try ScMDC<Float>.Configuration(of: ScMDC<Float>(pair).weights)
      #expect(storedPair == pair)
      for skips in [false, true] {
        var joint = ScEMC<Float>.Configuration(genes: 20, features: 8)
        // As many batches as the code of one measurement is wide.
        joint.encoder = [6, 2]
        (joint.batches, joint.encodesBatches, joint.skips) = (batches, encoded, skips)
        let weights = ScEMC<Float>(joint).weights
        let found = try ScEMC<Float>.Configuration(of: weights, batches: batches)
        #expect(found == joint)
        #expect(throws: ModelFault.self) {
          try ScEMC<Float>.Configuration(of: weights, batches: batches + 5)
        }
      }
      var autoencoder = ScDSC<Float>.Configuration(genes: 20)
      autoencoder.batches = batches
      let other = try ScDSC<Float>.Configuration(of: ScDSC<Float>(autoencoder).weights)
      #expect(other.batches == batches)
    }
    var weights = ScTPF<Float>(ScTPF<Float>.Configuration(genes: 20)).weights
    weights["decoder.0.kernel"] = .zeros(3, 128)
    #expect(throws: ModelFault.self) { try ScTPF<Float>.Configuration(of: weights) }
  }

  /// The same of DESC, and of models that explain counts by the cells' totals.
  @Test(arguments: [(0, false), (2, false), (2, true)])
  func weightsOfFurtherModelsShowThem(_ batches: Int, _ encoded: Bool) throws {
    for widths in [[8, 4], [4]] {
      var desc = DESC<Float>.Configuration(genes: 20, encoder: widths)
      (desc.batches, desc.encodesBatches) = (batches, encoded)
      #expect(try DESC<Float>.Configuration(of: DESC<Float>(desc).weights) == desc)
    }
    var dcca = DCCA<Float>.Configuration(genes: 20, features: 8)
    (dcca.batches, dcca.encodesBatches) = (batches, encoded)
    #expect(try DCCA<Float>.Configuration(of: DCCA<Float>(dcca).weights) == dcca)
    var scmcs = ScMCs<Float>.Configuration(genes: 20, features: 8)
    scmcs.secondEncoder = [30]
    (scmcs.batches, scmcs.encodesBatches) = (batches, encoded)
    #expect(try ScMCs<Float>.Configuration(of: ScMCs<Float>(scmcs).weights) == scmcs)
    var scmvae = ScMVAE<Float>.Configuration(genes: 20, features: 8)
    (scmvae.batches, scmvae.encodesBatches) = (batches, encoded)
    #expect(try ScMVAE<Float>.Configuration(of: ScMVAE<Float>(scmvae).weights) == scmvae)
  }

  @Test func batchesTakeMemory() {
    func bytes(_ batches: Int, _ extent: TrainingExtent) -> Int {
      var extent = extent
      extent.batches = batches
      return extent.bytes(10_000, 500, entryShare: 0.1)
    }
    for extent in [
      ScTPFPretraining.standard.extent, ScTPFPretraining.paper.extent,
      ScDeepClusterPretraining.standard.extent, ScDSCPretraining.standard.extent,
      ScMDCPretraining.standard.extent, ScEMCPretraining.standard.extent,
      DESCPretraining.standard.extent, DCCAPretraining.standard.extent,
      ScMCsPretraining.standard.extent, ScMVAEPretraining.standard.extent,
    ] {
      // The weights with gradients and moments, and the one-hot of a step, twice with a gradient
      // and for an encoder.
      let step = extent.hops == nil ? 10_000 : extent.batch
      let decoders = Double(extent.firstDecoder + 500 * extent.directHeads)
      let expected = Int(100 * (4 * (4 + extent.copies) * decoders + Double(16 * step)))
      #expect(abs(bytes(100, extent) - bytes(0, extent) - expected) <= 1)
      var encoding = extent
      encoding.encodesBatches = true
      #expect(extent.firstDecoder > 0 && bytes(100, encoding) > bytes(100, extent))
      #expect(bytes(0, encoding) == bytes(0, extent))
    }
  }
}
