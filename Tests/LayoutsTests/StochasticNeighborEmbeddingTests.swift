import Foundation
import Layouts
import Tensors
import TestSupport
import Testing

/// t-SNE. One test sets the number of threads, so all run one after another.
@Suite(.serialized) struct StochasticNeighborEmbeddingTests {
  /// ∂KL/∂y by its definition, over all pairs.
  private func definition(_ p: Matrix<Double>, _ y: Matrix<Double>, _ e: Double) -> Matrix<Double> {
    let count = y.rows
    func weight(_ i: Int, _ j: Int) -> Double {
      1 / (1 + pow(y[i, 0] - y[j, 0], 2) + pow(y[i, 1] - y[j, 1], 2))
    }
    var total = 0.0
    for i in 0..<count { for j in 0..<count where i != j { total += weight(i, j) } }
    var result = Matrix<Double>.zeros(count, 2)
    for i in 0..<count {
      for j in 0..<count where i != j {
        let w = weight(i, j)
        for axis in 0..<2 {
          result[i, axis] += 4 * (e * p[i, j] - w / total) * w * (y[i, axis] - y[j, axis])
        }
      }
    }
    return result
  }

  @Test(
    "the gradient is the definition's: exactly with θ = 0, nearly with 0.5", arguments: [1.0, 12])
  func gradient(_ exaggeration: Double) {
    let affinities = Affinities(of: randomMatrix(150, 6, seed: 1), perplexity: 10)
    var places = randomMatrix(150, 2, seed: 2)
    for axis in 0..<2 {  // equal places, and one far away
      places[7, axis] = places[8, axis]
      places[9, axis] = places[8, axis]
      places[11, axis] = 40
    }
    let expected = definition(affinities.matrix.densified(), places, exaggeration)
    var method = StochasticNeighborEmbedding()
    method.theta = 0
    let exact = method.gradient(affinities, places, exaggeration: exaggeration)
    assertClose(exact, expected, tolerance: 1e-8, scale: 1e-4, "θ = 0")
    method.theta = 0.5
    let near = method.gradient(affinities, places, exaggeration: exaggeration)
    let error = zip(near.elements, expected.elements).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
    let size = expected.elements.reduce(0) { $0 + $1 * $1 }
    #expect(error > 0 && (error / size).squareRoot() < 0.03)
  }

  /// Three groups, far from each other, in ten dimensions.
  private func groups(of size: Int) -> Matrix<Double> {
    var points = randomMatrix(3 * size, 10, seed: 5)
    for i in 0..<3 * size { points[i, i / size] += 12 }
    return points
  }

  @Test("groups stay together and apart, and the threads change no bit")
  func separatedGroups() {
    let points = groups(of: 60)
    let affinities = Affinities(of: points)
    let method = StochasticNeighborEmbedding()
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let places = method.layout(affinities, initial: points, seed: 0)
    Threads.count = 3
    #expect(method.layout(affinities, initial: points, seed: 0) == places)
    #expect(method.layout(affinities, initial: points, seed: 1) != places)
    let centers = (0..<3).map { group in
      (0..<2).map { axis in
        (0..<60).reduce(0.0) { $0 + places[60 * group + $1, axis] } / 60
      }
    }
    for i in 0..<180 {
      let distances = centers.map { hypot(places[i, 0] - $0[0], places[i, 1] - $0[1]) }
      #expect(distances.firstIndex(of: distances.min() ?? 0) == i / 60, "cell \(i)")
    }
  }

  @Test(
    "few cells, and cells that are all equal, have finite places", arguments: [0, 1, 2, 3, 5, 40])
  func degenerate(_ count: Int) {
    for points in [randomMatrix(count, 3, seed: 4), .zeros(count, 3)] {
      let places = StochasticNeighborEmbedding().layout(
        Affinities(of: points), initial: points, seed: 0)
      #expect(places.rows == count && places.columns == 2)
      #expect(places.elements.allSatisfy { $0.isFinite && abs($0) < 1e6 }, "\(places.elements)")
      if count > 1 {
        #expect(places[0, 0] != places[1, 0] || places[0, 1] != places[1, 1])
      }
    }
  }

  @Test("a start that is constant or not finite does no harm")
  func badStart() {
    let affinities = Affinities(of: groups(of: 10))
    for value in [0, 1e300, Double.nan, .infinity] {
      var method = StochasticNeighborEmbedding()
      method.iterations = 300
      let start = Matrix(repeating: value, rows: 30, columns: 2)
      let places = method.layout(affinities, initial: start, seed: 0)
      #expect(places.elements.allSatisfy { $0.isFinite }, "\(value)")
    }
  }
}
