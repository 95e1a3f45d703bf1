import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scDSC on 12 cells × 7 genes, and twelve of rectified Adam. Numbers by a program in
/// NumPy, Float64: one linear layer of codes that is not normalized, moments of the batch.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScDSCTests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScDSC<S>
    let steps: GraphSteps<S>

    init() throws {
      let reference = try Reference.load("peers/scdsc")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      var shape = ScDSC<S>.Configuration(genes: 7)
      (shape.encoder, shape.codes, shape.decoder) = ([6, 5, 4], [3], [4, 5, 6])
      (shape.normalizesByCells, shape.mode) = (true, .training(updatingStatistics: false))
      model = ScDSC(shape, clusters: 3)
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try matrix(Self.key("w", of: parameter)))
      }
      let data = GraphData<S>(
        standardized: try matrix("x"), counts: SparseMatrix(try matrix("counts")),
        sizeFactors: Array(try matrix("size_factors").elements))
      let graph = ModelGraph<S>(
        adjacency: SparseMatrix(try matrix("adjacency")),
        propagation: Propagation(SparseMatrix(try matrix("row_normalized"))))
      steps = model.steps(over: data, graph, plan: BatchPlan())
      steps.targets = try matrix("p")
      self.reference = reference
    }

    /// `encoder.0.norm.scale` is `w.enc_1.bn.scale` there, `graph.0.kernel` is `w.gnn_1.w`.
    static func key(_ prefix: String, of parameter: Parameter) -> String {
      var name = parameter.name
      for (own, other) in [("encoder", "enc"), ("decoder", "dec"), ("graph", "gnn")] {
        for i in (0..<5).reversed() {
          name = name.replacing("\(own).\(i).", with: "\(other)_\(i + 1).")
        }
      }
      return "\(prefix)."
        + name.replacing("codes.0", with: "z").replacing("values", with: "x_bar")
        .replacing("zinb.", with: "").replacing(".norm.", with: ".bn.")
        .replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
    }

    func step(_ objective: ClusteringObjective = .joint, on tape: Tape<S>) -> LossTerms {
      model.clusteringStep(steps.batch(nil, step: 0, on: tape), objective, on: tape)
    }
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double, scale: Double) throws {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    let loss = setup.step(on: tape)
    #expect(loss.parts.map(\.name) == ["values", "zinb", "cluster", "graph"])
    let expected = try #require(setup.reference["losses_bce_kl_mse_zinb"]).elements
    assertClose(
      loss.parts.map(\.value), [expected[2], expected[3], expected[0], expected[1]],
      tolerance: tolerance)
    assertClose(
      [loss.total], try #require(setup.reference["total"]).elements, tolerance: tolerance)
    for parameter in setup.model.parameters.all {
      let key = Setup<S>.key("g", of: parameter)
      let expected = try #require(setup.reference[key], "\(key)")
      let largest = expected.elements.map { abs($0) }.max() ?? 1
      // The bias before a normalization moves nothing: what is left is rounding.
      let least = key.hasSuffix(".b") ? 0.1 : 1e-3
      assertClose(
        setup.model.parameters.gradient(of: parameter).matrix().elements, expected.elements,
        tolerance: tolerance, scale: scale * max(largest, least), key)
    }
  }

  @Test func stepInDouble() throws { try check(Double.self, tolerance: 1e-10, scale: 1e-2) }
  @Test func stepInFloat() throws { try check(Float.self, tolerance: 1e-5, scale: 4) }

  @Test func codesSharesTargetsAndLabels() throws {
    let setup = try Setup<Double>()
    let codes = setup.model.codes(over: setup.steps)
    assertClose(codes, try #require(setup.reference["z"]), tolerance: 1e-10)
    let shares = setup.model.assignment(of: codes).shares
    assertClose(shares, try #require(setup.reference["q"]), tolerance: 1e-10)
    assertClose(
      targetDistribution(of: shares), try #require(setup.reference["p"]), tolerance: 1e-10)
    let found = setup.model.assignment(of: codes, over: setup.steps)
    assertClose(found.shares, try #require(setup.reference["predicted"]), tolerance: 1e-10)
    // The labels of the graph network, which differ from those of the codes.
    let labels = [2, 2, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0]
    #expect(found.labels == labels && setup.model.assignment(of: codes).labels != labels)
  }

  @Test func pretrainingIsTheSquaredErrorAlone() throws {
    let reference = try Setup<Double>()
    var shape = reference.model.configuration
    shape.pretrainsCounts = false
    let model = ScDSC<Double>(shape)
    for parameter in model.parameters.all {
      let key = Setup<Double>.key("w", of: parameter)
      model.parameters.weights(of: parameter).copy(from: try #require(reference.reference[key]))
    }
    let tape = Tape(model.parameters)
    let loss = model.pretrainingStep(reference.steps.batch(nil, step: 0, on: tape), on: tape)
    #expect(loss.parts.map(\.name) == ["values"])
    assertClose(
      [loss.total], try #require(reference.reference["pretrain_mse"]).elements, tolerance: 1e-10)
    let heads = try #require(model.parameters["zinb.mean.kernel"])
    #expect(model.parameters.gradient(of: heads).matrix().elements.allSatisfy { $0 == 0 })
  }

  private func checkSteps<S: EngineScalar>(_ scalar: S.Type, _ tolerance: Double) throws {
    let reference = try Reference.load("peers/scdsc")
    let (weights, gradients) = (
      try #require(reference["radam.w"]), try #require(reference["radam.g"])
    )
    let parameters = Parameters<S>()
    _ = parameters.declare("w", rows: 1, columns: 12, .zeros)
    func row(_ matrix: Matrix<Double>, _ step: Int) -> Matrix<S> {
      Matrix([Array(matrix.elements)[step * 12..<(step + 1) * 12].map { S($0) }])
    }
    parameters.weights.copy(from: row(weights, 0))
    let optimizer = RectifiedAdam<S>(weightCount: 12, learningRate: 0.01)
    for step in 0..<12 {
      parameters.gradients.copy(from: row(gradients, step))
      optimizer.update(parameters)
      assertClose(
        parameters.weights.matrix().elements,
        Array(weights.elements)[(step + 1) * 12..<(step + 2) * 12].map { $0 },
        tolerance: tolerance, scale: 0.1, "step \(step)")
    }
    #expect(optimizer.factor(atStep: 5) == nil)
    assertClose([try #require(optimizer.factor(atStep: 6))], [0.0042632762], tolerance: 1e-8)
  }

  @Test func rectifiedAdam() throws {
    try checkSteps(Double.self, 1e-10)
    try checkSteps(Float.self, 1e-5)
  }
}
