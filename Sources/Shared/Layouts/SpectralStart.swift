import Tensors

/// The start of a layout if there is only a graph: the second and third eigenvectors of D^−1/2 W
/// D^−1/2, by orthogonal iteration. They separate the large parts of the graph. A start needs no
/// more digits than a few hundred steps give.
package struct SpectralStart: Sendable {
  /// Coordinates of length 1 along both axes. (N, 2)
  package let points: Matrix<Double>

  package init(_ graph: FuzzyGraph, seed: UInt64, iterations: Int = 300) {
    let matrix = graph.matrix
    let cells = matrix.rows
    let roots = parallelMap(cells) { i -> Double in
      let values = matrix.values.span
      var sum = 0.0
      for k in matrix.range(ofRow: i) { sum += Double(values[k]) }
      return sum > 0 ? 1 / sum.squareRoot() : 0
    }
    var generator = RandomGenerator(seed: seed.stream(.layoutStart))
    var vectors = (0..<3).map { number in
      Buffer((0..<cells).map { number == 0 && roots[$0] > 0 ? 1 / roots[$0] : generator.normal() })
    }
    SpectralStart.orthonormalize(&vectors)
    for _ in 0..<iterations {
      vectors = vectors.map { vector in
        // (I + Â) / 2 has no negative eigenvalues, so its largest are the ones needed.
        parallelMap(cells, tileSize: 1024) { i in
          let (columns, values, source) = (matrix.indices.span, matrix.values.span, vector.span)
          var sum = 0.0
          for k in matrix.range(ofRow: i) {
            let j = Int(columns[k])
            sum += Double(values[k]) * roots[j] * source[j]
          }
          return (source[i] + roots[i] * sum) / 2
        }
      }
      SpectralStart.orthonormalize(&vectors)
    }
    var result = Matrix<Double>.zeros(cells, 2)
    for axis in 0..<2 { for i in 0..<cells { result[i, axis] = vectors[axis + 1][i] } }
    points = result
  }

  /// By Gram and Schmidt; vectors that vanish become 0.
  private static func orthonormalize(_ vectors: inout [Buffer<Double>]) {
    for number in vectors.indices {
      for earlier in 0..<number {
        let against = vectors[earlier]
        let overlap = dot(vectors[number], against)
        let other = against.span
        var target = vectors[number].mutableSpan
        for i in target.indices { target[i] -= overlap * other[i] }
      }
      let length = dot(vectors[number], vectors[number]).squareRoot()
      var target = vectors[number].mutableSpan
      for i in target.indices { target[i] = length > 1e-200 ? target[i] / length : 0 }
    }
  }

  private static func dot(_ a: Buffer<Double>, _ b: Buffer<Double>) -> Double {
    let (x, y) = (a.span, b.span)
    var sum = 0.0
    for i in x.indices { sum += x[i] * y[i] }
    return sum
  }
}
