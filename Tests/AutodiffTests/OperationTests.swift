import Autodiff
import Tensors
import TestSupport
import Testing

/// One operation with what it is checked on: a new operation is a new row of `operations`.
struct OperationCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Rows and columns of the parameters; the first is the input.
  let shapes: [(rows: Int, columns: Int)]
  let build: @Sendable (Tape<Double>, [Variable<Double>]) -> Variable<Double>
  var testDescription: String { name }
}

private let adjacency = normalized(randomAdjacency(7, degree: 2, seed: 11))
private let graph = Propagation(SparseMatrix(adjacency))
private let counts = randomCounts(7, 5, seed: 12)
private let means = [0.5, 1.0, 0.1, 2.0, 0.0]
private let deviations = [1.0, 2.0, 0.5, 1.5, 3.0]
private let standardized = StandardizedInput(
  values: SparseMatrix(counts), mean: means, standardDeviation: deviations)

let operations: [OperationCase] = [
  OperationCase(name: "affine", shapes: [(7, 5), (5, 3), (1, 3)]) { tape, v in
    tape.affine(v[0], kernel: v[1], bias: v[2], rectifying: false)
  },
  OperationCase(name: "affine, rectified", shapes: [(7, 5), (5, 3), (1, 3)]) { tape, v in
    tape.affine(v[0], kernel: v[1], bias: v[2], rectifying: true)
  },
  OperationCase(name: "relu", shapes: [(7, 5)]) { tape, v in tape.relu(v[0]) },
  OperationCase(name: "rows", shapes: [(7, 5)]) { tape, v in
    tape.rows(Buffer([4, 1, 6]), of: v[0])
  },
  OperationCase(name: "softmax", shapes: [(7, 5)]) { tape, v in tape.softmax(v[0]) },
  OperationCase(name: "dropout", shapes: [(7, 5)]) { tape, v in
    var generator = RandomGenerator(seed: 5)
    return tape.dropout(v[0], rate: 0.4, using: &generator)
  },
  OperationCase(name: "TAG convolution", shapes: [(7, 5), (20, 3), (1, 3)]) { tape, v in
    tape.tagConvolution(
      v[0], over: graph, kernel: v[1], bias: v[2], hops: 3, rectifying: true)
  },
  OperationCase(name: "standardized TAG convolution", shapes: [(15, 3), (1, 3)]) { tape, v in
    tape.tagConvolution(
      standardized, over: graph, kernel: v[0], bias: v[1], hops: 2, rectifying: true)
  },
  OperationCase(name: "a value used twice", shapes: [(7, 5), (5, 5), (1, 5)]) { tape, v in
    let first = tape.affine(v[0], kernel: v[1], bias: v[2], rectifying: false)
    return tape.affine(tape.softmax(first), kernel: v[1], bias: v[2], rectifying: true)
  },
]

@Suite struct OperationTests {
  @Test(arguments: operations) func gradientsAgreeWithFiniteDifferences(_ operation: OperationCase)
  {
    let parameters = Parameters<Double>()
    let declared = operation.shapes.enumerated().map { i, shape in
      parameters.declare("p\(i)", rows: shape.rows, columns: shape.columns, .zeros)
    }
    let start = randomMatrix(1, parameters.count, seed: 3)
    parameters.weights.copy(from: start)
    let tape = Tape(parameters)
    var upstream: Matrix<Double>?
    func evaluate() -> Double {
      tape.reset()
      let out = operation.build(tape, declared.map { tape.variable($0) })
      let weights = upstream ?? randomMatrix(out.rows, out.columns, seed: 4)
      upstream = weights
      if let sink = tape.sink(for: out) { sink.window.copy(from: weights) }
      return zip(out.value.matrix().elements, weights.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    _ = evaluate()
    tape.backward()
    let gradient = Array(parameters.gradients.matrix().elements)
    #expect(gradient.contains { $0 != 0 })
    let weights = parameters.weights
    checkGradient(
      gradient, weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: evaluate,
      operation.name)
  }

  @Test func standardizedConvolutionEqualsTheDenseOne() {
    let parameters = Parameters<Double>()
    let kernel = parameters.declare("kernel", rows: 20, columns: 4, .glorotUniform)
    let bias = parameters.declare("bias", rows: 1, columns: 4, .glorotUniform)
    parameters.initialize(seed: 1)
    var dense = counts
    for i in 0..<dense.rows {
      for j in 0..<dense.columns { dense[i, j] = (counts[i, j] - means[j]) / deviations[j] }
    }
    let tape = Tape(parameters)
    let upstream = randomMatrix(7, 4, seed: 8)
    func run(_ build: () -> Variable<Double>) -> (Matrix<Double>, Matrix<Double>) {
      tape.reset()
      let out = build()
      if let sink = tape.sink(for: out) { sink.window.copy(from: upstream) }
      tape.backward()
      return (out.value.matrix(), parameters.gradients.matrix())
    }
    let (sparseOut, sparseGradient) = run {
      tape.tagConvolution(
        standardized, over: graph, kernel: tape.variable(kernel), bias: tape.variable(bias),
        hops: 3, rectifying: false)
    }
    let (denseOut, denseGradient) = run {
      tape.tagConvolution(
        tape.constant(Window(reading: dense)), over: graph, kernel: tape.variable(kernel),
        bias: tape.variable(bias), hops: 3, rectifying: false)
    }
    assertClose(sparseOut, denseOut, tolerance: 1e-12, scale: 1)
    assertClose(sparseGradient, denseGradient, tolerance: 1e-12, scale: 1)
  }

  @Test func dropoutKeepsTheExpectation() {
    let parameters = Parameters<Double>()
    let tape = Tape(parameters)
    var generator = RandomGenerator(seed: 9)
    let ones = Matrix<Double>(repeating: 1, rows: 100, columns: 100)
    let out = tape.dropout(
      tape.constant(Window(reading: ones)), rate: 0.2, using: &generator
    ).value.matrix()
    #expect(Set(out.elements) == [0, 1.25])
    #expect(abs(out.elements.reduce(0, +) / 10_000 - 1) < 0.02)
  }
}
