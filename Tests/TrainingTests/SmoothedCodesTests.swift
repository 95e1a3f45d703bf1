import Neighbors
import Tensors
import TestSupport
import Testing
import Training

@Suite struct SmoothedCodesTests {
  /// P³ Z less its mean, as written: all distances, a dense P. (N, D)
  private func averaged(_ codes: Matrix<Float>) -> [[Double]] {
    let (n, d) = (codes.rows, codes.columns)
    var nearest = Matrix<Double>.zeros(n, n)
    for i in 0..<n {
      let distances = (0..<n).map { j in
        (0..<d).reduce(0.0) {
          $0 + Double(codes[i, $1] - codes[j, $1]) * Double(codes[i, $1] - codes[j, $1])
        }
      }
      let order = (0..<n).filter { $0 != i }.sorted { (distances[$0], $0) < (distances[$1], $1) }
      for j in [i] + order.prefix(14) { nearest[i, j] = 1 }
    }
    var values = (0..<n).map { i in (0..<d).map { Double(codes[i, $0]) } }
    for _ in 0..<3 {
      let before = values
      for i in 0..<n {
        let weights = (0..<n).map { (nearest[i, $0] + nearest[$0, i]) / 2 }
        let total = weights.reduce(0, +)
        for k in 0..<d {
          values[i][k] = (0..<n).reduce(0.0) { $0 + weights[$1] * before[$1][k] } / total
        }
      }
    }
    let means = (0..<d).map { k in values.reduce(0.0) { $0 + $1[k] } / Double(n) }
    return values.map { row in row.indices.map { row[$0] - means[$0] } }
  }

  private func gram(_ rows: [[Double]]) -> [[Double]] {
    rows.map { a in rows.map { b in zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 } } }
  }

  @Test func codesAreAveragedAndTheirSpreadIsHalvedInLogarithms() throws {
    var generator = RandomGenerator(seed: 8)
    let codes = Matrix<Float>(
      (0..<60).map { i in
        (0..<4).map { Float(Double(6 * ((i / 20 + $0) % 3)) + 2 * generator.normal()) }
      })
    let result = try smoothed(codes, seed: 0)
    // With Z = U Σ Vᵀ and R = U √Σ: (R Rᵀ)² = U Σ² Uᵀ = Z Zᵀ.
    let products = gram((0..<60).map { i in (0..<4).map { Double(result[i, $0]) } })
    let squared = gram(products)
    let expected = gram(averaged(codes))
    let scale = expected.joined().reduce(0.0) { max($0, abs($1)) }
    let error = zip(squared.joined(), expected.joined()).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
    #expect(error < 1e-4 * scale)
  }

  @Test func degenerateCodesStayFinite() throws {
    let same = Matrix<Float>(repeating: 2, rows: 20, columns: 3)
    #expect(try smoothed(same, seed: 0).elements.allSatisfy { $0 == 0 })
    let two = Matrix<Float>([[1, 2], [3, 4]])
    #expect(try smoothed(two, seed: 0) == two)
    #expect(throws: NeighborsFault.self) {
      try smoothed(Matrix<Float>(repeating: .nan, rows: 5, columns: 1), seed: 0)
    }
  }
}
