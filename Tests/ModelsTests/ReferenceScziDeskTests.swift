import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scziDesk on 12 cells × 7 genes with noise that is given, and without; numbers by a
/// program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScziDeskTests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScziDesk<S>
    let data: PairedData<S>
    let batch: PairedBatch<S>

    init() throws {
      let reference = try Reference.load("peers/sczidesk")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      data = PairedData(
        rna: Measurement(
          try matrix("x"), counts: SparseMatrix(try matrix("counts")),
          sizeFactors: Array(try matrix("size_factors").elements)), second: nil)
      var layers = ScDeepCluster<S>.Configuration(genes: 7)
      (layers.encoder, layers.latent, layers.decoder) = ([5, 4], 3, [4, 5])
      model = ScziDesk(ScDeepCluster(layers, clusters: 3))
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try matrix("w.\(Self.key(of: parameter))"))
      }
      batch = PairedBatch(of: data)
      batch.take(Array(0..<12), withTargets: true)
      self.reference = reference
    }

    /// The reference's name of a parameter.
    static func key(of parameter: Parameter) -> String {
      parameter.name.replacing("zinb.", with: "").replacing(".kernel", with: ".w")
        .replacing(".bias", with: ".b")
    }

    /// The noise of the reference.
    var noise: ScDeepCluster<S>.Noise {
      let sigma = S(reference["sigma"]?.elements[0] ?? 0)
      let given = (0..<3).map { number in
        (reference["noise.\(number)"] ?? .zeros(0, 0)).converted(to: S.self)
      }
      return { number, values in
        addScaled(
          Window(reading: given[number]), factor: sigma, into: values, accumulating: true)
      }
    }
  }

  private func check<S: EngineScalar>(
    _ form: String, _ scalar: S.Type, tolerance: Double, scale: Double
  ) throws {
    let setup = try Setup<S>()
    func expected(_ key: String) throws -> Matrix<Double> {
      try #require(setup.reference["\(form).\(key)"])
    }
    let tape = Tape(setup.model.parameters)
    let terms = setup.model.loss(
      setup.batch, .joint, noise: form == "noisy" ? setup.noise : nil, on: tape)
    tape.backward()
    #expect(terms.map(\.name) == ["zinb", "ridge", "centers", "pairs"])
    // The reference has the sum over the pairs of the batch, of which 0.001 is as much as 0.256 of
    // the mean over 256 cells.
    assertClose(
      [terms[0].value + terms[1].value, terms[2].value, 12 * terms[3].value],
      [
        try expected("zinb_ridge")[0, 0], try expected("kmeans")[0, 0],
        try expected("pair_kl_meant")[0, 0],
      ], tolerance: tolerance)
    // The program's loss between pairs is another; what it does not reach has the same gradients.
    for parameter in setup.model.parameters.all
    where !parameter.name.hasPrefix("encoder") && !parameter.name.hasPrefix("latent") {
      let gradient = try expected("g_program.\(Setup<S>.key(of: parameter))")
      assertClose(
        setup.model.parameters.gradient(of: parameter).matrix().elements, gradient.elements,
        tolerance: tolerance, scale: scale * (gradient.elements.map { abs($0) }.max() ?? 1),
        "\(form) \(parameter.name)")
    }
  }

  @Test(arguments: ["clean", "noisy"]) func stepInDouble(_ form: String) throws {
    try check(form, Double.self, tolerance: 1e-10, scale: 1e-2)
  }
  @Test(arguments: ["clean", "noisy"]) func stepInFloat(_ form: String) throws {
    try check(form, Float.self, tolerance: 1e-5, scale: 1)
  }

  @Test func codesAndLabels() throws {
    let setup = try Setup<Double>()
    let codes = setup.model.codes(over: PairedSteps(setup.data, size: 5, seed: 0))
    assertClose(codes, try #require(setup.reference["clean.z"]), tolerance: 1e-10)
    let labels = try #require(setup.reference["clean.labels"]).elements.map { Int($0) }
    #expect(setup.model.assignment(of: codes).labels == labels)
  }

  /// The encoder's gradients too, against central differences. The loss between pairs, whose target
  /// is held constant, has tests of its own.
  @Test func gradientsAgreeWithFiniteDifferences() throws {
    let setup = try Setup<Double>()
    var weights = ScziDesk<Double>.Weights()
    (weights.centers, weights.pairs) = (0.5, 0)
    let model = ScziDesk(setup.model.base, weights)
    let tape = Tape(model.parameters)
    func value() -> Double {
      tape.reset()
      let terms = model.loss(setup.batch, .joint, noise: setup.noise, on: tape)
      tape.backward()
      return LossTerms(terms).total
    }
    _ = value()
    let gradient = Array(model.parameters.gradients.matrix().elements)
    assertClose(
      gradient, centralDifferences(of: model.parameters) { _ in value() }, tolerance: 1e-5)
  }
}
