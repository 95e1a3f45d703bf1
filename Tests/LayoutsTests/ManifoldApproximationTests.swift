import Foundation
import Layouts
import Tensors
import TestSupport
import Testing

/// UMAP.
@Suite struct ManifoldApproximationTests {
  @Test("the curve is that of umap-learn's find_ab_params")
  func curve() {
    for (distance, a, b) in [
      (0.1, 1.5769434602697652, 0.8950608778515733), (0.5, 0.5830300203414425, 1.3341669924314914),
    ] {
      let curve = LayoutCurve(minimumDistance: distance)
      assertClose([curve.a, curve.b], [a, b], tolerance: 1e-6)
    }
  }

  @Test("memberships are those of umap-learn's smooth_knn_dist and compute_membership_strengths")
  func memberships() {
    for (distances, expected) in [
      ([0, 1, 2, 4, 4.5, 7], [1, 1, 0.52926195, 0.14825588, 0.10785674, 0.02197981]),
      ([1, 1.5, 1.7, 2.2, 3, 9], [1, 0.6660104, 0.56607425, 0.37701133, 0.1967542, 0.00149864]),
    ] as [([Float], [Double])] {
      let row = FuzzyGraph.memberships(Buffer(distances).span, overallMean: 2)
      assertClose(row, expected, tolerance: 1e-4, scale: 0.1)
    }
  }

  @Test("cells at one place, infinite distances and one neighbor have weights from 0 to 1")
  func oddDistances() {
    for distances: [Float] in [[0, 0, 0], [5], [1, .infinity], [.infinity, .infinity], []] {
      let row = FuzzyGraph.memberships(Buffer(distances).span, overallMean: 0)
      #expect(row.allSatisfy { (0...1).contains($0) }, "\(distances): \(row)")
    }
  }

  @Test("the graph unites both directions; a stored one is scaled and cleaned")
  func graphs() {
    let graph = Self.graph(of: randomMatrix(40, 4, seed: 1), count: 6).matrix
    #expect(graph.structuralFault() == nil && graph == graph.transposed())
    #expect(graph.values.allSatisfy { $0 > 0 && $0 <= 1 })
    let stored = SparseMatrix<Float>(Matrix([[5, 2, 0], [0, 0, -1], [0, 4, 0]]))
    let cleaned = FuzzyGraph(weights: stored).matrix.densified()
    assertClose(
      cleaned, Matrix<Double>([[0, 0.4, 0], [0.4, 0, 0.8], [0, 0.8, 0]]), tolerance: 1e-6)
  }

  @Test(
    "groups stay together and apart, from coordinates and from the graph alone; the seed matters")
  func separatedGroups() {
    var points = randomMatrix(180, 10, seed: 5)
    for i in 0..<180 { points[i, i / 60] += 12 }
    let graph = Self.graph(of: points, count: 14)
    let method = ManifoldApproximation()
    let spectral = SpectralStart(graph, seed: 0).points
    for start in [points, spectral] {
      let places = method.layout(graph, initial: start, seed: 0)
      #expect(method.layout(graph, initial: start, seed: 0) == places)
      #expect(method.layout(graph, initial: start, seed: 1) != places)
      let centers = (0..<3).map { group in
        (0..<2).map { axis in (0..<60).reduce(0.0) { $0 + places[60 * group + $1, axis] } / 60 }
      }
      for i in 0..<180 {
        let distances = centers.map { hypot(places[i, 0] - $0[0], places[i, 1] - $0[1]) }
        #expect(distances.firstIndex(of: distances.min() ?? 0) == i / 60, "cell \(i)")
      }
    }
  }

  @Test("near cells are nearer in the plane: edges are far shorter than random pairs")
  func neighborhoods() {
    let points = randomMatrix(300, 3, seed: 8)
    let graph = Self.graph(of: points, count: 10)
    let places = ManifoldApproximation().layout(graph, initial: points, seed: 0)
    func distance(_ i: Int, _ j: Int) -> Double {
      hypot(places[i, 0] - places[j, 0], places[i, 1] - places[j, 1])
    }
    var edges: [Double] = []
    for i in 0..<300 {
      for k in graph.matrix.range(ofRow: i) {
        edges.append(distance(i, Int(graph.matrix.indices[k])))
      }
    }
    let pairs = (0..<300).map { distance($0, ($0 * 7 + 131) % 300) }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    #expect(median(edges) < 0.3 * median(pairs))
  }

  @Test("few cells, equal cells, no edges and useless starts have finite places")
  func degenerate() {
    for count in [0, 1, 2, 3, 9] {
      for points in [randomMatrix(count, 3, seed: 4), .zeros(count, 3)] {
        for start in [points, Matrix(repeating: .nan, rows: count, columns: 2)] {
          let graph = Self.graph(of: points, count: max(0, min(5, count - 1)))
          let places = ManifoldApproximation().layout(graph, initial: start, seed: 0)
          #expect(places.rows == count && places.columns == 2)
          #expect(places.elements.allSatisfy { $0.isFinite && abs($0) < 1e6 })
        }
      }
    }
    let empty = FuzzyGraph(weights: SparseMatrix(Matrix<Float>.zeros(5, 5)))
    let places = ManifoldApproximation().layout(
      empty, initial: SpectralStart(empty, seed: 0).points, seed: 0)
    #expect(places.elements.allSatisfy { $0.isFinite })
  }

  /// From points, their neighbors found the plain way.
  private static func graph(of points: Matrix<Double>, count: Int) -> FuzzyGraph {
    var indices = Matrix<Int32>(repeating: 0, rows: points.rows, columns: count)
    var distances = Matrix<Float>(repeating: 0, rows: points.rows, columns: count)
    for i in 0..<points.rows {
      let others = (0..<points.rows).filter { $0 != i }.map { j in
        (
          (0..<points.columns).reduce(0.0) { $0 + pow(points[i, $1] - points[j, $1], 2) }
            .squareRoot(), j
        )
      }.sorted { $0 < $1 }
      for (place, other) in others.prefix(count).enumerated() {
        indices[i, place] = Int32(other.1)
        distances[i, place] = Float(other.0)
      }
    }
    return FuzzyGraph(neighbors: indices, distances: distances)
  }
}
