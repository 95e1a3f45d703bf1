import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Codes with their distributions, and a mixture, all of them parameters.
private struct MixtureCase<S: EngineScalar> {
  let parameters = Parameters<S>()
  private let places: [Parameter]

  /// m, l and z (N, D); logits (1, K), means and log variances (K, D).
  init(_ values: [Matrix<Double>]) {
    let parameters = parameters
    places = values.enumerated().map { number, matrix in
      parameters.declare("p\(number)", rows: matrix.rows, columns: matrix.columns, .zeros)
    }
    for (place, matrix) in zip(places, values) {
      parameters.weights(of: place).copy(from: matrix.converted(to: S.self))
    }
  }

  /// - Parameter isMean: whether the code is the mean itself, as without noise.
  func value(weight: S = 1, floor: Double = 0, isMean: Bool = false) -> Double {
    let tape = Tape(parameters)
    let v = places.map { tape.variable($0) }
    let loss = tape.mixtureDivergenceLoss(
      of: NormalExpert(mean: v[0], logVariance: v[1]), code: isMean ? v[0] : v[2],
      from: MixturePrior(logits: v[3], means: v[4], logVariances: v[5]), weight: weight,
      densityFloor: floor)
    tape.backward()
    return loss
  }

  func shares() -> Matrix<Double> {
    let tape = Tape(parameters)
    let v = places.map { tape.variable($0) }
    return MixturePrior(logits: v[3], means: v[4], logVariances: v[5]).shares(of: v[2].value)
  }

  var gradients: [Double] { parameters.gradients.matrix().elements.map { Double($0) } }
}

/// Five cells, three columns, four components.
private func simulated<S: EngineScalar>(_ scalar: S.Type) -> MixtureCase<S> {
  MixtureCase(
    [(5, 3), (5, 3), (5, 3), (1, 4), (4, 3), (4, 3)].enumerated().map {
      randomMatrix($1.0, $1.1, seed: UInt64($0 + 1))
    })
}

@Suite struct MixtureDivergenceLossTests {
  /// z 0.5 between means 0 and 2 of variance 1 and weights of a half; m 0.5 and l −1.
  @Test func knownValues() {
    let model = MixtureCase<Double>([
      Matrix([[0.5]]), Matrix([[-1]]), Matrix([[0.5]]), Matrix([[3, 3]]), Matrix([[0], [2]]),
      Matrix([[0], [0]]),
    ])
    let shares = model.shares()
    assertClose([shares[0, 0], shares[0, 1]], [0.7310585784, 0.2689414216], tolerance: 1e-9)
    assertClose([model.value()], [0.6888252136], tolerance: 1e-9)
  }

  /// A single component N(0, 1) is the prior of a plain autoencoder.
  @Test func ofOneComponent() {
    let (m, l) = (randomMatrix(6, 3, seed: 1), randomMatrix(6, 3, seed: 2))
    let model = MixtureCase<Double>([
      m, l, randomMatrix(6, 3, seed: 3), Matrix([[-2]]), .zeros(1, 3), .zeros(1, 3),
    ])
    let tape = Tape(Parameters<Double>())
    let plain = tape.gaussianDivergenceLoss(
      mean: tape.constant(Window(reading: m)), logVariance: tape.constant(Window(reading: l)),
      weight: 1)
    assertClose([model.value()], [plain], tolerance: 1e-12)
  }

  @Test(arguments: [(0.0, false), (0.01, false), (0, true)])
  func gradientsAgreeWithFiniteDifferences(_ floor: Double, _ isMean: Bool) {
    let model = simulated(Double.self)
    for weight in [1, -0.3] {
      _ = model.value(weight: weight, floor: floor, isMean: isMean)
      let (gradient, weights) = (model.gradients, model.parameters.weights)
      #expect(gradient.contains { $0 != 0 })
      checkGradient(
        gradient, weight: { weights[0, $0] }, set: { weights[0, $0] = $1 },
        loss: { weight * model.value(weight: weight, floor: floor, isMean: isMean) })
    }
  }

  @Test func inSinglePrecision() {
    let (double, single) = (simulated(Double.self), simulated(Float.self))
    assertClose([single.value()], [double.value()], tolerance: 1e-6)
    assertClose(single.gradients, double.gradients, tolerance: 1e-5, scale: 0.1)
  }

  /// Densities that are 0 in any precision leave shares, loss and gradients finite.
  @Test func farFromAllComponents() {
    let far = Matrix<Double>(repeating: 4000, rows: 5, columns: 3)
    let model = MixtureCase<Float>([
      far, randomMatrix(5, 3, seed: 2), far, randomMatrix(1, 4, seed: 3),
      randomMatrix(4, 3, seed: 4), randomMatrix(4, 3, seed: 5),
    ])
    #expect(model.value().isFinite && model.gradients.allSatisfy(\.isFinite))
    let shares = model.shares()
    assertClose(
      (0..<5).map { i in (0..<4).reduce(0) { $0 + shares[i, $1] } }, [1, 1, 1, 1, 1],
      tolerance: 1e-12)
  }
}
