import Tensors

/// t-SNE (van der Maaten and Hinton 2008; Barnes–Hut: van der Maaten 2014): it draws similar cells
/// near each other.
///
/// Minimizes KL(P ‖ Q), qᵢⱼ = wᵢⱼ / Z, wᵢⱼ = 1 / (1 + |yᵢ − yⱼ|²), Z = Σ w. It uses gradient
/// descent with momentum and a gain for every coordinate. The learning rate is that of Belkina et
/// al. (2019). The start is PCA, as Kobak and Berens (2019) advise.
package struct StochasticNeighborEmbedding: Sendable {
  /// The steps of the descent.
  package var iterations = 1000
  /// The number of first steps that exaggerate P and have little momentum.
  package var exaggeratedIterations = 250
  package var exaggeration = 12.0
  /// How coarse the tree of the repulsion may be; 0 is exact.
  package var theta = 0.5

  package init() {}

  /// Places N cells in the plane.
  ///
  /// - Parameters:
  ///   - affinities: P. (N, N)
  ///   - initial: the first positions of the cells, in any units: leading principal components. (N,
  ///     ≤ 2)
  ///   - seed: for the small noise (a hundredth of the start's spread) that separates equal cells.
  ///   - progress: called after every step with its number.
  /// - Returns: coordinates around the origin, all finite. (N, 2)
  package func layout(
    _ affinities: Affinities, initial: Matrix<Double>, seed: UInt64,
    progress: (_ step: Int) -> Void = { _ in }
  ) -> Matrix<Double> {
    let count = affinities.matrix.rows
    var descent = Descent(StochasticNeighborEmbedding.start(initial, count, seed))
    // As in scikit-learn: a quarter of max(N / 12, 200), because the gradient below has its factor
    // 4.
    let rate = max(Double(count) / exaggeration / 4, 50)
    for step in 0..<iterations where count > 1 {
      let isEarly = step < exaggeratedIterations
      let slope = gradient(affinities, descent.points, exaggeration: isEarly ? exaggeration : 1)
      descent.step(along: slope, rate: rate, momentum: isEarly ? 0.5 : 0.8)
      progress(step + 1)
    }
    return descent.points
  }

  /// ∂KL/∂yᵢ = 4 Σⱼ (e pᵢⱼ − qᵢⱼ) wᵢⱼ (yᵢ − yⱼ), with P exaggerated by e. (N, 2)
  package func gradient(
    _ affinities: Affinities, _ points: Matrix<Double>, exaggeration: Double = 1
  ) -> Matrix<Double> {
    let tree = QuadTree(points)
    let theta = theta
    let repulsions = parallelMap(points.rows) { i in
      let row = points.row(i)
      return tree.repulsion(of: i, atX: row[0], y: row[1], theta: theta)
    }
    var total = 0.0
    for repulsion in repulsions { total += repulsion.weight }
    let inverse = total > 0 ? 1 / total : 0
    let matrix = affinities.matrix
    var result = Matrix<Double>(uninitializedRows: points.rows, columns: 2)
    parallelRows(of: &result) { rows, elements in
      for i in rows {
        let pull = StochasticNeighborEmbedding.attraction(of: i, matrix, points)
        let place = 2 * (i - rows.lowerBound)
        elements[place] = 4 * (exaggeration * pull.x - repulsions[i].x * inverse)
        elements[place + 1] = 4 * (exaggeration * pull.y - repulsions[i].y * inverse)
      }
    }
    return result
  }

  /// Σⱼ pᵢⱼ wᵢⱼ (yᵢ − yⱼ).
  private static func attraction(
    of i: Int, _ matrix: SparseMatrix<Double>, _ points: Matrix<Double>
  ) -> (x: Double, y: Double) {
    let (places, indices, values) = (points.elements.span, matrix.indices.span, matrix.values.span)
    let (x, y) = (places[2 * i], places[2 * i + 1])
    var sum = (x: 0.0, y: 0.0)
    for k in matrix.range(ofRow: i) {
      let j = Int(indices[k])
      let (dx, dy) = (x - places[2 * j], y - places[2 * j + 1])
      let pull = values[k] / (1 + dx * dx + dy * dy)
      sum.x += pull * dx
      sum.y += pull * dy
    }
    return sum
  }

  /// The start, centered and with a standard deviation of 1e-4 along its first axis, and noise of
  /// 1e-6. (N, 2)
  private static func start(_ initial: Matrix<Double>, _ count: Int, _ seed: UInt64) -> Matrix<
    Double
  > {
    precondition(initial.rows == count, "\(initial.rows) starting points for \(count) cells")
    var result = Matrix<Double>.zeros(count, 2)
    var scale = 0.0
    for axis in 0..<min(2, initial.columns) where count > 0 {
      let column = (0..<count).map { initial[$0, axis] }
      let mean = column.reduce(0, +) / Double(count)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      if axis == 0 { scale = variance > 0 && variance.isFinite ? 1e-4 / variance.squareRoot() : 0 }
      for i in 0..<count where scale > 0 { result[i, axis] = (column[i] - mean) * scale }
    }
    var generator = RandomGenerator(seed: seed.stream(.tsne))
    for i in 0..<count {
      for axis in 0..<2 { result[i, axis] += 1e-6 * generator.normal() }
    }
    return result
  }
}

/// Gradient descent with momentum, and gains that grow while a coordinate keeps its direction
/// (Jacobs 1988).
private struct Descent {
  /// (N, 2)
  private(set) var points: Matrix<Double>
  private var velocity: [Double]
  private var gains: [Double]

  init(_ points: Matrix<Double>) {
    self.points = points
    velocity = Array(repeating: 0, count: points.elements.count)
    gains = Array(repeating: 1, count: points.elements.count)
  }

  mutating func step(along gradient: Matrix<Double>, rate: Double, momentum: Double) {
    let slope = gradient.elements.span
    for k in slope.indices {
      let keepsDirection = slope[k] * velocity[k] < 0
      gains[k] = max(0.01, keepsDirection ? gains[k] + 0.2 : gains[k] * 0.8)
      velocity[k] = momentum * velocity[k] - rate * gains[k] * slope[k]
    }
    let moves = velocity
    var places = points.elements.mutableSpan
    var sums = [0.0, 0.0]
    for k in moves.indices {
      places[k] += moves[k]
      sums[k & 1] += places[k]
    }
    let count = Double(max(1, moves.count / 2))
    for k in moves.indices { places[k] -= sums[k & 1] / count }
  }
}
