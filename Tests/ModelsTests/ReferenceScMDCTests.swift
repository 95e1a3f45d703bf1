import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scMDC on 12 cells × (7 genes + 5 features) with noise that is given; numbers by a
/// program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScMDCTests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScMDC<S>
    let data: PairedData<S>
    let batch: PairedBatch<S>

    init(phi: Double = 0.001, gamma: Double = 0.1, differentiatesTarget: Bool = true) throws {
      let reference = try Reference.load("peers/scmdc")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      func measurement(_ prefix: String) throws -> Measurement<S> {
        Measurement(
          try matrix("\(prefix)x"), counts: SparseMatrix(try matrix("\(prefix)counts")),
          sizeFactors: Array(try matrix("\(prefix)size_factors").elements))
      }
      data = PairedData(rna: try measurement(""), second: try measurement("second_"))
      var shape = ScMDC<S>.Configuration(genes: 7, features: 5)
      (shape.encoder, shape.decoder, shape.secondDecoder) = ([6, 5, 3], [5, 6], [4])
      (shape.phi, shape.gamma) = (phi, gamma)
      shape.differentiatesTarget = differentiatesTarget
      shape.mode = .training(updatingStatistics: false)
      model = ScMDC(shape, clusters: 3)
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try Self.value(of: parameter, "w", in: reference).converted(to: S.self))
      }
      batch = PairedBatch(of: data)
      batch.take(Array(0..<12), withTargets: true)
      self.reference = reference
    }

    /// The reference's values of a parameter; its first layer has the kernels of both measurements
    /// below each other.
    static func value(
      of parameter: Parameter, _ kind: String, in reference: [String: Matrix<Double>]
    )
      throws -> Matrix<Double>
    {
      var key = parameter.name.replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
        .replacing(".norm.", with: ".bn.").replacing("zinb.", with: "")
      for name in ["rna", "second"] {
        key = key.replacing("decoder.\(name).", with: "\(name).decoder.")
      }
      let isSecond = key == "encoder.0.second"
      let found = try #require(reference["\(kind).\(isSecond ? "encoder.0.w" : key)"])
      if isSecond { return found.selectingRows(Array(7..<12)) }
      return key == "encoder.0.w" ? found.selectingRows(Array(0..<7)) : found
    }

    /// The noise of the reference.
    var noise: ScMDC<S>.Noise {
      let given = ["noise_rna", "noise_second"].map { name in
        (reference[name] ?? .zeros(0, 0)).converted(to: S.self)
      }
      return { number, values in
        addScaled(Window(reading: given[number]), factor: 1, into: values, accumulating: true)
      }
    }
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double, scale: Double) throws {
    let setup = try Setup<S>()
    func expected(_ key: String) throws -> [Double] {
      Array(try #require(setup.reference[key]).elements)
    }
    let tape = Tape(setup.model.parameters)
    let terms = setup.model.loss(setup.batch, .joint, noise: setup.noise, on: tape)
    tape.backward()
    #expect(terms.map(\.name) == ["rna", "second", "pairs", "centers"])
    assertClose(
      terms.map(\.value),
      try expected("zinb_rna_second") + expected("pair_kl") + expected("kmeans"),
      tolerance: tolerance)
    assertClose([LossTerms(terms).total], try expected("total"), tolerance: tolerance)
    for parameter in setup.model.parameters.all {
      let gradient = try Setup<S>.value(of: parameter, "g", in: setup.reference)
      // The bias before a normalization moves nothing: what is left is rounding.
      let size = gradient.elements.map { abs($0) }.max() ?? 1
      assertClose(
        setup.model.parameters.gradient(of: parameter).matrix().elements, gradient.elements,
        tolerance: tolerance, scale: scale * max(size, 0.01), "\(parameter.name)")
    }
  }

  @Test func stepInDouble() throws { try check(Double.self, tolerance: 1e-10, scale: 1) }
  @Test func stepInFloat() throws { try check(Float.self, tolerance: 1e-5, scale: 4) }

  @Test func codesAndLabels() throws {
    let setup = try Setup<Double>()
    let tape = Tape(setup.model.parameters)
    let mode = NormalizationMode.training(updatingStatistics: false)
    let clean = setup.model.codes(setup.batch, mode: mode, on: tape).value.matrix()
    assertClose(clean, try #require(setup.reference["z"]), tolerance: 1e-10)
    let noisy = setup.model.codes(setup.batch, noise: setup.noise, mode: mode, on: tape)
    assertClose(noisy.value.matrix(), try #require(setup.reference["z_noisy"]), tolerance: 1e-10)
    let labels = try #require(setup.reference["labels"]).elements.map { Int($0) }
    #expect(setup.model.assignment(of: clean).labels == labels)
  }

  /// The losses of the preset, whose target of the pairs is constant, move other weights than the
  /// program's losses.
  @Test func gradientsAgreeWithFiniteDifferences() throws {
    let model = try Setup<Double>(phi: 0.7, gamma: 0.5)
    let tape = Tape(model.model.parameters)
    func value() -> Double {
      tape.reset()
      let terms = model.model.loss(model.batch, .joint, noise: model.noise, on: tape)
      tape.backward()
      return LossTerms(terms).total
    }
    _ = value()
    let gradient = Array(model.model.parameters.gradients.matrix().elements)
    assertClose(
      gradient, centralDifferences(of: model.model.parameters) { _ in value() }, tolerance: 1e-5)
  }

  /// The target of the pairs held constant changes the encoder's gradients alone.
  @Test func constantTarget() throws {
    func gradients(_ differentiates: Bool) throws -> [String: [Double]] {
      let setup = try Setup<Double>(phi: 1, differentiatesTarget: differentiates)
      let tape = Tape(setup.model.parameters)
      _ = setup.model.loss(setup.batch, .joint, noise: setup.noise, on: tape)
      tape.backward()
      return Dictionary(
        uniqueKeysWithValues: setup.model.parameters.all.map {
          ($0.name, Array(setup.model.parameters.gradient(of: $0).matrix().elements))
        })
    }
    let (constant, differentiated) = (try gradients(false), try gradients(true))
    for (name, gradient) in constant {
      let isSame = gradient == differentiated[name]
      #expect(isSame != name.hasPrefix("encoder"), "\(name)")
    }
  }
}
