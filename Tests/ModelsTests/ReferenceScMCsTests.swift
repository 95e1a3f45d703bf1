import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A step of scMCs's fusion on 12 cells × (7 genes + 9 peaks), without dropout; numbers by a
/// program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScMCsTests {
  /// `second.encoder.0.kernel` is `atac.encoder.0.w` there.
  private static func key(of parameter: Parameter, _ kind: String) -> String {
    let name = parameter.name.replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
      .replacing("second.", with: "atac.").replacing("shared.", with: "mlp.0.")
    return "fusion.\(kind)."
      + (name.hasPrefix("fusion.") ? name.replacing("fusion.", with: "fuse.") : name)
  }

  private func check<S: EngineScalar>(_ type: S.Type, tolerance: Double, scale: Double) throws {
    let reference = try Reference.load("peers/scmcs")
    func matrix(_ key: String) throws -> Matrix<S> {
      try #require(reference[key]).converted(to: S.self)
    }
    func numbers(_ keys: String...) throws -> [Double] {
      try keys.map { try #require(reference["fusion.\($0)"]).elements[0] }
    }
    let (x, peaks) = (try matrix("x"), try matrix("peaks_in"))
    // What the reference explains is ln(1 + counts), and their totals.
    let totals = (0..<12).map { i in (0..<7).reduce(S(0)) { $0 + x[i, $1] } }
    let data = PairedData(
      rna: Measurement(x, counts: SparseMatrix(x), sizeFactors: totals),
      second: Measurement(
        peaks, counts: SparseMatrix(peaks), sizeFactors: [S](repeating: 1, count: 12)))
    var shape = ScMCs<S>.Configuration(genes: 7, features: 9)
    (shape.rnaEncoder, shape.secondEncoder, shape.latent) = ([6, 6, 5], [8, 7, 6, 5], 4)
    let model = ScMCs<S>(shape)
    for parameter in model.parameters.all {
      model.parameters.weights(of: parameter).copy(from: try matrix(Self.key(of: parameter, "w")))
    }
    let batch = PairedBatch(of: data)
    batch.take(Array(0..<12), withTargets: true)
    let tape = Tape(model.parameters)
    let terms = model.fusionLoss(batch, noise: nil, on: tape)
    tape.backward()
    #expect(terms.map(\.name) == ["rna", "second", "omics", "contrast"])
    assertClose(
      terms.map(\.value), try numbers("zinb", "bernoulli", "omics_meant", "contrastive"),
      tolerance: tolerance)
    assertClose([LossTerms(terms).total], try numbers("total"), tolerance: tolerance)
    for parameter in model.parameters.all {
      let expected = try #require(reference[Self.key(of: parameter, "g")])
      let size = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        model.parameters.gradient(of: parameter).matrix().elements, expected.elements,
        tolerance: tolerance, scale: scale * max(size, 0.1), "\(parameter.name)")
    }
    assertClose(
      model.codes(over: PairedSteps(data, size: 5, seed: 1)).elements.map { Double($0) },
      try #require(reference["fusion.code"]).elements, tolerance: tolerance, scale: 4)
  }

  @Test func inDouble() throws { try check(Double.self, tolerance: 1e-10, scale: 1) }
  @Test func inFloat() throws { try check(Float.self, tolerance: 1e-5, scale: 4) }

  /// The network of two embeddings, with a sigmoid over its decoder as the reference has it; the
  /// heads are of columns.
  private func checkSpaces<S: EngineScalar>(_ type: S.Type, tolerance: Double, scale: Double)
    throws
  {
    let reference = try Reference.load("peers/scmcs")
    func matrix(_ key: String) throws -> Matrix<Double> { try #require(reference["multi.\(key)"]) }
    func key(_ parameter: Parameter) -> String {
      parameter.name.replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
        .replacing("projection.", with: "final.")
    }
    let z = try #require(reference["fusion.code"]).converted(to: S.self)
    var shape = ScMCsSpaces<S>.Configuration(width: 4)
    shape.endsInSigmoid = true
    let model = ScMCsSpaces<S>(shape, clusters: [3, 2])
    for parameter in model.parameters.all {
      model.parameters.weights(of: parameter).copy(
        from: try matrix("w.\(key(parameter))").converted(to: S.self))
    }
    let tape = Tape(model.parameters)
    let terms = model.loss(of: tape.constant(Window(reading: z)), .whole, on: tape)
    tape.backward()
    #expect(terms.map(\.name) == ["values", "alignment", "clusters"])
    assertClose(
      terms.map(\.value), try matrix("recon_cka_kl").elements.map { $0 }, tolerance: tolerance)
    assertClose(
      [LossTerms(terms).total], try matrix("total").elements.map { $0 }, tolerance: tolerance)
    for parameter in model.parameters.all {
      let expected = try matrix("g.\(key(parameter))").elements.map { $0 }
      let size = expected.map { abs($0) }.max() ?? 1
      assertClose(
        model.parameters.gradient(of: parameter).matrix().elements, expected,
        tolerance: tolerance, scale: scale * max(size, 0.1), "\(parameter.name)")
    }
    let data = PairedData(rna: Measurement(z), second: nil)
    let codes = model.codes(over: PairedSteps(data, size: 5, seed: 1))
    assertClose(
      codes.elements, try matrix("attended").elements, tolerance: tolerance, scale: scale)
    for number in 0..<2 {
      assertClose(
        model.assignment(of: codes, in: number).shares.elements,
        try matrix("q.\(number)").elements, tolerance: tolerance, scale: scale)
      assertClose(
        targetDistribution(of: model.assignment(of: codes, in: number).shares).elements,
        try matrix("p.\(number)").elements, tolerance: tolerance, scale: scale)
    }
  }

  @Test func spacesInDouble() throws { try checkSpaces(Double.self, tolerance: 1e-10, scale: 1) }
  @Test func spacesInFloat() throws { try checkSpaces(Float.self, tolerance: 1e-5, scale: 4) }
}
