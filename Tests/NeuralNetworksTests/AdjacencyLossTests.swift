import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct AdjacencyLossTests {
  private struct Model {
    let parameters = Parameters<Double>()
    let codes: Parameter
    let bilinear: Parameter
    let tape: Tape<Double>
    let adjacency: Matrix<Double>

    init(cells: Int, width: Int) {
      codes = parameters.declare("codes", rows: cells, columns: width, .zeros)
      bilinear = parameters.declare("bilinear", rows: width, columns: width, .zeros)
      parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 1))
      tape = Tape(parameters)
      adjacency = randomAdjacency(cells, degree: 4, seed: 2)
    }

    func loss(_ target: AdjacencyTarget<Double>? = nil) -> Double {
      tape.reset()
      return tape.adjacencyLoss(
        of: tape.variable(codes), bilinear: tape.variable(bilinear),
        to: target ?? AdjacencyTarget(all: SparseMatrix(adjacency)), weight: 1)
    }
  }

  @Test func gradientsAgreeWithFiniteDifferences() {
    let model = Model(cells: 9, width: 3)
    _ = model.loss()
    model.tape.backward()
    let weights = model.parameters.weights
    checkGradient(
      Array(model.parameters.gradients.matrix().elements),
      weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: { model.loss() })
  }

  /// A cell's own pair weighs otherwise than a pair of two: by finite differences, and summed over
  /// all samples of a size.
  @Test func sampledPairsAreUnbiased() {
    let model = Model(cells: 9, width: 3)
    let whole = SparseMatrix(model.adjacency)
    let target = AdjacencyTarget(amongSample: whole, of: 20)
    _ = model.loss(target)
    model.tape.backward()
    let weights = model.parameters.weights
    checkGradient(
      Array(model.parameters.gradients.matrix().elements),
      weight: { weights[0, $0] }, set: { weights[0, $0] = $1 }, loss: { model.loss(target) })

    let expected = model.loss()
    var sum = 0.0
    var gradient = Matrix<Double>.zeros(1, model.parameters.count)
    var samples = 0.0
    for a in 0..<9 {
      for b in a + 1..<9 {
        for c in b + 1..<9 {
          let cells = [a, b, c].map(Int32.init)
          model.tape.reset()
          let codes = model.tape.rows(Buffer(cells), of: model.tape.variable(model.codes))
          sum += model.tape.adjacencyLoss(
            of: codes, bilinear: model.tape.variable(model.bilinear),
            to: AdjacencyTarget(
              amongSample: whole.selecting(rows: [a, b, c], columns: [a, b, c]), of: 9), weight: 1)
          model.tape.backward()
          for i in 0..<gradient.columns { gradient[0, i] += model.parameters.gradients[0, i] }
          samples += 1
        }
      }
    }
    assertClose([sum / samples], [expected], tolerance: 1e-12)
    _ = model.loss()
    model.tape.backward()
    assertClose(
      gradient.elements.map { $0 / samples }, Array(model.parameters.gradients.matrix().elements),
      tolerance: 1e-10, scale: 1e-6)
  }

  /// More cells than a tile has on a side, against the definition.
  @Test func tilesAgreeWithTheDefinition() {
    let model = Model(cells: 600, width: 4)
    let tiled = model.loss()
    let codes = model.parameters.weights(of: model.codes).matrix()
    let bilinear = model.parameters.weights(of: model.bilinear).matrix()
    let logits = Matrix.product(Matrix.product(codes, bilinear), codes, transposeB: true)
    var total = 0.0
    for i in 0..<600 {
      for j in 0..<600 {
        let sigmoid = 1 / (1 + exp(-logits[i, j]))
        total += (model.adjacency[i, j] - sigmoid) * (model.adjacency[i, j] - sigmoid)
      }
    }
    assertClose([tiled], [total / 360_000], tolerance: 1e-12)
    model.tape.backward()
    let gradient = model.parameters.gradients.matrix().elements
    let weights = model.parameters.weights
    for i in [0, 1023, 1024, 1500, 2399, 2400, 2415] {
      checkGradient(
        [gradient[i] * 600], tolerance: 1e-5, step: 1e-4,
        weight: { _ in weights[0, i] }, set: { weights[0, i] = $1 },
        loss: { model.loss() * 600 })
    }
  }

  private func exp(_ x: Double) -> Double {
    // e^x by its series on a small argument, squared back up: independent of the kernels.
    var term = 1.0
    var sum = 1.0
    let small = x / 1024
    for k in 1..<20 {
      term *= small / Double(k)
      sum += term
    }
    for _ in 0..<10 { sum *= sum }
    return sum
  }
}

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceAdjacencyTests {
  /// Computed by scTPF's published program: dense layer, bilinear form, mean squared error;
  /// Float64.
  @Test func publishedDecoder() throws {
    let reference = try Reference.load("adj_decoder")
    let parameters = Parameters<Double>()
    let input = parameters.declare("z", rows: 9, columns: 6, .zeros)
    let dense = Dense("dense", inputs: 6, outputs: 8, in: parameters)
    let bilinear = parameters.declare("bilinear", rows: 8, columns: 8, .zeros)
    for (parameter, name) in [
      (input, "z"), (dense.kernel, "dense_kernel"), (dense.bias, "dense_bias"),
      (bilinear, "bilinear"),
    ] {
      parameters.weights(of: parameter).copy(from: try #require(reference[name]))
    }
    let tape = Tape(parameters)
    let codes = dense(tape.variable(input), on: tape)
    let loss = tape.adjacencyLoss(
      of: codes, bilinear: tape.variable(bilinear),
      to: AdjacencyTarget(all: SparseMatrix(try #require(reference["adj"]))), weight: 1)
    assertClose([loss], try #require(reference["loss"]).elements, tolerance: 1e-10)
    tape.backward()
    for (parameter, name) in [
      (input, "g_z"), (dense.kernel, "g_dense_kernel"), (dense.bias, "g_dense_bias"),
      (bilinear, "g_bilinear"),
    ] {
      assertClose(
        parameters.gradient(of: parameter).matrix().elements,
        try #require(reference[name]).elements, tolerance: 1e-10, scale: 1e-4, name)
    }
  }
}
