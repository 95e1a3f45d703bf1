import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scTAG on 12 cells × 7 genes over a directed graph. Numbers by a program in NumPy,
/// Float64: counts, true powers, KL(p ‖ q), trained centers.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScTAGTests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScTAG<S>
    let steps: GraphSteps<S>

    init() throws {
      let reference = try Reference.load("peers/sctag")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      var configuration = ScTPF<S>.Configuration(genes: 7)
      (configuration.hidden, configuration.latent) = (5, 3)
      (configuration.adjacencyWidth, configuration.decoder) = (4, [4, 5, 6])
      model = ScTAG(ScTPF(configuration, clusters: 3))
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try matrix(Self.key("w", of: parameter)))
      }
      let data = GraphData<S>(
        standardized: try matrix("x"), counts: SparseMatrix(try matrix("counts")),
        sizeFactors: Array(try matrix("size_factors").elements))
      let graph = ModelGraph<S>(
        adjacency: SparseMatrix(try matrix("adjacency")),
        propagation: Propagation(SparseMatrix(try matrix("normalized"))))
      steps = model.base.steps(over: data, graph, plan: BatchPlan())
      steps.targets = try matrix("p")
      self.reference = reference
    }

    /// The reference's name of a parameter; centers have no prefix but for gradients.
    static func key(_ prefix: String, of parameter: Parameter) -> String {
      if parameter.name == "centers" { return prefix == "w" ? "centers" : "\(prefix).centers" }
      if parameter.name == "adjacency.bilinear" { return "\(prefix).bilinear" }
      return "\(prefix)."
        + parameter.name.replacing("zinb.", with: "").replacing("encoder.", with: "tag.")
        .replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
    }

    func step(on tape: Tape<S>) -> LossTerms {
      model.clusteringStep(steps.batch(nil, step: 0, on: tape), on: tape)
    }
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double, scale: Double) throws {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    let loss = setup.step(on: tape)
    for (value, key) in zip(
      [loss.total] + loss.parts.map(\.value), ["total", "adjacency_loss", "zinb", "kl_p_q"])
    {
      assertClose(
        [value], try #require(setup.reference[key]).elements, tolerance: tolerance, key)
    }
    for parameter in setup.model.parameters.all {
      let key = Setup<S>.key("g", of: parameter)
      let expected = try #require(setup.reference[key])
      let largest = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        setup.model.parameters.gradient(of: parameter).matrix().elements, expected.elements,
        tolerance: tolerance, scale: scale * largest, key)
    }
  }

  @Test func stepInDouble() throws { try check(Double.self, tolerance: 1e-10, scale: 1e-2) }
  @Test func stepInFloat() throws { try check(Float.self, tolerance: 1e-5, scale: 1) }

  @Test func codesSharesAndTargets() throws {
    let setup = try Setup<Double>()
    let codes = setup.model.codes(over: setup.steps)
    assertClose(codes, try #require(setup.reference["z"]), tolerance: 1e-10)
    let shares = setup.model.assignment(of: codes).shares
    assertClose(shares, try #require(setup.reference["q"]), tolerance: 1e-10)
    assertClose(
      targetDistribution(of: shares), try #require(setup.reference["p"]), tolerance: 1e-10)
  }

  /// Ten steps of Adam: with gradients by central differences the losses are the same.
  @Test func tenSteps() throws {
    func losses(_ differentiate: (Setup<Double>, Tape<Double>) -> Void) throws -> [[Double]] {
      let setup = try Setup<Double>()
      let tape = Tape(setup.model.parameters)
      let optimizer = Adam<Double>(
        weightCount: setup.model.parameters.count, learningRate: 5e-4)
      return (0..<10).map { _ in
        let loss = setup.step(on: tape)
        differentiate(setup, tape)
        optimizer.update(setup.model.parameters)
        return [loss.total] + loss.parts.map(\.value)
      }
    }
    let found = try losses { _, _ in }
    let expected = try losses { setup, _ in
      let differences = centralDifferences(of: setup.model.parameters) { setup.step(on: $0).total }
      let gradients = setup.model.parameters.gradients
      for (i, value) in differences.enumerated() { gradients[0, i] = value }
    }
    #expect(found[9][0] < found[0][0])
    for (step, (a, b)) in zip(found, expected).enumerated() {
      assertClose(a, b, tolerance: 1e-6, "step \(step)")
    }
  }
}
