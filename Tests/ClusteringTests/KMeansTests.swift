import Clustering
import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct KMeansTests {
  @Test func separatedGroupsAreFound() throws {
    let (points, truth) = blobs(clusters: 7, perCluster: 90, dimensions: 6, spread: 0.4, seed: 1)
    let result = try KMeans.fit(points, clusters: 7, seed: 5)
    #expect(samePartition(result.labels, truth))
    #expect(Set(result.labels) == Set(0..<7))
  }

  @Test func resultIsAFixedPoint() throws {
    let (points, _) = blobs(clusters: 4, perCluster: 60, dimensions: 3, spread: 4, seed: 2)
    let result = try KMeans.fit(
      points, clusters: 5, options: KMeans.Options(restarts: 3, tolerance: 0))
    var inertia = 0.0
    for i in 0..<points.rows {
      let distances = (0..<5).map { cluster in
        (0..<3).reduce(0.0) { $0 + pow(Double(points[i, $1]) - result.centers[cluster, $1], 2) }
      }
      let least = try #require(distances.min())
      #expect(distances[result.labels[i]] <= least + 1e-9)
      inertia += distances[result.labels[i]]
    }
    assertClose([result.inertia], [inertia], tolerance: 1e-10)
    for cluster in 0..<5 {
      let members = result.labels.indices.filter { result.labels[$0] == cluster }
      let mean = (0..<3).map { j in
        members.reduce(0.0) { $0 + Double(points[$1, j]) } / Double(members.count)
      }
      assertClose((0..<3).map { result.centers[cluster, $0] }, mean, tolerance: 1e-10)
    }
  }

  /// Points that the bounds leave alone have the label that a comparison with all centers gives.
  @Test(arguments: [1, 2, 5, 40])
  func boundsChangeNoLabel(iterations: Int) throws {
    let (points, _) = blobs(clusters: 9, perCluster: 300, dimensions: 4, spread: 3, seed: 4)
    let start = points.selectingRows((0..<12).map { $0 * 200 })
    let result = try KMeans.fit(
      points, from: start, options: KMeans.Options(iterations: iterations, tolerance: 0))
    var centers = (0..<12).map { k in (0..<4).map { Double(start[k, $0]) } }
    var labels = nearest(points, to: centers)
    for _ in 0..<result.iterations {
      for k in centers.indices {
        let members = labels.indices.filter { labels[$0] == k }
        centers[k] = (0..<4).map { j in
          members.reduce(0) { $0 + Double(points[$1, j]) } / Double(members.count)
        }
      }
      labels = nearest(points, to: centers)
    }
    #expect(result.iterations == iterations || iterations == 40)
    #expect(result.labels == labels)
    assertClose(Array(result.centers.elements), centers.flatMap(\.self), tolerance: 1e-10)
  }

  private func nearest(_ points: Matrix<Float>, to centers: [[Double]]) -> [Int] {
    (0..<points.rows).map { i in
      let distances = centers.map { center in
        center.indices.reduce(0) { $0 + pow(Double(points[i, $1]) - center[$1], 2) }
      }
      return distances.indices.min { distances[$0] < distances[$1] } ?? 0
    }
  }

  /// Eight points on a line: the best split is found by trying all.
  @Test func smallCasesReachTheOptimum() throws {
    let values: [Float] = [0, 1, 2.5, 7, 7.2, 9, 14, 15]
    let points = Matrix(values.map { [$0] })
    var best = Double.infinity
    for a in 1..<7 {
      for b in a + 1..<8 {
        let parts = [values[..<a], values[a..<b], values[b...]]
        let cost = parts.reduce(0.0) { sum, part in
          let mean = part.reduce(0) { $0 + Double($1) } / Double(part.count)
          return sum + part.reduce(0) { $0 + pow(Double($1) - mean, 2) }
        }
        best = min(best, cost)
      }
    }
    assertClose([try KMeans.fit(points, clusters: 3).inertia], [best], tolerance: 1e-10)
  }

  @Test func threadsAndRepetitionChangeNothing() throws {
    let (points, _) = blobs(clusters: 6, perCluster: 900, dimensions: 5, spread: 3, seed: 3)
    defer { Threads.count = 1 }
    let options = KMeans.Options(restarts: 2)
    let reference = try KMeans.fit(points, clusters: 8, seed: 1, options: options)
    for threads in [1, 2, 3] {
      Threads.count = threads
      let again = try KMeans.fit(points, clusters: 8, seed: 1, options: options)
      #expect(again.labels == reference.labels && again.centers == reference.centers)
      #expect(again.inertia == reference.inertia && again.iterations == reference.iterations)
    }
  }

  @Test func emptyClustersTakeTheFarthestPoints() throws {
    let points = Matrix<Double>([[0], [1], [2], [50], [100]])
    let start = Matrix<Double>([[1], [-1000], [-2000]])
    let result = try KMeans.fit(points, from: start)
    #expect(samePartition(result.labels, [0, 0, 0, 1, 2]))
  }

  @Test func asManyClustersAsPointsLeavesNoDistance() throws {
    let points = Matrix<Float>([[3, 1], [0, 0], [5, 5], [9, 2]])
    let result = try KMeans.fit(points, clusters: 4)
    #expect(result.inertia == 0)
    #expect(Set(result.labels).count == 4)
  }

  @Test func identicalPointsAreOneCluster() throws {
    let result = try KMeans.fit(Matrix<Float>(repeating: 3, rows: 6, columns: 2), clusters: 3)
    #expect(Set(result.labels).count == 1)
    #expect(result.inertia == 0)
    #expect(result.centers.elements.allSatisfy { $0 == 3 })
  }

  @Test func oneClusterHasTheMean() throws {
    let result = try KMeans.fit(Matrix<Float>([[0, 2], [4, 4]]), clusters: 1)
    #expect(Array(result.centers.elements) == [2, 3])
    #expect(result.labels == [0, 0])
  }

  @Test(arguments: [0, -1, 4])
  func impossibleNumbersOfClustersAreFaults(clusters: Int) {
    #expect(throws: ClusteringFault.clusterCount(clusters, cells: 3)) {
      try KMeans.fit(Matrix<Float>.zeros(3, 2), clusters: clusters)
    }
  }

  @Test(arguments: [Float.nan, .infinity])
  func pointsThatAreNotFiniteAreFaults(value: Float) {
    var points = Matrix<Float>.zeros(3, 2)
    points[1, 1] = value
    #expect(throws: ClusteringFault.notFinite(row: 1, column: 1)) {
      try KMeans.fit(points, clusters: 2)
    }
  }

  @Test func hugeCoordinatesDoNotTrap() throws {
    let points = Matrix<Double>([[1e200], [-1e200], [0]])
    #expect(try KMeans.fit(points, clusters: 2).labels.count == 3)
  }
}
