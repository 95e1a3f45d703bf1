import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct AssignmentCrossEntropyTests {
  private func targets(_ rows: Int, seed: UInt64) -> Matrix<Double> {
    var shares = randomMatrix(rows, 3, seed: seed)
    for i in 0..<rows { for j in 0..<3 { shares[i, j] = abs(shares[i, j]) + 0.1 } }
    return targetDistribution(of: shares)
  }

  /// Three cells and two centers, by hand.
  @Test func theLossOfThreeCells() {
    let codes = Matrix<Double>([[0, 0], [1, 0], [3, 4]])
    let centers = Matrix<Double>([[0, 0], [2, 0]])
    let shares = softAssignment(of: Window(reading: codes), to: Window(reading: centers))
    let targets = targetDistribution(of: shares)
    let tape = Tape(Parameters<Double>())
    let value = tape.assignmentCrossEntropy(
      of: tape.constant(Window(reading: codes)), to: tape.constant(Window(reading: centers)),
      targets: Window(reading: targets), weight: 1)
    assertClose([value], [0.5268621678], tolerance: 1e-9)
  }

  @Test(arguments: [1e-7, 0.3]) func gradientsAgreeWithFiniteDifferences(_ floor: Double) {
    var targets = targets(11, seed: 5)
    // Without a target, and with a certain one.
    for j in 0..<3 { (targets[2, j], targets[4, j]) = (0, j == 1 ? 1 : 0) }
    let loss = CodesAndCenters().checkGradients { tape, codes, centers in
      tape.assignmentCrossEntropy(
        of: codes, to: centers, targets: Window(reading: targets), weight: 1, floor: floor)
    }
    #expect(loss.isFinite)
  }

  /// One cluster has the whole share, and 1 − q vanishes.
  @Test func oneClusterIsFinite() {
    let parameters = Parameters<Float>()
    let codes = parameters.declare("z", rows: 4, columns: 2, .zeros)
    let tape = Tape(parameters)
    let ones = Matrix<Float>(rows: 4, columns: 1, elements: Buffer(repeating: 1, count: 4))
    let value = tape.assignmentCrossEntropy(
      of: tape.variable(codes), to: tape.constant(Window(reading: Matrix([[1, 2]]))),
      targets: Window(reading: ones), weight: 1)
    tape.backward()
    #expect(value == 0 && parameters.gradients.matrix().elements.allSatisfy { $0 == 0 })
  }

  @Test func theSoftmaxDivergenceAndItsGradient() {
    let parameters = Parameters<Double>()
    let logits = parameters.declare("x", rows: 7, columns: 3, .zeros)
    parameters.weights.copy(from: randomMatrix(1, 21, seed: 2))
    var targets = targets(7, seed: 6)
    for j in 0..<3 { (targets[1, j], targets[3, j]) = (0, j == 2 ? 1 : 0) }
    let tape = Tape(parameters)
    func loss() -> Double {
      tape.reset()
      // Twice: the second adds to the gradient of the first.
      return (0..<2).reduce(0.0) { sum, _ in
        sum
          + tape.softmaxDivergenceLoss(
            of: tape.variable(logits), targets: Window(reading: targets), weight: 1)
      }
    }
    let value = loss()
    tape.backward()
    let weights = parameters.weights
    checkGradient(
      Array(parameters.gradients.matrix().elements), weight: { weights[0, $0] },
      set: { weights[0, $0] = $1 }, loss: loss)
    _ = loss()
    var expected = 0.0
    for i in 0..<7 {
      let sum = (0..<3).reduce(0.0) { $0 + exp(weights[0, 3 * i + $1]) }
      for j in 0..<3 where targets[i, j] > 0 {
        expected += targets[i, j] * log(targets[i, j] * sum / exp(weights[0, 3 * i + j]))
      }
    }
    assertClose([value], [2 * expected / 7], tolerance: 1e-12)
    // The gradient is (y − p) / N.
    let sum = (0..<3).reduce(0.0) { $0 + exp(weights[0, $1]) }
    tape.reset()
    _ = tape.softmaxDivergenceLoss(
      of: tape.variable(logits), targets: Window(reading: targets), weight: 1)
    tape.backward()
    assertClose(
      [parameters.gradients[0, 0], parameters.gradients[0, 3]],
      [(exp(weights[0, 0]) / sum - targets[0, 0]) / 7, 0], tolerance: 1e-12)
  }
}
