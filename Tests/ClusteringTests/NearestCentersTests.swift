import Clustering
import Tensors
import TestSupport
import Testing

/// The search in single precision gives what all distances in double precision give.
@Suite struct NearestCentersTests {
  @Test(arguments: [1, 2, 15, 16, 17, 70], [0.0, 1e-30, 1e-3, 1, 1e15, 1e30])
  func agreesWithAllDistances(clusters: Int, scale: Double) {
    let points = gaussian(rows: 600, columns: 7, scale: scale, seed: 3)
    let centers = gaussian(rows: clusters, columns: 7, scale: scale, seed: 4)
    check(points, centers, rows: Array(0..<600))
    check(points, centers, rows: (0..<600).filter { $0 % 3 != 1 })
  }

  @Test func theFirstOfEqualCentersIsTaken() {
    let points = gaussian(rows: 300, columns: 5, scale: 1, seed: 5)
    let three = gaussian(rows: 3, columns: 5, scale: 1, seed: 6)
    check(points, three.selectingRows([2, 0, 2, 1, 0, 1]), rows: Array(0..<300))
  }

  /// Rounding in single precision would decide between centers that differ by 1e-9.
  @Test func closeCentersAreSeparated() {
    let points = gaussian(rows: 300, columns: 3, scale: 1, seed: 7)
    var centers = Matrix<Double>.zeros(40, 3)
    for j in 0..<40 { for k in 0..<3 { centers[j, k] = 1 + 1e-9 * Double(j * (k + 1) % 37) } }
    check(points, centers, rows: Array(0..<300))
  }

  private func check(_ points: Matrix<Double>, _ centers: Matrix<Double>, rows: [Int]) {
    let found = NearestCenters(of: points).nearest(rows, among: centers)
    for (r, i) in rows.enumerated() {
      let distances = (0..<centers.rows).map {
        squaredDistance(points.row(i), centers.row($0)).squareRoot()
      }
      let best = distances.indices.min { distances[$0] < distances[$1] } ?? -1
      let others = distances.indices.filter { $0 != best }.map { distances[$0] }
      #expect(found[r, 0] == Double(best))
      #expect(found[r, 1] >= distances[best])
      #expect(found[r, 2] <= others.min() ?? .infinity)
    }
  }

  private func gaussian(rows: Int, columns: Int, scale: Double, seed: UInt64) -> Matrix<Double> {
    var generator = RandomGenerator(seed: seed)
    var result = Matrix<Double>.zeros(rows, columns)
    for i in 0..<rows { for j in 0..<columns { result[i, j] = scale * generator.normal() } }
    return result
  }
}
