import Tensors
import TestSupport
import Testing

@Suite struct SparseDoubleTests {
  private func sparse(_ rows: Int, _ columns: Int, density: Double) -> SparseMatrix<Float> {
    var generator = RandomGenerator(seed: 4)
    var dense = Matrix<Float>.zeros(rows, columns)
    for i in 0..<rows {
      for j in 0..<columns where generator.uniform() < density {
        dense[i, j] = Float(generator.normal())
      }
    }
    return SparseMatrix(dense)
  }

  /// More rows than a block of cells has, more columns than a tile of genes, and the edges.
  @Test(arguments: [(9000, 70, 0.05), (40, 33, 0.9), (3, 1, 1.0), (0, 5, 0.0), (7, 0, 0.0)])
  func gramIsThatOfTheDenseMatrix(rows: Int, columns: Int, density: Double) {
    let s = sparse(rows, columns, density: density)
    let dense = s.densified().converted(to: Double.self)
    let expected = Matrix.product(dense, dense, transposeA: true)
    assertClose(s.gram(), expected, tolerance: 1e-12, scale: 1, "gram")
  }

  @Test(arguments: [0..<300, 17..<200, 299..<300, 5..<5])
  func productsOfSomeRowsAreThoseOfTheDenseMatrix(rows: Range<Int>) {
    let s = sparse(300, 40, density: 0.2)
    var generator = RandomGenerator(seed: 8)
    var b = Matrix<Double>.zeros(40, 70)
    for i in b.elements.indices { b.elements[i] = generator.normal() }
    var result = Matrix<Double>(uninitializedRows: rows.count, columns: 70)
    multiply(s, rows: rows, b, into: &result)
    let dense = s.densified().converted(to: Double.self).selectingRows(Array(rows))
    assertClose(result, Matrix.product(dense, b), tolerance: 1e-12, scale: 1, "product")
  }

  @Test func theNumberOfThreadsDoesNotMatter() {
    let before = Threads.count
    defer { Threads.count = before }
    let s = sparse(9000, 100, density: 0.1)
    Threads.count = 1
    let one = s.gram()
    Threads.count = 3
    #expect(one == s.gram())
  }

  @Test func theFirstValueBelowABoundIsFound() {
    var values = Buffer<Float>(repeating: 2, count: 400)
    values[70] = 1
    values[300] = .nan
    values[399] = -.infinity
    let span = values.span
    #expect(span.firstPosition(in: 0..<400, below: 2) == 70)
    #expect(span.firstPosition(in: 70..<400, below: 2) == 70)
    #expect(span.firstPosition(in: 71..<400, below: 2) == 399)
    #expect(span.firstPosition(in: 71..<399, below: 2) == 399)
    #expect(span.firstPosition(in: 10..<10, below: 9) == 10)
    #expect(span.firstPosition(in: 3..<400, below: 3) == 3)
  }
}
