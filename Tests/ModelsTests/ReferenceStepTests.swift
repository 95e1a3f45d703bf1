import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// The whole clustering step of sctpf.md on 30 cells × 12 genes; numbers by a plain PyTorch
/// transcription in Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceStepTests {
  private static let names = [
    "encoder.0.kernel": "tag1.kernel", "encoder.0.bias": "tag1.bias",
    "encoder.1.kernel": "tag2.kernel", "encoder.1.bias": "tag2.bias",
    "adjacency.kernel": "adj.kernel", "adjacency.bias": "adj.bias",
    "adjacency.bilinear": "adj.bilinear", "decoder.0.kernel": "dec0.kernel",
    "decoder.0.bias": "dec0.bias", "decoder.1.kernel": "dec1.kernel",
    "decoder.1.bias": "dec1.bias", "decoder.2.kernel": "dec2.kernel",
    "decoder.2.bias": "dec2.bias", "zinb.pi.kernel": "pi.kernel", "zinb.pi.bias": "pi.bias",
    "zinb.mean.kernel": "mean.kernel", "zinb.mean.bias": "mean.bias",
    "zinb.dispersion.kernel": "disp.kernel", "zinb.dispersion.bias": "disp.bias",
    "centers": "centers",
  ]

  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScTPF<S>
    let steps: GraphSteps<S>

    init() throws {
      let reference = try Reference.load("sctpf_counts_step")
      func matrix(_ key: String) throws -> Matrix<Double> { try #require(reference[key]) }
      var configuration = ScTPF<S>.Configuration(genes: 12)
      configuration.hidden = 7
      configuration.latent = 4
      configuration.adjacencyWidth = 5
      configuration.decoder = [6, 8, 9]
      model = ScTPF(configuration, clusters: 3)
      for parameter in model.parameters.all {
        let name = try #require(names[parameter.name])
        let values = try matrix("w.\(name)").converted(to: S.self)
        model.parameters.weights(of: parameter).copy(from: values)
      }
      let data = GraphData<S>(
        standardized: try matrix("x").converted(to: S.self),
        counts: SparseMatrix(try matrix("counts").converted(to: S.self)),
        sizeFactors: try matrix("size_factors").elements.map { S($0) })
      let graph = ModelGraph<S>(
        adjacency: SparseMatrix(try matrix("adjacency").converted(to: S.self)),
        propagation: Propagation(
          SparseMatrix(try matrix("adjacency_normalized").converted(to: S.self))))
      steps = model.steps(over: data, graph, plan: BatchPlan())
      let indices = Set(try matrix("reliable").elements.map { Int($0) })
      steps.trusted = Buffer((0..<30).map { indices.contains($0) ? 1 : 0 })
      self.reference = reference
    }

    func step(on tape: Tape<S>) -> LossTerms {
      model.clusteringStep(steps.batch(nil, step: 0, on: tape), on: tape)
    }
  }

  private func checkStep<S: EngineScalar>(_ scalar: S.Type, tolerance: Double, scale: Double)
    throws
  {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    let loss = setup.step(on: tape)
    let expected = ["loss", "loss_adjacency", "loss_zinb", "loss_cluster"]
    for (value, key) in zip([loss.total] + loss.parts.map(\.value), expected) {
      assertClose(
        [value], try #require(setup.reference[key]).elements, tolerance: tolerance, key)
    }
    for parameter in setup.model.parameters.all {
      let name = "g." + (try #require(Self.names[parameter.name]))
      let expected = try #require(setup.reference[name])
      let largest = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        setup.model.parameters.gradient(of: parameter).matrix().elements, expected.elements,
        tolerance: tolerance, scale: scale * largest, name)
    }
  }

  @Test func oneStepInDouble() throws {
    try checkStep(Double.self, tolerance: 1e-10, scale: 1e-2)
  }

  /// Components far below a gradient's largest are sums that cancel: they are held to 1e-5 of that
  /// largest.
  @Test func oneStepInFloat() throws {
    try checkStep(Float.self, tolerance: 1e-5, scale: 1)
  }

  @Test func latentCodesInDouble() throws {
    let setup = try Setup<Double>()
    assertClose(
      setup.model.codes(over: setup.steps), try #require(setup.reference["latent"]),
      tolerance: 1e-10)
  }

  private func checkTenSteps<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    let adam = Adam<S>(weightCount: setup.model.parameters.count, learningRate: 5e-4)
    let curve = try #require(setup.reference["ten_losses"])
    for step in 0..<10 {
      let loss = setup.step(on: tape)
      adam.update(setup.model.parameters)
      assertClose(
        [loss.total] + loss.parts.map(\.value), (0..<4).map { curve[step, $0] },
        tolerance: tolerance, "step \(step)")
    }
    for parameter in setup.model.parameters.all {
      let name = "w10." + (try #require(Self.names[parameter.name]))
      assertClose(
        setup.model.parameters.weights(of: parameter).matrix().elements,
        try #require(setup.reference[name]).elements, tolerance: tolerance, scale: 1, name)
    }
  }

  @Test func tenStepsInDouble() throws { try checkTenSteps(Double.self, tolerance: 1e-9) }
  @Test func tenStepsInFloat() throws { try checkTenSteps(Float.self, tolerance: 1e-5) }
}
