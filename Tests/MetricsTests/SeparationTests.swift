import Foundation
import Metrics
import Tensors
import TestSupport
import Testing

@Suite struct SeparationTests {
  /// By the definition, one pair of cells after the other.
  private func naiveSilhouette(_ points: Matrix<Double>, _ labels: [Int]) -> Double {
    func distance(_ i: Int, _ j: Int) -> Double {
      (0..<points.columns).reduce(0.0) { $0 + pow(points[i, $1] - points[j, $1], 2) }.squareRoot()
    }
    let widths = labels.indices.map { i -> Double in
      func meanDistance(to label: Int) -> Double {
        let others = labels.indices.filter { labels[$0] == label && $0 != i }
        return others.reduce(0) { $0 + distance(i, $1) } / Double(others.count)
      }
      let a = meanDistance(to: labels[i])
      let b = Set(labels).subtracting([labels[i]]).map { meanDistance(to: $0) }.min() ?? 0
      return a.isNaN ? 0 : (b - a) / max(a, b)
    }
    return widths.reduce(0, +) / Double(widths.count)
  }

  @Test(.enabled(if: Reference.isAvailable, "needs the reference values"))
  func silhouetteMatchesTheReference() throws {
    let values = try Reference.load("metrics")
    let points = try #require(values["sil_x"])
    let labels = try #require(values["sil_labels"]).elements.map { Int($0) }
    let expected = try #require(values["silhouette"])[0, 0]
    let actual = try #require(try Silhouette.compute(points, labels: labels))
    assertClose([actual.mean], [expected], tolerance: 1e-10)
    #expect(!actual.isSampled && actual.cells == 60)
  }

  @Test(arguments: [1, 2, 3])
  func silhouetteMatchesTheDefinitionOverBlocks(threads: Int) throws {
    Threads.count = threads
    defer { Threads.count = 1 }
    // More than one block of rows and columns, a cluster of one cell, unsorted labels.
    let (points, truth) = blobs(clusters: 5, perCluster: 220, dimensions: 3, spread: 3, seed: 2)
    var labels = truth.enumerated().map {
      ($0.offset * 7919) % 5 == 0 ? 17 - $0.element : -$0.element
    }
    labels[3] = 99
    let actual = try #require(try Silhouette.compute(points, labels: labels))
    assertClose([actual.mean], [naiveSilhouette(points, labels)], tolerance: 1e-11)
    #expect(actual.clusterMeans.count == Set(labels).count)
  }

  @Test func coincidingCellsFarFromTheOriginHaveDistanceZero() throws {
    let points = Matrix<Float>([[1e4, 1], [1e4, 1], [1e4 + 1, 1], [1e4 + 1, 1]])
    let result = try #require(try Silhouette.compute(points, labels: [0, 0, 1, 1]))
    #expect(result.mean == 1)
  }

  @Test func samplesAreSeededAndSaid() throws {
    let (points, labels) = blobs(clusters: 4, perCluster: 250, dimensions: 4, spread: 1, seed: 6)
    let all = try #require(try Silhouette.compute(points, labels: labels))
    let sample = try #require(try Silhouette.compute(points, labels: labels, limit: 400, seed: 1))
    let again = try #require(try Silhouette.compute(points, labels: labels, limit: 400, seed: 1))
    #expect(sample.isSampled && sample.cells == 400 && sample.mean == again.mean)
    #expect(abs(sample.mean - all.mean) < 0.05)
  }

  /// Computed with scikit-learn 1.9.1 for these points.
  @Test func scatterIndicesMatchScikitLearn() throws {
    let points = Matrix<Double>([
      [0, 0], [1, 0.5], [0.3, 1.2], [5, 5], [5.5, 4.5], [6, 6.1], [9, 0], [8.4, 1], [4, 2],
    ])
    let labels = [0, 0, 0, 1, 1, 1, 2, 2, 3]
    assertClose(
      [
        try #require(try daviesBouldin(points, labels: labels)),
        try #require(try calinskiHarabasz(points, labels: labels)),
      ], [0.22220586441769422, 56.868865331762855], tolerance: 1e-12)
  }

  @Test func degenerateLabelsHaveNoFigure() throws {
    let (points, _) = blobs(clusters: 1, perCluster: 6, dimensions: 2, spread: 1, seed: 1)
    for labels in [[0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6]] {
      #expect(try Silhouette.compute(points, labels: labels) == nil)
      #expect(try daviesBouldin(points, labels: labels) == nil)
      #expect(try calinskiHarabasz(points, labels: labels) == nil)
    }
    let same = Matrix<Double>(repeating: 2, rows: 6, columns: 2)
    let labels = [0, 0, 0, 1, 1, 1]
    #expect(try Silhouette.compute(same, labels: labels)?.mean == 0)
    #expect(try daviesBouldin(same, labels: labels) == 0)
    #expect(try calinskiHarabasz(same, labels: labels) == 1)
  }

  @Test func unusablePointsAreFaults() {
    var points = Matrix<Float>.zeros(3, 2)
    #expect(throws: MetricsFault.unequalCounts(labels: 2, cells: 3)) {
      try Silhouette.compute(points, labels: [0, 1])
    }
    points[2, 1] = .nan
    #expect(throws: MetricsFault.notFinite(row: 2, column: 1)) {
      try daviesBouldin(points, labels: [0, 1, 1])
    }
  }
}

@Suite struct ModularityTests {
  /// Two triangles joined by one edge: Q = 6/7 − 1/2 when split at the bridge.
  @Test func twoTrianglesHaveTheTextbookValue() throws {
    var edges = Matrix<Float>.zeros(6, 6)
    for (i, j) in [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)] {
      edges[i, j] = 1
      edges[j, i] = 1
    }
    let graph = SparseMatrix(edges)
    let split = try #require(try modularity(of: [8, 8, 8, 1, 1, 1], on: graph))
    assertClose([split], [6.0 / 7 - 0.5], tolerance: 1e-12)
    let whole = try #require(try modularity(of: Array(repeating: 0, count: 6), on: graph))
    #expect(abs(whole) < 1e-15)
    #expect(try modularity(of: [0, 1], on: SparseMatrix(Matrix<Float>.zeros(2, 2))) == nil)
  }
}
