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

private let source = StandardizedSource<Double>(
  StandardizedMatrix(
    values: SparseMatrix(counts.converted(to: Float.self)), mean: Buffer(means.map { Float($0) }),
    standardDeviation: Buffer(deviations.map { Float($0) })))
/// Statistics that are neither 0 nor 1.
private let movedStatistics = {
  let statistics = RunningStatistics<Double>(columns: 5)
  statistics.mean.copy(from: randomMatrix(1, 5, seed: 21))
  for j in 0..<5 { statistics.variance[0, j] = 0.3 + Double(j) }
  return statistics
}()

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
    tape.dropout(v[0], rate: 0.4, key: NoiseKey(seed: 5, stream: 0))
  },
  OperationCase(name: "dropout by a mask", shapes: [(7, 5)]) { tape, v in
    tape.dropout(v[0], mask: Window(reading: randomMatrix(7, 5, seed: 13)))
  },
  OperationCase(name: "TAG convolution", shapes: [(7, 5), (20, 3), (1, 3)]) { tape, v in
    tape.tagConvolution(
      v[0], over: graph, kernel: v[1], bias: v[2], hops: 3, rectifying: true)
  },
  OperationCase(name: "folded kernel", shapes: [(20, 3)]) { tape, v in
    tape.foldedKernel(v[0], hops: 3)
  },
  OperationCase(name: "standardized TAG convolution", shapes: [(15, 3), (1, 3)]) { tape, v in
    tape.tagConvolution(
      standardized, over: graph, kernel: v[0], bias: v[1], hops: 2, rectifying: true)
  },
  OperationCase(name: "ELU", shapes: [(7, 5)]) { tape, v in tape.elu(v[0]) },
  OperationCase(name: "tanh", shapes: [(7, 5)]) { tape, v in tape.tanh(v[0]) },
  OperationCase(name: "tanh, used twice", shapes: [(7, 5)]) { tape, v in
    tape.sum(tape.tanh(v[0]), tape.tanh(tape.tanh(v[0])))
  },
  OperationCase(name: "sigmoid", shapes: [(7, 5)]) { tape, v in tape.sigmoid(v[0]) },
  OperationCase(name: "sigmoid, used twice", shapes: [(7, 5)]) { tape, v in
    tape.sum(tape.sigmoid(v[0]), tape.sigmoid(tape.sigmoid(v[0])))
  },
  OperationCase(name: "normal sample", shapes: [(7, 5), (7, 5)]) { tape, v in
    tape.normalSample(
      mean: v[0], logVariance: v[1], noise: Window(reading: randomMatrix(7, 5, seed: 14)))
  },
  OperationCase(name: "normal sample by a key, used twice", shapes: [(7, 5), (7, 5)]) { tape, v in
    let z = tape.normalSample(
      mean: v[0], logVariance: v[1], key: NoiseKey(seed: 7, stream: 8))
    return tape.sum(tape.sum(z, v[0]), tape.sum(z, v[1]))
  },
  OperationCase(
    name: "product of experts, one of them twice", shapes: [(7, 5), (7, 5), (7, 5), (7, 5)]
  ) { tape, v in
    let first = NormalExpert(mean: v[0], logVariance: v[1])
    let both = tape.productOfExperts([
      first, NormalExpert(mean: v[2], logVariance: v[3]), first,
    ])
    return tape.sum(
      tape.concatenate([both.mean, both.logVariance]), tape.concatenate([v[0], v[3]]))
  },
  OperationCase(
    name: "batch normalization of another ε", shapes: [(7, 5), (1, 5), (1, 5)]
  ) { tape, v in
    tape.batchNormalization(
      v[0], scale: v[1], shift: v[2],
      statistics: RunningStatistics(columns: 5, epsilon: 0.3, momentum: 0.01),
      mode: .training(updatingStatistics: true))
  },
  OperationCase(name: "batch normalization", shapes: [(7, 5), (1, 5), (1, 5)]) { tape, v in
    tape.batchNormalization(
      v[0], scale: v[1], shift: v[2], statistics: RunningStatistics(columns: 5),
      mode: .training(updatingStatistics: true))
  },
  OperationCase(name: "batch normalization, evaluating", shapes: [(7, 5), (1, 5), (1, 5)]) {
    tape, v in
    tape.batchNormalization(
      v[0], scale: v[1], shift: v[2], statistics: movedStatistics, mode: .evaluation)
  },
  OperationCase(name: "layer normalization", shapes: [(7, 5), (1, 5), (1, 5)]) { tape, v in
    tape.layerNormalization(v[0], scale: v[1], shift: v[2])
  },
  OperationCase(name: "concatenation", shapes: [(7, 5), (7, 2), (7, 3)]) { tape, v in
    tape.concatenate([v[0], v[1], v[0], v[2]])
  },
  OperationCase(name: "sum", shapes: [(7, 5), (7, 5)]) { tape, v in
    tape.sum(tape.sum(v[0], v[1]), v[0])
  },
  OperationCase(name: "weighted sum", shapes: [(7, 5), (7, 5)]) { tape, v in
    tape.weightedSum([(0.3, v[0]), (-2, v[1]), (1, v[0])])
  },
  OperationCase(name: "columns", shapes: [(7, 5)]) { tape, v in
    tape.concatenate([
      tape.columns(1..<4, of: v[0]), tape.columns(3..<5, of: v[0]), tape.columns(2..<2, of: v[0]),
    ])
  },
  OperationCase(name: "columns and the whole", shapes: [(7, 5)]) { tape, v in
    tape.concatenate([v[0], tape.columns(0..<2, of: v[0])])
  },
  OperationCase(name: "one hop, used twice", shapes: [(7, 5)]) { tape, v in
    tape.sum(tape.propagated(tape.propagated(v[0], over: graph), over: graph), v[0])
  },
  OperationCase(name: "product", shapes: [(7, 5), (5, 3)]) { tape, v in
    tape.product(v[0], v[1])
  },
  OperationCase(name: "attention", shapes: [(70, 3), (70, 3), (70, 2)]) { tape, v in
    tape.attention(queries: v[0], keys: v[1], values: v[2])
  },
  OperationCase(name: "attention to oneself, with dropout", shapes: [(9, 3)]) { tape, v in
    tape.attention(
      queries: v[0], keys: v[0], values: v[0], dropout: (0.3, NoiseKey(seed: 1, stream: 2)))
  },
  OperationCase(name: "tiled attention", shapes: [(70, 3), (70, 3), (70, 2)]) { tape, v in
    tape.tiledAttention(queries: v[0], keys: v[1], values: v[2])
  },
  OperationCase(name: "tiled attention to oneself, with dropout", shapes: [(9, 3)]) { tape, v in
    tape.tiledAttention(
      queries: v[0], keys: v[0], values: v[0], dropout: (0.3, NoiseKey(seed: 1, stream: 2)))
  },
  OperationCase(name: "seeded dropout", shapes: [(7, 5)]) { tape, v in
    tape.dropout(v[0], rate: 0.4, key: NoiseKey(seed: 3, stream: 4))
  },
  OperationCase(name: "standardized affine, used twice", shapes: [(5, 3), (1, 3)]) { tape, v in
    let rows = StandardizedRows(of: source)
    rows.take([3, 0, 6, 3], of: source)
    let clean = tape.affine(rows, kernel: v[0], bias: v[1])
    let dense = Window<Double>(uninitializedRows: rows.count, columns: rows.columns)
    rows.spread(into: dense)
    addNormalNoise(0.5, key: NoiseKey(seed: 5, stream: 6), to: dense)
    let noisy = tape.constant(dense)
    return tape.concatenate([
      clean, tape.affine(noisy, kernel: v[0], bias: v[1], rectifying: false),
    ])
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

  /// Means 0 and 2 of variance 1 and −1 of variance e; the first belongs to N(0, 1) itself.
  @Test func productOfExperts() {
    let tape = Tape(Parameters<Double>())
    func constant(_ value: Double) -> Variable<Double> {
      tape.constant(Window(reading: Matrix([[value]])))
    }
    func product(_ experts: [(Double, Double)]) -> [Double] {
      let found = tape.productOfExperts(
        experts.map { NormalExpert(mean: constant($0.0), logVariance: constant($0.1)) })
      return [found.mean.value[0, 0], found.logVariance.value[0, 0]]
    }
    assertClose(product([(2, 0), (-1, 1)]), [0.689275193, -0.8619948041], tolerance: 1e-7)
    assertClose(product([(3, -60)]), [3, -18.42068074], tolerance: 1e-6)
  }

  @Test func dropoutKeepsTheExpectation() {
    let parameters = Parameters<Double>()
    let tape = Tape(parameters)
    let ones = Matrix<Double>(repeating: 1, rows: 100, columns: 100)
    let out = tape.dropout(
      tape.constant(Window(reading: ones)), rate: 0.2, key: NoiseKey(seed: 9, stream: 0)
    ).value.matrix()
    #expect(Set(out.elements) == [0, 1.25])
    #expect(abs(out.elements.reduce(0, +) / 10_000 - 1) < 0.02)
  }
}
