import Models
import Neighbors
import Tensors
import TestSupport
import Testing
import Training

/// Codes without a tape and without hop products equal those of training.
@Suite struct ScTPFCodingTests {
  @Test(
    "codes by columns of the hidden layer are those of the tape",
    arguments: [(3, 0, false), (0, 0, false), (2, 2, false), (3, 3, true)])
  func codes(_ hops: Int, _ latentHops: Int, _ repeatsHop: Bool) throws {
    let (cells, genes) = (70, 23)
    var generator = RandomGenerator(seed: 11)
    var values = Matrix<Float>.zeros(cells, genes)
    for i in 0..<cells {
      for j in 0..<genes where generator.uniform() < 0.4 {
        values[i, j] = Float(3 * generator.uniform())
      }
    }
    let x = StandardizedMatrix(
      values: SparseMatrix(values), mean: Buffer((0..<genes).map { Float($0) / 30 }),
      standardDeviation: Buffer((0..<genes).map { 0.5 + Float($0) / 20 }))
    var adjacency = randomAdjacency(cells, degree: 4, seed: 6).converted(to: Float.self)
    for i in 0..<cells { adjacency[i, i] = 1 }
    let graph = SparseMatrix(adjacency)

    var shape = ScTPF<Float>.Configuration(genes: genes)
    // More than one block of columns, the last one narrower.
    (shape.hidden, shape.latent) = (70, 6)
    (shape.hops, shape.latentHops, shape.repeatsHop) = (hops, latentHops, repeatsHop)
    let model = ScTPF<Float>(shape)
    model.initialize(seed: 3)
    var weights = model.weights
    weights["encoder.0.bias"] = Matrix([(0..<70).map { Float($0 % 5) / 10 - 0.2 }])
    weights["encoder.1.bias"] = Matrix([(0..<6).map { Float($0) / 10 }])
    try model.load(weights)

    let data = GraphData<Float>(
      input: x, counts: SparseMatrix(values), sizeFactors: [Float](repeating: 1, count: cells))
    let expected = model.codes(
      over: model.steps(over: data, ModelGraph(graph), plan: BatchPlan(size: 20)))
    let found = model.codes(of: x, over: normalizedAdjacency(graph))
    assertClose(found, expected, tolerance: 1e-4, scale: 1)
  }
}
