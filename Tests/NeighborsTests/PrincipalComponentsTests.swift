import Foundation
import Neighbors
import Tensors
import TestSupport
import Testing

/// X made dense and centred. (N, G)
private func dense(_ x: StandardizedMatrix) -> Matrix<Double> {
  var result = x.values.converted().densified()
  for j in 0..<result.columns {
    var mean = 0.0
    for i in 0..<result.rows { mean += result[i, j] / Double(result.rows) }
    for i in 0..<result.rows {
      result[i, j] = (result[i, j] - mean) / Double(x.standardDeviation[j])
    }
  }
  return result
}

extension SparseMatrix<Float> {
  fileprivate func converted() -> SparseMatrix<Double> { mapValues { Double($0) } }
}

@Suite struct PrincipalComponentsTests {
  /// Against the eigenvectors of the covariance of the dense matrix. The paths are for few genes,
  /// for many (sparse and dense rows), and the one that never forms the covariance.
  @Test(arguments: [
    (120, 60, 0.1, 10), (300, 500, 0.1, 30), (250, 450, 0.6, 20), (90, 3100, 0.05, 15),
  ])
  func matchesTheDenseDecomposition(cells: Int, genes: Int, density: Double, k: Int) throws {
    let x = standardizedCells(cells, genes, density: density)
    let found = try PrincipalComponents(of: x, count: k)
    let data = dense(x)
    // The nonzero spectra of X Xᵀ and Xᵀ X are equal: the smaller of the two is decomposed.
    let rows = Matrix.product(data, data, transposeB: true)
    let eigen = try #require(SymmetricEigen(of: rows))
    let variances = eigen.values.prefix(k).map { $0 / Double(cells - 1) }
    assertClose(found.explainedVariance, variances, tolerance: 1e-7, "variances")
    let total = (0..<cells).reduce(0) { $0 + rows[$1, $1] } / Double(cells - 1)
    assertClose(
      found.explainedVarianceRatio, variances.map { $0 / total }, tolerance: 1e-6, "ratios")
    let projected = Matrix.product(
      data, found.loadings.converted(to: Double.self), transposeB: true)
    assertClose(found.scores, projected, tolerance: 1e-4, scale: 1, "scores")
    for c in 0..<k {
      let length = eigen.values[c].squareRoot()
      let agreement = (0..<cells).reduce(0) {
        $0 + eigen.vectors[c, $1] * Double(found.scores[$1, c]) / length
      }
      assertClose([abs(agreement)], [1], tolerance: 1e-5, "component \(c)")
      var peak: Float = 0
      for j in 0..<genes where abs(found.loadings[c, j]) > abs(peak) { peak = found.loadings[c, j] }
      #expect(peak > 0)
    }
  }

  @Test func componentsAreClippedAndSaidSo() throws {
    let few = try PrincipalComponents(of: standardizedCells(6, 40), count: 50)
    #expect(few.scores.columns == 5 && few.note?.contains("5 components instead of 50") == true)
    let narrow = try PrincipalComponents(of: standardizedCells(40, 1), count: 50)
    #expect(narrow.scores.columns == 1)
    #expect(try PrincipalComponents(of: standardizedCells(60, 55), count: 50).note == nil)
  }

  @Test(arguments: [30, 600, 3200])
  func dataOfLowRankIsDefined(genes: Int) throws {
    let row = (0..<genes).map { Float($0 % 3) }
    let same = StandardizedMatrix(unscaled: SparseMatrix(Matrix(Array(repeating: row, count: 40))))
    let flat = try PrincipalComponents(of: same, count: 10)
    #expect(flat.scores.elements.allSatisfy { abs($0) < 1e-4 })
    #expect(flat.explainedVariance.allSatisfy { $0 < 1e-8 })
    #expect(flat.explainedVarianceRatio.allSatisfy { $0.isFinite })
    let two = (0..<40).map { i in row.map { $0 * Float(i % 2 + 1) } }
    let line = try PrincipalComponents(
      of: StandardizedMatrix(unscaled: SparseMatrix(Matrix(two))), count: 3)
    assertClose([line.explainedVarianceRatio[0]], [1], tolerance: 1e-9)
    #expect(line.scores.elements.allSatisfy { $0.isFinite })
  }

  @Test func faultsSayWhatToDo() {
    #expect(throws: NeighborsFault.self) {
      try PrincipalComponents(of: standardizedCells(10, 10), count: 0)
    }
    var values = SparseMatrix(Matrix<Float>([[1, 2], [3, 4], [5, 7]]))
    values.values[3] = .infinity
    let fault = #expect(throws: NeighborsFault.self) {
      try PrincipalComponents(of: StandardizedMatrix(unscaled: values), count: 1)
    }
    #expect(fault?.description.hasPrefix("row 2 of the data") == true)
  }

  @Test(arguments: [(700, 450, 0.1), (700, 450, 0.5), (80, 3100, 0.05)])
  func theNumberOfThreadsDoesNotMatter(cells: Int, genes: Int, density: Double) throws {
    let before = Threads.count
    defer { Threads.count = before }
    let x = standardizedCells(cells, genes, density: density)
    Threads.count = 1
    let one = try PrincipalComponents(of: x, count: 12)
    Threads.count = 3
    let three = try PrincipalComponents(of: x, count: 12)
    #expect(one.scores == three.scores && one.loadings == three.loadings)
  }
}
