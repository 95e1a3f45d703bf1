import Foundation
import Layouts
import Tensors
import TestSupport
import Testing

/// The probabilities that t-SNE starts from.
@Suite struct AffinityTests {
  @Test("a row has the perplexity asked for, whatever the unit of length")
  func perplexity() {
    for unit: Float in [1e-12, 1, 1e12] {
      let distances = Buffer((1...90).map { unit * (1 + Float($0).squareRoot()) })
      let row = Affinities.conditional(distances.span, entropy: log(30))
      let entropy = -row.reduce(0.0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
      #expect(abs(exp(entropy) - 30) < 1e-4)
      #expect(abs(row.reduce(0, +) - 1) < 1e-12)
      #expect(zip(row, row.dropFirst()).allSatisfy { $0 >= $1 })
    }
  }

  @Test("P is symmetric, has no diagonal and sums to 1")
  func jointProbabilities() {
    let affinities = Affinities(of: randomMatrix(60, 5, seed: 3), perplexity: 8)
    let matrix = affinities.matrix
    #expect(matrix.structuralFault() == nil)
    #expect(abs(matrix.values.reduce(0, +) - 1) < 1e-12)
    let dense = matrix.densified()
    for i in 0..<60 {
      #expect(dense[i, i] == 0)
      for j in 0..<i { #expect(dense[i, j] == dense[j, i]) }
    }
  }

  @Test("equal cells, one neighbor and infinite distances give finite rows that sum to 1")
  func degenerateRows() {
    for distances: [Float] in [
      [0, 0, 0], [5], [0, 0, 3], [1, .infinity], [.infinity, .infinity],
    ] {
      let row = Affinities.conditional(Buffer(distances).span, entropy: 0)
      #expect(row.allSatisfy(\.isFinite) && abs(row.reduce(0, +) - 1) < 1e-12, "\(distances)")
    }
  }
}

extension Affinities {
  /// From points, their neighbors found the plain way.
  init(of points: Matrix<Double>, perplexity: Double = 30) {
    let count = Affinities.neighborCount(cells: points.rows, perplexity: perplexity)
    var indices = Matrix<Int32>(repeating: 0, rows: points.rows, columns: count)
    var distances = Matrix<Float>(repeating: 0, rows: points.rows, columns: count)
    for i in 0..<points.rows {
      let others = (0..<points.rows).filter { $0 != i }.map { j in
        (
          j,
          (0..<points.columns).reduce(0.0) { $0 + pow(points[i, $1] - points[j, $1], 2) }
            .squareRoot()
        )
      }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
      for (place, other) in others.prefix(count).enumerated() {
        indices[i, place] = Int32(other.0)
        distances[i, place] = Float(other.1)
      }
    }
    self.init(neighbors: indices, distances: distances, perplexity: perplexity)
  }
}
