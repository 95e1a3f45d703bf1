import Tensors
import Testing

/// Matrices below each other, their columns at other places.
@Suite struct StackingTests {
  @Test("columns move to their places, in order or not, and rows stay sorted")
  func places() {
    let (first, second) = (
      Matrix<Float>([[1, 0, 2], [0, 0, 0], [3, 4, 5]]), Matrix<Float>([[6, 7], [0, 8]])
    )
    let found = SparseMatrix.stacking(
      [SparseMatrix(first), SparseMatrix(second)], places: [[0, -1, 129], [130, 2]], columns: 131)
    #expect(found.structuralFault() == nil)
    var expected = Matrix<Float>.zeros(5, 131)
    (expected[0, 0], expected[0, 129], expected[2, 0], expected[2, 129]) = (1, 2, 3, 5)
    (expected[3, 130], expected[3, 2], expected[4, 2]) = (6, 7, 8)
    #expect(found.densified() == expected)
  }

  @Test("nothing to stack is a matrix without rows")
  func nothing() {
    let found = SparseMatrix.stacking([], places: [], columns: 4)
    #expect(found.rows == 0 && found.columns == 4 && found.structuralFault() == nil)
  }
}
