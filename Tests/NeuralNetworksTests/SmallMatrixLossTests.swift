import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Two embeddings of the same cells, whose losses are checked.
private struct TwoViews {
  let parameters = Parameters<Double>()
  let views: [Parameter]

  init(_ first: Matrix<Double>, _ second: Matrix<Double>) {
    let parameters = parameters
    views = [first, second].enumerated().map { i, view in
      parameters.declare("view.\(i)", rows: view.rows, columns: view.columns, .zeros)
    }
    for (view, values) in zip(views, [first, second]) {
      parameters.weights(of: view).copy(from: values)
    }
  }

  typealias Loss = (Tape<Double>, Variable<Double>, Variable<Double>) -> Double

  /// The loss, with its gradients in the parameters.
  func value(_ loss: Loss) -> Double {
    let tape = Tape(parameters)
    let result = loss(tape, tape.variable(views[0]), tape.variable(views[1]))
    tape.backward()
    return result
  }

  /// Compares the gradients of a loss, of weight 1 and of another, with finite differences.
  func check(_ loss: @escaping (Tape<Double>, Variable<Double>, Variable<Double>, Double) -> Double)
  {
    for weight in [1, -0.3] {
      _ = value { loss($0, $1, $2, weight) }
      let gradient = Array(parameters.gradients.matrix().elements)
      #expect(gradient.contains { $0 != 0 })
      let weights = parameters.weights
      checkGradient(
        gradient, weight: { weights[0, $0] }, set: { weights[0, $0] = $1 },
        loss: { weight * value { loss($0, $1, $2, weight) } })
    }
  }
}

@Suite struct ContrastLossTests {
  private func contrast(_ first: Matrix<Double>, _ second: Matrix<Double>) -> Double {
    TwoViews(first, second).value {
      $0.contrastLoss(of: $1, and: $2, marginWeight: 10, weight: 1)
    }
  }

  /// By hand: J = [¼ ⅜; ⅜ 0], of which the last is ε.
  @Test func ofTwoCells() {
    let found = contrast(Matrix([[1, 0], [0, 2]]), Matrix([[1, 1], [1, 0]]))
    assertClose([found], [-12.1490692331], tolerance: 1e-9)
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    func positive(_ seed: UInt64) -> Matrix<Double> {
      var matrix = randomMatrix(9, 3, seed: seed)
      for i in 0..<9 {
        for j in 0..<3 { matrix[i, j] = abs(matrix[i, j]) + 0.1 }
      }
      return matrix
    }
    TwoViews(positive(1), positive(2)).check {
      $0.contrastLoss(of: $1, and: $2, marginWeight: 10, weight: $3)
    }
    // A kind of which no cell is: it moves neither J nor its margins.
    var empty = (positive(3), positive(4))
    for i in 0..<9 { (empty.0[i, 1], empty.1[i, 1]) = (0, 0) }
    let views = TwoViews(empty.0, empty.1)
    let value = views.value { $0.contrastLoss(of: $1, and: $2, marginWeight: 2, weight: 1) }
    #expect(value.isFinite)
    #expect(views.parameters.gradients.matrix().elements.allSatisfy { $0.isFinite })
  }

  @Test func codesOfZeroHaveNoLoss() {
    let views = TwoViews(Matrix.zeros(4, 3), Matrix.zeros(4, 3))
    #expect(
      views.value { $0.contrastLoss(of: $1, and: $2, marginWeight: 10, weight: 1) } == 0)
    #expect(views.parameters.gradients.matrix().elements.allSatisfy { $0 == 0 })
  }

  /// Views that agree on which of the kinds a cell is have a lower loss than views that do not.
  @Test func agreementLowersIt() {
    let kinds = Matrix<Double>([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    let mixed = Matrix<Double>([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    #expect(contrast(kinds, kinds) < contrast(kinds, mixed))
  }
}

@Suite struct AlignmentLossTests {
  private func alignment(_ first: Matrix<Double>, _ second: Matrix<Double>) -> Double {
    TwoViews(first, second).value { $0.alignmentLoss(of: $1, with: $2, weight: 1) }
  }

  @Test func ofThreeCells() {
    let line = Matrix<Double>([[0], [1], [2]])
    assertClose(
      [
        alignment(line, Matrix([[0], [1], [0]])), alignment(line, Matrix([[0], [1], [3]])),
        alignment(line, Matrix([[7], [4], [1]])),
      ], [0, 0.9642857143, 1], tolerance: 1e-10)
  }

  /// The formula with kernels of cells × cells.
  @Test func equalsTheKernelForm() {
    let (x, y) = (randomMatrix(8, 3, seed: 1), randomMatrix(8, 2, seed: 2))
    func centered(_ x: Matrix<Double>) -> Matrix<Double> {
      var result = x
      for j in 0..<x.columns {
        let mean = (0..<8).reduce(0.0) { $0 + x[$1, j] } / 8
        for i in 0..<8 { result[i, j] -= mean }
      }
      return result
    }
    func kernel(_ x: Matrix<Double>) -> Matrix<Double> {
      var result = Matrix<Double>.zeros(8, 8)
      multiply(centered(x), centered(x), transposeB: true, into: &result)
      return result
    }
    func trace(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
      zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (k, l) = (kernel(x), kernel(y))
    let expected = trace(k, l) / (trace(k, k) * trace(l, l)).squareRoot()
    assertClose([alignment(x, y)], [expected], tolerance: 1e-12)
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    TwoViews(randomMatrix(9, 3, seed: 3), randomMatrix(9, 2, seed: 4)).check {
      $0.alignmentLoss(of: $1, with: $2, weight: $3)
    }
  }

  @Test func whatDoesNotVaryHasNoLoss() {
    let views = TwoViews(Matrix(repeating: 3, rows: 5, columns: 2), randomMatrix(5, 2, seed: 5))
    #expect(views.value { $0.alignmentLoss(of: $1, with: $2, weight: 1) } == 0)
    #expect(views.parameters.gradients.matrix().elements.allSatisfy { $0 == 0 })
  }
}

@Suite struct CrossEntropyLossTests {
  @Test func ofTwoClasses() {
    let views = TwoViews(Matrix([[1, 0], [1, 0]]), Matrix([[1000, 0], [0, 1000]]))
    func loss(_ number: Int, _ target: Int) -> Double {
      views.value { tape, first, second in
        tape.crossEntropyLoss(of: number == 0 ? first : second, target: target, weight: 1)
      }
    }
    assertClose(
      [loss(0, 0), loss(0, 1), loss(1, 0)], [0.3132616875, 1.3132616875, 500], tolerance: 1e-9)
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    TwoViews(randomMatrix(9, 3, seed: 6), randomMatrix(7, 2, seed: 7)).check {
      // The first is used twice.
      $0.crossEntropyLoss(of: $1, target: 2, weight: $3)
        + $0.crossEntropyLoss(of: $2, target: 0, weight: $3)
        + $0.crossEntropyLoss(of: $1, target: 1, weight: $3)
    }
  }
}
