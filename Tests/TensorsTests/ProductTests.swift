import Tensors
import TestSupport
import Testing

private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
  var generator = RandomGenerator(seed: seed)
  return Matrix(
    rows: rows, columns: columns,
    elements: Buffer((0..<rows * columns).map { _ in generator.normal() }))
}

private func naive(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
  var c = Matrix<Double>.zeros(a.rows, b.columns)
  for i in 0..<a.rows {
    for j in 0..<b.columns { for k in 0..<a.columns { c[i, j] += a[i, k] * b[k, j] } }
  }
  return c
}

private func transposed(_ a: Matrix<Double>) -> Matrix<Double> {
  var result = Matrix<Double>.zeros(a.columns, a.rows)
  for i in 0..<a.rows { for j in 0..<a.columns { result[j, i] = a[i, j] } }
  return result
}

@Suite struct ProductTests {
  // The last ones are cut along the sums, and along a side.
  @Test(arguments: [
    (1, 1, 1), (3, 5, 4), (300, 7, 9), (520, 33, 2), (70, 2100, 40), (33, 9001, 15), (40, 420, 260),
    (270, 310, 60),
  ])
  func denseProductsMatchTheDefinition(m: Int, k: Int, n: Int) {
    let (a, b) = (random(m, k, seed: 1), random(k, n, seed: 2))
    let (expected, scale) = (naive(a, b), Double(k).squareRoot())
    assertClose(Matrix.product(a, b), expected, tolerance: 1e-12, scale: scale)
    assertClose(
      Matrix.product(transposed(a), b, transposeA: true), expected, tolerance: 1e-12, scale: scale)
    assertClose(
      Matrix.product(a, transposed(b), transposeB: true), expected, tolerance: 1e-12, scale: scale)
    var twice = expected
    multiply(a, b, accumulating: true, into: &twice)
    assertClose(twice.elements, expected.elements.map { 2 * $0 }, tolerance: 1e-12, scale: scale)
  }

  @Test(arguments: [1, 15, 64, 130])
  func sparseProductsMatchTheDefinition(columns: Int) {
    var a = random(200, 50, seed: 3)
    for i in 0..<200 { for j in 0..<50 where (i * 7 + j * 3) % 5 != 0 { a[i, j] = 0 } }
    let b = random(50, columns, seed: 4)
    let sparse = SparseMatrix(a)
    #expect(sparse.structuralFault() == nil)
    var c = Matrix<Double>(repeating: .nan, rows: 200, columns: columns)
    multiply(sparse, b, into: &c)
    assertClose(c, naive(a, b), tolerance: 1e-12, scale: 1)
    multiply(sparse, b, accumulating: true, into: &c)
    assertClose(
      c.elements, naive(a, b).elements.map { 2 * $0 }, tolerance: 1e-12, scale: 1)
    #expect(sparse.transposed().densified() == transposed(a))
  }

  @Test func productsDoNotDependOnTheNumberOfThreads() {
    for (m, k, n) in [(1000, 70, 90), (64, 5000, 32), (256, 300, 256)] {
      productDoesNotDependOnTheNumberOfThreads(m, k, n)
    }
  }

  private func productDoesNotDependOnTheNumberOfThreads(_ m: Int, _ k: Int, _ n: Int) {
    let (a, b) = (random(m, k, seed: 5), random(k, n, seed: 6))
    let single = a.converted(to: Float.self)
    let other = b.converted(to: Float.self)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = Matrix.product(single, other)
    Threads.count = 3
    #expect(Matrix.product(single, other) == one)
  }

  @Test func eigenvectorsReproduceTheMatrix() throws {
    let a = random(20, 20, seed: 7)
    let symmetric = Matrix.product(a, a, transposeB: true)
    let eigen = try #require(SymmetricEigen(of: symmetric))
    var scaled = eigen.vectors
    for i in 0..<20 { for j in 0..<20 { scaled[i, j] *= eigen.values[i] } }
    assertClose(
      Matrix.product(eigen.vectors, scaled, transposeA: true), symmetric, tolerance: 1e-10)
    #expect(eigen.values == eigen.values.sorted(by: >))
  }
}
