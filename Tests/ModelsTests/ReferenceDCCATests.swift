import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// The masks and numbers of the reference.
private struct GivenNoise<S: EngineScalar>: PassNoise {
  let masks: [Matrix<S>]
  let numbers: Matrix<S>

  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    Window(reading: masks[number])
  }

  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> { Window(reading: numbers) }
}

/// A step of each of DCCA's autoencoders on 12 cells × (7 genes + 9 peaks), with given noise and
/// masks. Numbers by a program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceDCCATests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: DCCA<S>
    let batch: PairedBatch<S>
    let kappa: Double

    init() throws {
      let reference = try Reference.load("peers/dcca")
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      let (counts, peaks) = (try matrix("counts"), try matrix("peaks"))
      let totals = (0..<12).map { i in (0..<7).reduce(S(0)) { $0 + counts[i, $1] } }
      let data = PairedData(
        rna: Measurement(try matrix("x"), counts: SparseMatrix(counts), sizeFactors: totals),
        second: Measurement(
          peaks, counts: SparseMatrix(peaks), sizeFactors: [S](repeating: 1, count: 12)))
      var shape = DCCA<S>.Configuration(genes: 7, features: 9)
      (shape.rnaEncoder, shape.rnaDecoder, shape.secondEncoder) = ([6], [6], [6, 5])
      (shape.latent, shape.decay) = (3, 0)
      model = DCCA(shape)
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try #require(reference[Self.key(of: parameter, "w")]).converted(to: S.self))
      }
      batch = PairedBatch(of: data)
      batch.take(Array(0..<12), withTargets: true)
      kappa = try #require(reference["kl_weight"])[0, 0]
      self.reference = reference
    }

    /// `second.encoder.0.norm.scale` is `atac.w.encoder.0.bn.scale` there.
    static func key(of parameter: Parameter, _ kind: String) -> String {
      parameter.name.replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
        .replacing(".norm.", with: ".bn.").replacing("second.", with: "atac.\(kind).")
        .replacing("rna.", with: "rna.\(kind).")
    }

    func noise(_ name: String, _ layers: [String]) throws -> GivenNoise<S> {
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      return GivenNoise(
        masks: try layers.map { try matrix("mask.\(name).\($0)") },
        numbers: try matrix("noise.\(name)"))
    }

    func mean(_ key: String) throws -> Double {
      let rows = Array(try #require(reference[key]).elements)
      return rows.reduce(0, +) / Double(rows.count)
    }
  }

  /// The teachers of the reference are the other autoencoder's means under these masks. They are of
  /// a batch, so the other is evaluated by the statistics of this batch.
  private func check<S: EngineScalar>(
    _ part: DCCAPart, _ name: String, _ layers: [String], tolerance: Double, scale: Double
  ) throws -> Setup<S> {
    let setup = try Setup<S>()
    let teacher = try #require(setup.reference["teacher.\(name == "rna" ? "atac" : "rna")"])
    let noise = try setup.noise(name, layers)
    let tape = Tape(setup.model.parameters)
    let terms = setup.model.loss(
      setup.batch, part, kappa: setup.kappa, noise: noise,
      mode: .training(updatingStatistics: false),
      teacher: Window(reading: teacher.converted(to: S.self)),
      on: tape)
    tape.backward()
    let second = name == "rna" ? "rna" : "second"
    #expect(terms.map(\.name) == [second, "\(second)_kl", "\(second)_teacher"])
    assertClose(
      terms.prefix(2).map(\.value),
      [
        try setup.mean(name == "rna" ? "rna.nb_rows" : "atac.bce_rows"),
        try setup.mean("\(name).kl_rows"),
      ], tolerance: tolerance)
    assertClose(
      [LossTerms(terms).total], try #require(setup.reference["\(name).total"]).elements,
      tolerance: tolerance)
    for parameter in setup.model.parameters.all {
      let gradient = setup.model.parameters.gradient(of: parameter).matrix()
      guard parameter.name.hasPrefix(second) else {
        #expect(gradient.elements.allSatisfy { $0 == 0 }, "\(parameter.name)")
        continue
      }
      let expected = try #require(setup.reference[Setup<S>.key(of: parameter, "g")])
      // The bias before a normalization moves nothing: what is left is rounding.
      let size = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        gradient.elements, expected.elements, tolerance: tolerance,
        scale: scale * max(size, 0.1), "\(parameter.name)")
    }
    return setup
  }

  @Test func rnaInDouble() throws {
    let setup: Setup<Double> = try check(
      .rnaTaught, "rna", ["encoder.0", "decoder.0"], tolerance: 1e-10, scale: 1)
    #expect(setup.kappa == setup.model.divergenceWeight(inEpoch: 7))
  }
  @Test func rnaInFloat() throws {
    let _: Setup<Float> = try check(
      .rnaTaught, "rna", ["encoder.0", "decoder.0"], tolerance: 1e-5, scale: 4)
  }
  @Test func peaksInDouble() throws {
    let _: Setup<Double> = try check(
      .secondTaught, "atac", ["encoder.0", "encoder.1"], tolerance: 1e-10, scale: 1)
  }
  @Test func peaksInFloat() throws {
    let _: Setup<Float> = try check(
      .secondTaught, "atac", ["encoder.0", "encoder.1"], tolerance: 1e-5, scale: 4)
  }
}
