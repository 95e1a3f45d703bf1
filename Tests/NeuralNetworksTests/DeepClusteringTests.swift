import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct DeepClusteringTests {
  /// p of the pairwise loss by its definition. (n, n)
  private static func target(_ z: Matrix<Double>) -> (p: [[Double]], q: [[Double]]) {
    let n = z.rows
    var q = (0..<n).map { i in
      (0..<n).map { j in
        i == j
          ? 0 : 1 / (1 + (0..<z.columns).reduce(0.0) { $0 + pow(z[i, $1] - z[j, $1], 2) })
      }
    }
    q = q.map { row in row.map { $0 / row.reduce(0, +) } }
    let f = (0..<n).map { j in q.reduce(0) { $0 + $1[j] } }
    let squares = q.map { row in zip(row, f).map { $0 * $0 / $1 } }
    return (squares.map { row in row.map { $0 / row.reduce(0, +) } }, q)
  }

  private static func pairwise(_ p: [[Double]], _ q: [[Double]]) -> Double {
    var loss = 0.0
    for (a, b) in zip(p.joined(), q.joined()) where a > 0 { loss += a * log(a / b) }
    return loss / Double(p.count)
  }

  @Test(arguments: [false, true]) func pairwiseGradientsAgreeWithFiniteDifferences(through: Bool) {
    let parameters = Parameters<Double>()
    let codes = parameters.declare("z", rows: 21, columns: 4, .zeros)
    parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 1))
    let tape = Tape(parameters)
    let loss = tape.pairwiseLoss(
      of: tape.variable(codes), weight: 2, differentiatingTarget: through)
    tape.backward()
    let held = Self.target(parameters.weights(of: codes).matrix()).p
    func evaluate() -> Double {
      let (p, q) = Self.target(parameters.weights(of: codes).matrix())
      return Self.pairwise(through ? p : held, q)
    }
    assertClose([loss], [evaluate()], tolerance: 1e-12)
    let weights = parameters.weights
    checkGradient(
      parameters.gradients.matrix().elements.map { $0 / 2 }, weight: { weights[0, $0] },
      set: { weights[0, $0] = $1 }, loss: evaluate)
  }

  @Test func deepKMeansGradientsAgreeWithFiniteDifferences() {
    CodesAndCenters().checkGradients { tape, codes, centers in
      tape.deepKMeansLoss(of: codes, to: centers, weight: 1)
    }
  }

  /// The paper's distance, by its definition and by finite differences.
  @Test func euclideanKMeansGradientsAgreeWithFiniteDifferences() {
    let model = CodesAndCenters()
    let (z, v) = model.values
    let loss = model.checkGradients { tape, codes, centers in
      tape.deepKMeansLoss(of: codes, to: centers, by: .euclidean, weight: 1)
    }
    let expected = (0..<11).reduce(0.0) { sum, i in
      let d = (0..<3).map { j in
        (0..<4).reduce(0.0) { $0 + pow(z[i, $1] - v[j, $1], 2) }.squareRoot()
      }
      let soft = d.map { exp(-$0) }
      let squares = soft.map { pow($0 / soft.reduce(0, +), 2) }
      return sum + zip(squares, d).reduce(0) { $0 + $1.0 * $1.1 } / squares.reduce(0, +) / 11
    }
    assertClose([loss], [expected], tolerance: 1e-12)
  }

  /// A cell without a target has no loss; the others are drawn to the centers of their targets.
  @Test func distanceGradientsAgreeWithFiniteDifferences() {
    let model = CodesAndCenters()
    let targets = Buffer((0..<11).map { Int32($0 % 4) - 1 })
    let (z, v) = model.values
    let loss = model.checkGradients { tape, codes, centers in
      tape.distanceLoss(of: codes, to: centers, targets: targets, weight: 1)
    }
    let expected = (0..<11).filter { targets[$0] >= 0 }.reduce(0.0) { sum, i in
      sum + (0..<4).reduce(0.0) { $0 + pow(z[i, $1] - v[Int(targets[i]), $1], 2) / 11 }
    }
    assertClose([loss], [expected], tolerance: 1e-12)
  }

  @Test func squaredErrorGradientsAgreeWithFiniteDifferences() {
    let parameters = Parameters<Double>()
    let prediction = parameters.declare("y", rows: 6, columns: 5, .zeros)
    parameters.weights.copy(from: randomMatrix(1, 30, seed: 1))
    let target = randomMatrix(6, 5, seed: 2)
    let tape = Tape(parameters)
    func loss() -> Double {
      tape.reset()
      return tape.squaredErrorLoss(
        of: tape.variable(prediction), to: Window(reading: target), weight: 1)
    }
    let expected = zip(parameters.weights.matrix().elements, target.elements)
      .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 30 }
    assertClose([loss()], [expected], tolerance: 1e-12)
    tape.backward()
    let weights = parameters.weights
    checkGradient(
      Array(parameters.gradients.matrix().elements), weight: { weights[0, $0] },
      set: { weights[0, $0] = $1 }, loss: loss)
  }

  @Test func aSingleCellHasNoPairs() {
    let parameters = Parameters<Float>()
    let codes = parameters.declare("z", rows: 1, columns: 4, .glorotUniform)
    parameters.initialize(seed: 1)
    let tape = Tape(parameters)
    #expect(tape.pairwiseLoss(of: tape.variable(codes), weight: 1) == 0)
    tape.backward()
    #expect(parameters.gradients.matrix().elements.allSatisfy { $0 == 0 })
  }

  @Test func ofEquallyNearCentersTheFirstIsTaken() {
    let codes = Matrix<Float>([[0, 0], [1, 0], [5, 5]])
    let centers = Matrix<Float>([[9, 9], [1, 0], [-1, 0], [5, 4]])
    #expect(
      nearestCenters(of: Window(reading: codes), to: Window(reading: centers)) == [1, 1, 3])
  }
}

/// Numbers by scEMC's published program (PyTorch), Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceDeepClusteringTests {
  private struct Codes<S: EngineScalar> {
    let parameters = Parameters<S>()
    let codes: Parameter
    let tape: Tape<S>

    init(_ values: Matrix<Double>) {
      codes = parameters.declare("z", rows: values.rows, columns: values.columns, .zeros)
      parameters.weights.copy(from: values.converted(to: S.self))
      tape = Tape(parameters)
    }
  }

  private func checkPairs<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("pairwise_kl")
    for (key, through) in [("g_z", true), ("g_z_if_target_detached", false)] {
      let setup = Codes<S>(try #require(reference["z"]))
      let loss = setup.tape.pairwiseLoss(
        of: setup.tape.variable(setup.codes), weight: 1, differentiatingTarget: through)
      setup.tape.backward()
      assertClose([loss], try #require(reference["loss"]).elements, tolerance: tolerance)
      let expected = try #require(reference[key])
      assertClose(
        setup.parameters.gradient(of: setup.codes).matrix(), expected, tolerance: tolerance,
        scale: expected.elements.map { abs($0) }.max() ?? 1, key)
    }
  }

  @Test func pairsInDouble() throws { try checkPairs(Double.self, tolerance: 1e-10) }
  @Test func pairsInFloat() throws { try checkPairs(Float.self, tolerance: 1e-5) }

  private func checkCenters<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("kmeans_loss")
    let setup = Codes<S>(try #require(reference["z"]))
    let centers = try #require(reference["mu"]).converted(to: S.self)
    let loss = setup.tape.deepKMeansLoss(
      of: setup.tape.variable(setup.codes), to: setup.tape.constant(Window(reading: centers)),
      weight: 1)
    setup.tape.backward()
    assertClose([loss], try #require(reference["loss"]).elements, tolerance: tolerance)
    let expected = try #require(reference["g_z"])
    assertClose(
      setup.parameters.gradient(of: setup.codes).matrix(), expected, tolerance: tolerance,
      scale: expected.elements.map { abs($0) }.max() ?? 1)
    let labels = nearestCenters(
      of: setup.parameters.weights(of: setup.codes), to: Window(reading: centers))
    #expect(labels == (try #require(reference["labels"])).elements.map { Int($0) })
  }

  @Test func centersInDouble() throws { try checkCenters(Double.self, tolerance: 1e-10) }
  @Test func centersInFloat() throws { try checkCenters(Float.self, tolerance: 1e-5) }
}
