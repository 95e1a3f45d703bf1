import Autodiff
import Tensors
import TestSupport
import Testing

@Suite struct HopProductsTests {
  /// [X, ÂX, Â²X] by dense products.
  @Test(arguments: [0, 1 << 20]) func rowsAreThoseOfTheDefinition(byteLimit: Int) {
    let (cells, genes) = (30, 6)
    let adjacency = normalized(randomAdjacency(cells, degree: 3, seed: 1))
    let counts = randomCounts(cells, genes, seed: 2)
    let means = (0..<genes).map { Double($0) / 3 }
    let deviations = (0..<genes).map { 0.5 + Double($0) / 4 }
    let products = HopProducts(
      of: StandardizedInput(
        values: SparseMatrix(counts), mean: means, standardDeviation: deviations),
      over: Propagation(SparseMatrix(adjacency)), hops: 2, byteLimit: byteLimit)
    #expect(products.isKept == (byteLimit > 0))
    var power = counts
    for i in 0..<cells {
      for j in 0..<genes { power[i, j] = (counts[i, j] - means[j]) / deviations[j] }
    }
    let chosen = [3, 17, 29]
    let found = Window<Double>(uninitializedRows: 3, columns: 3 * genes)
    products.rows(Buffer(chosen.map(Int32.init)), into: found)
    for t in 0...2 {
      if t > 0 { power = Matrix.product(adjacency, power) }
      for (r, i) in chosen.enumerated() {
        assertClose(
          (0..<genes).map { found[r, t * genes + $0] }, (0..<genes).map { power[i, $0] },
          tolerance: 1e-12, scale: 1, "hop \(t)")
      }
    }
  }
}
