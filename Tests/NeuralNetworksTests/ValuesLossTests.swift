import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// The squared error of standardized values with its head.
@Suite struct ValuesLossTests {
  /// A head of that many cells' decoded codes, both drawn, and standardized values. N cells, 7
  /// genes.
  private struct Values {
    let cells: Int
    let parameters = Parameters<Double>()
    let hidden: Parameter
    let head: Dense
    let sparse: Matrix<Double>
    let mean = (0..<7).map { 0.1 * Double($0) }
    let deviation = (0..<7).map { 0.5 + 0.2 * Double($0) }

    init(cells: Int) {
      self.cells = cells
      hidden = parameters.declare("hidden", rows: cells, columns: 4, .zeros)
      head = Dense("values", inputs: 4, outputs: 7, in: parameters)
      parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 1))
      var drawn = randomMatrix(cells, 7, seed: 2)
      for i in 0..<cells { for j in 0..<7 where (i + j) % 3 != 0 { drawn[i, j] = 0 } }
      sparse = drawn
    }

    /// (S − 1 mᵀ) D⁻¹. (N, 7)
    var standardized: Matrix<Double> {
      Matrix((0..<cells).map { i in (0..<7).map { (sparse[i, $0] - mean[$0]) / deviation[$0] } })
    }

    var rows: ValuesTarget<Double> {
      .rows(
        StandardizedInput(
          values: SparseMatrix(sparse), mean: mean, standardDeviation: deviation
        ).rows(nil))
    }

    func loss(_ target: ValuesTarget<Double>, weight: Double = 1, on tape: Tape<Double>) -> Double {
      tape.reset()
      return tape.valuesLoss(head, of: tape.variable(hidden), to: target, weight: weight)
    }

    /// By plain loops: the loss and its gradients, in the order of the parameters.
    var plain: (loss: Double, gradient: [Double]) {
      let (h, x) = (parameters.weights(of: hidden), standardized)
      let (w, b) = (parameters.weights(of: head.kernel), parameters.weights(of: head.bias))
      var (loss, dh) = (0.0, Matrix<Double>.zeros(cells, 4))
      var (dw, db) = (Matrix<Double>.zeros(4, 7), [Double](repeating: 0, count: 7))
      for i in 0..<cells {
        for j in 0..<7 {
          let r = (0..<4).reduce(b[0, j] - x[i, j]) { $0 + h[i, $1] * w[$1, j] }
          let slope = 2 * r / Double(7 * cells)
          loss += r * r / Double(7 * cells)
          db[j] += slope
          for d in 0..<4 {
            dw[d, j] += slope * h[i, d]
            dh[i, d] += slope * w[d, j]
          }
        }
      }
      return (loss, Array(dh.elements) + Array(dw.elements) + db)
    }
  }

  /// 600 cells are more than a tile.
  @Test("loss and gradients are those of plain loops", arguments: [1, 9, 600])
  func plainLoops(_ cells: Int) {
    let values = Values(cells: cells)
    let tape = Tape(values.parameters)
    let (loss, gradient) = values.plain
    let wide = Matrix(
      (0..<cells).map { i in
        (0..<7).map { values.standardized[i, $0] } + [.nan, .infinity]
      })
    for target in [values.rows, .columns(Window(reading: wide))] {
      assertClose([values.loss(target, weight: 3, on: tape)], [loss], tolerance: 1e-12)
      tape.backward()
      assertClose(
        Array(values.parameters.gradients.matrix().elements), gradient.map { 3 * $0 },
        tolerance: 1e-12)
    }
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    let values = Values(cells: 6)
    let tape = Tape(values.parameters)
    _ = values.loss(values.rows, on: tape)
    tape.backward()
    let weights = values.parameters.weights
    checkGradient(
      Array(values.parameters.gradients.matrix().elements), weight: { weights[0, $0] },
      set: { weights[0, $0] = $1 }, loss: { values.loss(values.rows, on: tape) })
  }

  @Test("rows that are named come in their order")
  func namedRows() {
    let values = Values(cells: 5)
    let input = StandardizedInput(
      values: SparseMatrix(values.sparse), mean: values.mean, standardDeviation: values.deviation)
    let found = Window<Double>(uninitializedRows: 2, columns: 7)
    input.rows(Buffer([4, 1, 3])).write(1..<3, into: found)
    let expected = values.standardized.selectingRows([1, 3])
    assertClose(
      Array(found.matrix().elements), Array(expected.elements), tolerance: 1e-14)
  }
}
