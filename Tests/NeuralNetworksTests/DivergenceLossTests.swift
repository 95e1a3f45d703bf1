import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct DivergenceLossTests {
  private static let codes = Matrix<Double>([[0, 0], [1, 0], [3, 4]])
  private static let centers = Matrix<Double>([[0, 0], [2, 0]])

  /// The loss at codes and centers, and its gradients of both.
  private func loss(
    _ z: Matrix<Double>, _ c: Matrix<Double>, _ targets: Matrix<Double>, _ floor: ShareFloor
  ) -> (value: Double, codes: Matrix<Double>, centers: Matrix<Double>) {
    let parameters = Parameters<Double>()
    let codes = parameters.declare("z", rows: z.rows, columns: z.columns, .zeros)
    let centers = parameters.declare("c", rows: c.rows, columns: c.columns, .zeros)
    parameters.weights(of: codes).copy(from: z)
    parameters.weights(of: centers).copy(from: c)
    let tape = Tape(parameters)
    let value = tape.divergenceLoss(
      of: tape.variable(codes), to: tape.variable(centers), targets: Window(reading: targets),
      weight: 1, floor: floor)
    tape.backward()
    return (
      value, parameters.gradient(of: codes).matrix(), parameters.gradient(of: centers).matrix()
    )
  }

  /// By hand: q = u / Σ u, p = q² / Σ_i q by row.
  @Test func sharesTargetsAndLossOfThreeCells() {
    let shares = softAssignment(
      of: Window(reading: Self.codes), to: Window(reading: Self.centers))
    assertClose(
      shares.elements,
      [0.8333333333, 0.1666666667, 0.5, 0.5, 0.4090909091, 0.5909090909], tolerance: 1e-9)
    let targets = targetDistribution(of: shares)
    assertClose(
      targets.elements,
      [0.9474885845, 0.0525114155, 0.4191919192, 0.5808080808, 0.2570150623, 0.7429849377],
      tolerance: 1e-9)
    assertClose(targetDistribution(of: shares, order: [2, 0, 1]), targets, tolerance: 1e-15)
    for (floor, value) in [
      (ShareFloor.clipped(1e-7), 0.0416001761), (.added(1e-6), 0.0415983969),
    ] {
      assertClose(
        [loss(Self.codes, Self.centers, targets, floor).value], [value], tolerance: 1e-8)
    }
  }

  /// ∂KL/∂z = (2 / N) Σ_j u (p − q) (z − c): a step against it goes toward the centers whose target
  /// is above the share.
  @Test func codesArePulledToWhereTheTargetIsHigher() {
    let targets = Matrix<Double>([[0.9474885845, 0.0525114155], [0.2, 0.8], [0.5, 0.5]])
    let found = loss(Self.codes, Self.centers, targets, .clipped(1e-7))
    #expect(found.codes[1, 0] < 0 && found.codes[1, 1] == 0)
    let (z, c) = (Self.codes, Self.centers)
    for d in 0..<2 {
      var (own, center) = (0.0, 0.0)
      for i in 0..<3 {
        let u = (0..<2).map { j in
          1 / (1 + (0..<2).reduce(0.0) { $0 + (z[i, $1] - c[j, $1]) * (z[i, $1] - c[j, $1]) })
        }
        for j in 0..<2 {
          let pull = u[j] * (targets[i, j] - u[j] / (u[0] + u[1])) * (z[i, d] - c[j, d])
          if i == 1 { own += 2.0 / 3 * pull }
          if j == 0 { center -= 2.0 / 3 * pull }
        }
      }
      assertClose([found.codes[1, d], found.centers[0, d]], [own, center], tolerance: 1e-9)
    }
  }

  @Test(arguments: [ShareFloor.clipped(1e-7), .added(1e-6), .clipped(0.3), .added(0.05)])
  func gradientsAgreeWithFiniteDifferences(_ floor: ShareFloor) {
    var targets = targetDistribution(of: randomMatrix(11, 3, seed: 5).mapped { abs($0) + 0.1 })
    // A share of 0 costs nothing if it is not clipped.
    (targets[4, 0], targets[4, 1], targets[4, 2]) = (0, 1, 0)
    let loss = CodesAndCenters().checkGradients { tape, codes, centers in
      tape.divergenceLoss(
        of: codes, to: centers, targets: Window(reading: targets), weight: 1, floor: floor)
    }
    #expect(loss.isFinite)
  }

  /// More cells than a tile holds: the same sum, and a gradient that adds to another.
  @Test func tilesAddUp() {
    let (z, c) = (randomMatrix(1500, 4, seed: 1), randomMatrix(3, 4, seed: 2))
    let shares = softAssignment(of: Window(reading: z), to: Window(reading: c))
    let targets = targetDistribution(of: shares)
    let whole = loss(z, c, targets, .clipped(1e-7))
    let halves = [Array(0..<700), Array(700..<1500)].map { rows in
      let part = loss(
        z.selectingRows(rows), c, targets.selectingRows(rows), .clipped(1e-7))
      return (share: Double(rows.count) / 1500, part: part)
    }
    let value = halves.reduce(0) { $0 + $1.share * $1.part.value }
    assertClose([whole.value], [value], tolerance: 1e-12)
    for j in 0..<3 {
      for d in 0..<4 {
        let sum = halves.reduce(0) { $0 + $1.share * $1.part.centers[j, d] }
        assertClose([whole.centers[j, d]], [sum], tolerance: 1e-10)
      }
    }
    let (parameters, other) = (Parameters<Double>(), Parameters<Double>())
    for (place, times) in [(parameters, 1), (other, 2)] {
      let codes = place.declare("z", rows: 1500, columns: 4, .zeros)
      place.weights(of: codes).copy(from: z)
      let tape = Tape(place)
      for _ in 0..<times {
        _ = tape.divergenceLoss(
          of: tape.variable(codes), to: tape.constant(Window(reading: c)),
          targets: Window(reading: targets), weight: 1)
      }
    }
    assertClose(
      other.gradients.matrix().elements, parameters.gradients.matrix().elements.map { 2 * $0 },
      tolerance: 1e-12)
  }

  /// −√ε / √(0.05 g² + ε) · g.
  @Test func adadeltaBeginsWithASmallStep() {
    let parameters = Parameters<Double>()
    _ = parameters.declare("w", rows: 1, columns: 1, .zeros)
    parameters.gradients.fill(with: 1)
    Adadelta<Double>(weightCount: 1).update(parameters)
    assertClose([parameters.weights[0, 0]], [-0.0044720912], tolerance: 1e-7)
  }
}

extension Matrix<Double> {
  fileprivate func mapped(_ change: (Double) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: Buffer(elements.map(change)))
  }
}
