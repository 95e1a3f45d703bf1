import Autodiff
import Glibc
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// The numbers of the reference, which has no dropout.
private struct GivenNormals<S: EngineScalar>: PassNoise {
  let numbers: Matrix<S>

  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    let ones = tape.workspace.window(rows: rows, columns: columns)
    ones.fill(with: 1)
    return ones
  }

  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> { Window(reading: numbers) }
}

/// A step of scMVAE on 12 cells × (7 genes + 8 peaks as counts), with noise that is given; numbers
/// by a program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScMVAETests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScMVAE<S>
    let batch: PairedBatch<S>

    init() throws {
      let reference = try Reference.load("peers/scmvae")
      func measurement(_ key: String) throws -> Measurement<S> {
        let counts = try #require(reference[key])
        var logs = counts
        for i in 0..<12 { for j in 0..<counts.columns { logs[i, j] = log1p(counts[i, j]) } }
        return Measurement(
          logs.converted(to: S.self), counts: SparseMatrix(counts.converted(to: S.self)),
          sizeFactors: (0..<12).map { i in
            S((0..<counts.columns).reduce(0.0) { $0 + counts[i, $1] })
          })
      }
      let data = PairedData(
        rna: try measurement("counts"), second: try measurement("accessibility"))
      var shape = ScMVAE<S>.Configuration(genes: 7, features: 8)
      (shape.rnaEncoder, shape.secondEncoder, shape.library) = ([6, 5], [6, 5], [4])
      (shape.shared, shape.rnaDecoder, shape.secondDecoder) = ([5, 8], [5, 6], [5, 6])
      (shape.latent, shape.components, shape.decay) = (3, 3, 0)
      shape.densityFloor = 1e-10
      shape.fit(to: data, secondIsBinary: false)
      model = ScMVAE(shape)
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try Self.weights(of: parameter, reference).converted(to: S.self))
      }
      batch = PairedBatch(of: data)
      batch.take(Array(0..<12), withTargets: true)
      self.reference = reference
    }

    /// `second.library.encoder.0.norm.scale` is `atac.library.0.bn.scale` there.
    static func key(of parameter: Parameter) -> String {
      parameter.name.replacing("library.encoder.", with: "library.")
        .replacing("library.mean", with: "library_mean")
        .replacing("library.logvar", with: "library_logvar").replacing("second.", with: "atac.")
        .replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
        .replacing(".norm.", with: ".bn.")
    }

    private static func turned(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix((0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } })
    }

    private static func logs(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix((0..<matrix.rows).map { i in (0..<matrix.columns).map { log(matrix[i, $0]) } })
    }

    private static func weights(_ name: String, _ reference: [String: Matrix<Double>]) throws
      -> Matrix<Double>
    {
      try #require(reference["w.\(name)"], "\(name)")
    }

    /// The mixture is stored by its weights and variances, (D, K).
    static func weights(of parameter: Parameter, _ reference: [String: Matrix<Double>]) throws
      -> Matrix<Double>
    {
      switch parameter.name {
      case "prior.logits": logs(try weights("prior.pi", reference))
      case "prior.mean": turned(try weights("prior.mean", reference))
      case "prior.logvar": turned(logs(try weights("prior.variance", reference)))
      default: try weights(key(of: parameter), reference)
      }
    }

    /// By the logarithms of what is stored.
    func gradient(of parameter: Parameter) throws -> Matrix<Double> {
      func stored(_ name: String) throws -> Matrix<Double> {
        try #require(reference["g.\(name)"], "\(name)")
      }
      switch parameter.name {
      case "prior.logits":
        let (pi, g) = (try Self.weights("prior.pi", reference), try stored("prior.pi"))
        let mean = (0..<3).reduce(0.0) { $0 + pi[0, $1] * g[0, $1] }
        return Matrix([(0..<3).map { pi[0, $0] * (g[0, $0] - mean) }])
      case "prior.mean": return Self.turned(try stored("prior.mean"))
      case "prior.logvar":
        let (v, g) = (try Self.weights("prior.variance", reference), try stored("prior.variance"))
        return Self.turned(
          Matrix((0..<3).map { i in (0..<3).map { v[i, $0] * g[i, $0] } }))
      default: return try stored(Self.key(of: parameter))
      }
    }

    func noise(_ pass: ScMVAEPass) -> any PassNoise<S> {
      let key =
        switch pass {
        case .rnaLibrary: "noise.rna.library"
        case .secondLibrary: "noise.atac.library"
        default: "noise.z"
        }
      return GivenNormals<S>(numbers: (reference[key] ?? .zeros(12, 1)).converted(to: S.self))
    }

    func mean(_ key: String) throws -> Double {
      let rows = Array(try #require(reference[key]).elements)
      return rows.reduce(0, +) / Double(rows.count)
    }
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double, scale: Double) throws {
    let setup = try Setup<S>()
    let moments = try #require(setup.reference["library_prior_mean_variance"])
    for (i, found) in setup.model.configuration.libraries.enumerated() {
      assertClose(
        [found.mean, found.variance], [moments[i, 0], moments[i, 1]], tolerance: tolerance)
    }
    let tape = Tape(setup.model.parameters)
    let kappa = try #require(setup.reference["kl_weight"])[0, 0]
    let terms = setup.model.loss(
      setup.batch, .mixture, kappa: kappa, noise: setup.noise,
      mode: .training(updatingStatistics: false), on: tape)
    tape.backward()
    #expect(terms.map(\.name) == ["rna", "rna_library", "second", "second_library", "kl"])
    #expect(terms.map(\.weight) == [4, 1, 1, 1, kappa])
    assertClose(
      terms.map(\.value),
      try [
        "rna.zinb_rows", "rna.library_kl", "atac.zinb_rows", "atac.library_kl", "prior_kl",
      ].map { try setup.mean($0) }, tolerance: tolerance)
    assertClose(
      [LossTerms(terms).total], try #require(setup.reference["total"]).elements,
      tolerance: tolerance)
    for parameter in setup.model.parameters.all {
      let gradient = setup.model.parameters.gradient(of: parameter).matrix()
      let expected = try setup.gradient(of: parameter)
      // The bias before a normalization moves nothing: what is left is rounding.
      let size = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        gradient.elements, expected.elements, tolerance: tolerance,
        scale: scale * max(size, 0.1), "\(parameter.name)")
    }
  }

  @Test func inDouble() throws { try check(Double.self, tolerance: 1e-10, scale: 1) }
  @Test func inFloat() throws { try check(Float.self, tolerance: 1e-5, scale: 4) }

  /// γ of the sampled codes.
  @Test func shares() throws {
    let reference = try Reference.load("peers/scmvae")
    let setup = try Setup<Double>()
    let tape = Tape(setup.model.parameters)
    func parameter(_ name: String) throws -> Variable<Double> {
      tape.variable(try #require(setup.model.parameters[name]))
    }
    let prior = MixturePrior(
      logits: try parameter("prior.logits"), means: try parameter("prior.mean"),
      logVariances: try parameter("prior.logvar"))
    let found = prior.shares(
      of: Window(reading: try #require(reference["z"])), densityFloor: 1e-10)
    assertClose(found, try #require(reference["gamma"]), tolerance: 1e-10)
  }
}
