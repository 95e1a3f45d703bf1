import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// The heads alone: with the identity for hidden rows, a head's kernel is its pre-activation.
private struct HeadsOnly<S: EngineScalar> {
  let parameters = Parameters<S>()
  let heads: ZINBHeads
  let tape: Tape<S>
  let target: CountTarget<S>
  let cells: Int

  init(
    dropout: Matrix<Double>, mean: Matrix<Double>, dispersion: Matrix<Double>,
    counts: Matrix<Double>, sizes: [Double], link: DispersionLink = .softplus
  ) {
    cells = counts.rows
    heads = ZINBHeads(
      "zinb", inputs: cells, genes: counts.columns, link: link, in: parameters)
    target = CountTarget(
      counts: SparseMatrix(counts.converted(to: S.self)), sizeFactors: sizes.map { S($0) })
    for (layer, values) in [
      (heads.dropout, dropout), (heads.mean, mean), (heads.dispersion, dispersion),
    ] {
      parameters.weights(of: layer.kernel).copy(from: values.converted(to: S.self))
    }
    tape = Tape(parameters)
  }

  func loss() -> Double {
    tape.reset()
    var identity = Matrix<S>.zeros(cells, cells)
    for i in 0..<cells { identity[i, i] = 1 }
    return tape.zinbLoss(
      heads, of: tape.constant(Window(reading: identity)), to: target, weight: 1)
  }

  /// The same with a ridge on the dropout probabilities.
  func lossWithRidge(_ ridge: S) -> (likelihood: Double, ridge: Double) {
    tape.reset()
    var identity = Matrix<S>.zeros(cells, cells)
    for i in 0..<cells { identity[i, i] = 1 }
    return tape.zinbLoss(
      heads, of: tape.constant(Window(reading: identity)), to: target, weight: 1, ridge: ridge)
  }

  func gradient(_ layer: Dense) -> Matrix<S> { parameters.gradient(of: layer.kernel).matrix() }
}

@Suite struct ZINBLossTests {
  private static func small() -> HeadsOnly<Double> {
    HeadsOnly(
      dropout: randomMatrix(6, 5, seed: 1), mean: randomMatrix(6, 5, seed: 2),
      dispersion: randomMatrix(6, 5, seed: 3), counts: randomCounts(6, 5, seed: 4),
      sizes: [0.5, 1, 1.5, 2, 0.1, 3])
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    let model = Self.small()
    _ = model.loss()
    model.tape.backward()
    let weights = model.parameters.weights
    checkGradient(
      Array(model.parameters.gradients.matrix().elements),
      weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: model.loss)
  }

  @Test func gradientsOfTheRidgeAgreeWithFiniteDifferences() {
    let model = Self.small()
    let found = model.lossWithRidge(0.7)
    model.tape.backward()
    let weights = model.parameters.weights
    checkGradient(
      Array(model.parameters.gradients.matrix().elements),
      weight: { weights[0, $0] }, set: { weights[0, $0] = $1 },
      loss: {
        let value = model.lossWithRidge(0.7)
        return value.likelihood + 0.7 * value.ridge
      })
    assertClose([found.likelihood], [model.loss()], tolerance: 1e-14)
    let shares = randomMatrix(6, 5, seed: 1).elements.map { 1 / (1 + exp(-$0)) }
    assertClose([found.ridge], [shares.reduce(0) { $0 + $1 * $1 } / 30], tolerance: 1e-13)
  }

  /// π 0.3, μ 1, θ 2 and a count of 3: 3.0771476646 + 0.3².
  @Test func theRidgeOfOneCount() {
    let model = HeadsOnly<Double>(
      dropout: Matrix([[log(0.3 / 0.7)]]), mean: Matrix([[0]]),
      dispersion: Matrix([[log(expm1(2.0))]]), counts: Matrix([[3]]), sizes: [1])
    let found = model.lossWithRidge(1)
    // The likelihood here has lgamma(4) too.
    assertClose([found.likelihood + found.ridge], [3.1671476646], tolerance: 1e-9)
  }

  /// θ = exp a: the loss of the softplus whose θ is the same, with gradients of its own.
  @Test func exponentialDispersions() {
    func heads(_ dispersion: Matrix<Double>, _ link: DispersionLink) -> HeadsOnly<Double> {
      HeadsOnly(
        dropout: randomMatrix(6, 5, seed: 1), mean: randomMatrix(6, 5, seed: 2),
        dispersion: dispersion, counts: randomCounts(6, 5, seed: 4),
        sizes: [0.5, 1, 1.5, 2, 0.1, 3], link: link)
    }
    var a = randomMatrix(6, 5, seed: 3)
    a[0, 0] = 4
    var same = a
    for i in 0..<6 { for j in 0..<5 { same[i, j] = log(expm1(exp(a[i, j]))) } }
    let model = heads(a, .exp)
    assertClose([model.loss()], [heads(same, .softplus).loss()], tolerance: 1e-12)
    model.tape.backward()
    let weights = model.parameters.weights
    checkGradient(
      Array(model.parameters.gradients.matrix().elements),
      weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: model.loss)
  }

  /// The gradient of the hidden rows, over more cells and genes than one tile and one block hold.
  @Test func hiddenGradientSpansTilesAndBlocks() {
    let (cells, genes, width) = (1100, 300, 3)
    let parameters = Parameters<Double>()
    let input = parameters.declare("x", rows: cells, columns: width, .zeros)
    let heads = ZINBHeads("zinb", inputs: width, genes: genes, in: parameters)
    parameters.initialize(seed: 1)
    parameters.weights(of: input).copy(from: randomMatrix(cells, width, seed: 2))
    let target = CountTarget(
      counts: SparseMatrix(randomCounts(cells, genes, seed: 3)),
      sizeFactors: [Double](repeating: 1, count: cells))
    let tape = Tape(parameters)
    func loss() -> Double {
      tape.reset()
      return tape.zinbLoss(heads, of: tape.variable(input), to: target, weight: 1)
    }
    _ = loss()
    tape.backward()
    let weights = parameters.weights
    let gradient = parameters.gradients.matrix().elements
    let sample = (0..<40).map { ($0 * 7919) % parameters.count } + [cells * width - 1]
    for i in sample {
      checkGradient(
        [gradient[i] * Double(cells)], tolerance: 1e-4, step: 1e-3,
        weight: { _ in weights[0, i] }, set: { weights[0, i] = $1 },
        loss: { loss() * Double(cells) }, "weight \(i)")
    }
  }

  @Test func largeDispersionsDoNotCancelInFloat() {
    let cells = 4
    let dispersion = Matrix<Double>(repeating: 9_000, rows: cells, columns: 6)
    let mean = randomMatrix(cells, 6, seed: 5)
    var counts = randomCounts(cells, 6, seed: 6)
    counts[0, 0] = 3000
    counts[1, 1] = 7
    let dropout = randomMatrix(cells, 6, seed: 7)
    let sizes = [1.0, 2, 0.5, 1]
    let exact = HeadsOnly<Double>(
      dropout: dropout, mean: mean, dispersion: dispersion, counts: counts, sizes: sizes)
    let single = HeadsOnly<Float>(
      dropout: dropout, mean: mean, dispersion: dispersion, counts: counts, sizes: sizes)
    let difference = abs(exact.loss() - single.loss()) / exact.loss()
    #expect(difference < 1e-6)
    exact.tape.backward()
    single.tape.backward()
    assertClose(
      single.gradient(single.heads.mean), exact.gradient(exact.heads.mean), tolerance: 1e-5)
  }
}

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceZINBTests {
  private func check<S: EngineScalar>(
    _ name: String, scalar: S.Type, tolerance: Double, sizes: String? = nil
  ) throws {
    let reference = try Reference.load(name)
    let counts = try #require(reference["x"])
    let model = HeadsOnly<S>(
      dropout: try #require(reference["a_pi"]), mean: try #require(reference["a_mean"]),
      dispersion: try #require(reference["a_disp"]), counts: counts,
      sizes: try sizes.map { Array(try #require(reference[$0]).elements) }
        ?? [Double](repeating: 1, count: counts.rows))
    assertClose(
      [model.loss()], try #require(reference["zinb_mean_loss"]).elements, tolerance: tolerance)
    model.tape.backward()
    let pairs = [
      (model.heads.dropout, "g_a_pi"), (model.heads.mean, "g_a_mean"),
      (model.heads.dispersion, "g_a_disp"),
    ]
    for (layer, key) in pairs {
      assertClose(
        model.gradient(layer), try #require(reference[key]), tolerance: tolerance, "\(name) \(key)")
    }
  }

  /// Computed by scTPF's published program (TensorFlow 2), Float64; no size factors.
  @Test func publishedScTPFInDouble() throws {
    try check("zinb_sctpf", scalar: Double.self, tolerance: 1e-10)
  }
  @Test func publishedScTPFInFloat() throws {
    try check("zinb_sctpf", scalar: Float.self, tolerance: 1e-5)
  }
  /// Computed by scEMC's published program (PyTorch), Float64; with size factors.
  @Test func publishedScEMCInDouble() throws {
    try check("zinb_scemc", scalar: Double.self, tolerance: 1e-10, sizes: "size_factor")
  }
  @Test func publishedScEMCInFloat() throws {
    try check("zinb_scemc", scalar: Float.self, tolerance: 1e-5, sizes: "size_factor")
  }
}
