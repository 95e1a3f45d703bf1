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

  /// With room for a few steps: any order of steps, and another graph.
  @Test(arguments: [0, 1, 3]) func whatIsReadyHasTheBitsOfWhatIsKept(hops: Int) {
    let (cells, genes) = (300, 300)
    let graphs = [1, 4].map { seed in
      Propagation(
        SparseMatrix(normalized(randomAdjacency(cells, degree: 3, seed: seed)))
          .mapValues { Float($0) })
    }
    let input = StandardizedInput<Float>(
      values: SparseMatrix(randomCounts(cells, genes, seed: 2)).mapValues { Float($0) },
      mean: (0..<genes).map { Float($0 % 7) / 3 },
      standardDeviation: (0..<genes).map { 0.5 + Float($0 % 5) / 4 })
    let bytes = HopProducts<Float>.byteCount(cells: cells, genes: genes, hops: hops)
    var kept = HopProducts(of: input, over: graphs[0], hops: hops, byteLimit: bytes)
    var some = HopProducts(of: input, over: graphs[0], hops: hops, byteLimit: bytes / 3)
    #expect(kept.isKept && !some.isKept)
    var generator = RandomGenerator(seed: 3)
    for graph in graphs {
      kept.change(to: graph)
      some.change(to: graph)
      let order = generator.permutation(cells)
      let steps = (0..<8).map {
        Buffer(order[cells * $0 / 8..<cells * ($0 + 1) / 8].map(Int32.init))
      }
      for number in [0, 1, 2, 3, 7, 2] {
        some.prepare(steps[number...])
        let (expected, found) = (products(kept, steps[number]), products(some, steps[number]))
        #expect(expected == found, "step \(number)")
      }
      // Not announced.
      let other = Buffer<Int32>([299, 0, 150])
      #expect(products(some, other) == products(kept, other))
    }
  }

  private func products(_ all: HopProducts<Float>, _ cells: Buffer<Int32>) -> [UInt32] {
    let window = Window<Float>(uninitializedRows: cells.count, columns: all.width)
    all.rows(cells, into: window)
    let values = window.matrix().elements
    return (0..<values.count).map { values[$0].bitPattern }
  }
}
