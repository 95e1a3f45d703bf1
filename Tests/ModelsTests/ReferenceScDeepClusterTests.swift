import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scDeepCluster on 12 cells × 7 genes with given noise. Numbers by a program in NumPy,
/// Float64, in the forms of both released programs.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScDeepClusterTests {
  /// A form of the model: where the noise enters, and what keeps logarithms finite.
  enum Form: String, CaseIterable {
    case torch, keras

    var site: NoiseSite { self == .torch ? .input : .encoder }
    var floor: ShareFloor { self == .torch ? .added(1e-6) : .clipped(1e-7) }
  }

  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScDeepCluster<S>
    let data: PairedData<S>
    let batch: PairedBatch<S>

    init(_ form: Form) throws {
      let reference = try Reference.load("peers/scdeepcluster")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      let sizeFactors = try matrix("size_factors")
      data = PairedData(
        rna: Measurement(
          try matrix("x"), counts: SparseMatrix(try matrix("counts")),
          sizeFactors: Array(sizeFactors.elements)), second: nil)
      var configuration = ScDeepCluster<S>.Configuration(genes: 7)
      (configuration.encoder, configuration.latent, configuration.decoder) = ([5, 4], 3, [4, 5])
      configuration.gamma = Double(try matrix("gamma").elements[0])
      (configuration.noiseSite, configuration.floor) = (form.site, form.floor)
      model = ScDeepCluster(configuration, clusters: 3)
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

    func step(_ objective: ClusteringObjective = .joint, on tape: Tape<S>) -> LossTerms {
      tape.reset()
      let targets = (reference["p"] ?? .zeros(0, 0)).converted(to: S.self)
      batch.targets = Window(reading: targets)
      let terms = model.loss(batch, objective, noise: noise, on: tape)
      tape.backward()
      return LossTerms(terms)
    }

    func check(gradients prefix: String, tolerance: Double, scale: Double) throws {
      for parameter in model.parameters.all {
        guard let expected = reference["\(prefix).\(Self.key(of: parameter))"] else {
          #expect(parameter == model.centers, "\(parameter.name)")
          continue
        }
        let largest = expected.elements.map { abs($0) }.max() ?? 1
        assertClose(
          model.parameters.gradient(of: parameter).matrix().elements, expected.elements,
          tolerance: tolerance, scale: scale * largest, "\(prefix) \(parameter.name)")
      }
    }
  }

  private func check<S: EngineScalar>(
    _ form: Form, _ scalar: S.Type, tolerance: Double, scale: Double
  ) throws {
    let setup = try Setup<S>(form)
    func number(_ key: String) throws -> Double {
      try #require(setup.reference["\(form.rawValue).\(key)"]).elements[0]
    }
    let tape = Tape(setup.model.parameters)
    // γ counts once: the total is ZINB + 1.5 KL.
    let loss = setup.step(on: tape)
    assertClose(
      [loss.total] + loss.parts.map(\.value),
      [try number("total"), try number("zinb"), try number("kl")], tolerance: tolerance)
    try setup.check(gradients: "\(form.rawValue).g", tolerance: tolerance, scale: scale)
    let alone = setup.step(.selfSupervised, on: tape)
    assertClose([alone.total], [try number("zinb")], tolerance: tolerance)
    try setup.check(gradients: "\(form.rawValue).pretrain_g", tolerance: tolerance, scale: scale)
    tape.reset()
    let noisy = setup.model.codes(setup.batch, noise: setup.noise, on: tape)
    assertClose(
      noisy.value.matrix(), try #require(setup.reference["\(form.rawValue).z_noisy"]),
      tolerance: tolerance, scale: 1)
  }

  @Test(arguments: Form.allCases) func stepInDouble(_ form: Form) throws {
    try check(form, Double.self, tolerance: 1e-10, scale: 1e-2)
  }
  @Test(arguments: Form.allCases) func stepInFloat(_ form: Form) throws {
    try check(form, Float.self, tolerance: 1e-5, scale: 1)
  }

  @Test func codesSharesTargetsAndLabels() throws {
    let setup = try Setup<Double>(.torch)
    func expected(_ key: String) throws -> Matrix<Double> { try #require(setup.reference[key]) }
    let codes = setup.model.codes(over: PairedSteps(setup.data, size: 5, seed: 0))
    assertClose(codes, try expected("z"), tolerance: 1e-10)
    let assignment = setup.model.assignment(of: codes)
    assertClose(assignment.shares, try expected("q"), tolerance: 1e-10)
    assertClose(
      targetDistribution(of: assignment.shares, order: setup.data.order), try expected("p"),
      tolerance: 1e-10)
    #expect(assignment.labels == (try expected("labels")).elements.map { Int($0) })
  }

  /// Ten steps of Adadelta: with gradients by central differences the losses are the same.
  @Test(arguments: Form.allCases) func tenSteps(_ form: Form) throws {
    func losses(_ differentiate: (Setup<Double>, Tape<Double>) -> Void) throws -> [[Double]] {
      let setup = try Setup<Double>(form)
      let tape = Tape(setup.model.parameters)
      let optimizer = Adadelta<Double>(weightCount: setup.model.parameters.count)
      return (0..<10).map { _ in
        let loss = setup.step(on: tape)
        differentiate(setup, tape)
        optimizer.update(setup.model.parameters)
        return [loss.total] + loss.parts.map(\.value)
      }
    }
    let found = try losses { _, _ in }
    let expected = try losses { setup, _ in
      let differences = centralDifferences(of: setup.model.parameters) { tape in
        setup.step(on: tape).total
      }
      let gradients = setup.model.parameters.gradients
      for (i, value) in differences.enumerated() { gradients[0, i] = value }
    }
    #expect(found[9][0] < found[0][0])
    for (step, (a, b)) in zip(found, expected).enumerated() {
      assertClose(a, b, tolerance: 1e-6, "step \(step)")
    }
  }
}
