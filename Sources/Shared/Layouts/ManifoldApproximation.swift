// The descent visits the edges one after another on one thread. Every move depends on the moves
// before it, as in the published program. So the result cannot depend on the number of threads.
// 10,000 cells take seconds, so parallel moves would gain nothing.

import Glibc
import Tensors

/// UMAP (McInnes, Healy and Melville 2018): edges of a fuzzy graph attract their ends, random pairs
/// of cells repel each other.
///
/// Minimizes the cross entropy of the weights w and v = 1 / (1 + a d²ᵇ) by stochastic gradient
/// descent with negative samples.
package struct ManifoldApproximation: Sendable {
  /// The function of the distance: v.
  package var curve = LayoutCurve(minimumDistance: 0.5)
  /// Passes over the edges; nil: 500 up to 10,000 cells, 200 beyond.
  package var epochs: Int?
  /// Random cells that are repelled for each attraction.
  package var negativeSamples = 5
  /// The size of the first steps; it falls to 0 linearly.
  package var learningRate = 1.0

  package init() {}

  /// The number of passes for that many cells.
  package func epochCount(cells: Int) -> Int { epochs ?? (cells <= 10_000 ? 500 : 200) }

  /// Places N cells in the plane.
  ///
  /// - Parameters:
  ///   - graph: the weights between cells. (N, N)
  ///   - initial: the first positions of the cells, in any units. (N, ≤ 2)
  ///   - seed: for the noise at the start and the choice of repelled cells.
  ///   - progress: called after every pass with its number.
  /// - Returns: coordinates around the origin, all finite. (N, 2)
  package func layout(
    _ graph: FuzzyGraph, initial: Matrix<Double>, seed: UInt64,
    progress: (_ epoch: Int) -> Void = { _ in }
  ) -> Matrix<Double> {
    let cells = graph.matrix.rows
    precondition(initial.rows == cells, "\(initial.rows) starting points for \(cells) cells")
    let epochs = epochCount(cells: cells)
    var places = ManifoldApproximation.start(initial, seed)
    var edges = EdgeSchedule(graph.matrix, epochs: epochs, negativeSamples: negativeSamples)
    var random = SplitMix(seed: seed)
    for epoch in 0..<epochs where cells > 1 {
      let rate = learningRate * (1 - Double(epoch) / Double(epochs))
      edges.pass(epoch, curve, rate: Float(rate), &places, &random)
      progress(epoch + 1)
    }
    return ManifoldApproximation.centered(places)
  }

  /// The start between 0 and 10 along both axes, with noise of 0.001, so that cells at one place
  /// separate. (N, 2)
  private static func start(_ initial: Matrix<Double>, _ seed: UInt64) -> Matrix<Float> {
    var result = Matrix<Float>.zeros(initial.rows, 2)
    var generator = RandomGenerator(seed: seed.stream(.umap))
    for axis in 0..<2 {
      let column =
        axis < initial.columns ? (0..<initial.rows).map { initial[$0, axis] } : []
      let isUsable = column.allSatisfy { abs($0) < 1e150 }
      let (low, high) = (column.min() ?? 0, column.max() ?? 0)
      for i in 0..<initial.rows {
        let place = isUsable && high > low ? 10 * (column[i] - low) / (high - low) : 5
        result[i, axis] = Float(place + 1e-3 * generator.normal())
      }
    }
    return result
  }

  private static func centered(_ places: Matrix<Float>) -> Matrix<Double> {
    var result = places.converted(to: Double.self)
    for axis in 0..<2 where places.rows > 0 {
      let mean = (0..<places.rows).reduce(0.0) { $0 + result[$1, axis] } / Double(places.rows)
      for i in 0..<places.rows { result[i, axis] -= mean }
    }
    return result
  }
}

/// The passes in which each edge attracts: an edge of weight w in a share w of the passes, at even
/// intervals.
private struct EdgeSchedule {
  private let heads: Buffer<Int32>
  private let tails: Buffer<Int32>
  /// The number of passes from one attraction to the next.
  private let intervals: Buffer<Float>
  /// The passes of each edge's next attraction and repulsion. (edges, 2)
  private var next: Matrix<Float>
  private let negativeSamples: Float

  init(_ graph: SparseMatrix<Float>, epochs: Int, negativeSamples: Int) {
    self.negativeSamples = Float(negativeSamples)
    let largest = graph.values.max() ?? 0
    var (heads, tails) = (GrowingBuffer<Int32>(), GrowingBuffer<Int32>())
    var intervals = GrowingBuffer<Float>()
    for i in 0..<graph.rows {
      for k in graph.range(ofRow: i) where graph.values[k] * Float(epochs) >= largest {
        heads.append(Int32(i))
        tails.append(graph.indices[k])
        intervals.append(largest / graph.values[k])
      }
    }
    (self.heads, self.tails) = (heads.elements, tails.elements)
    self.intervals = intervals.elements
    next = Matrix(uninitializedRows: intervals.count, columns: 2)
    for edge in self.intervals.indices {
      next[edge, 0] = self.intervals[edge]
      next[edge, 1] = self.intervals[edge] / Float(negativeSamples)
    }
  }

  /// Moves the ends of all edges that are due.
  mutating func pass(
    _ epoch: Int, _ curve: LayoutCurve, rate: Float, _ places: inout Matrix<Float>,
    _ random: inout SplitMix
  ) {
    let now = Float(epoch)
    let force = Force(curve)
    let cells = places.rows
    var xy = places.elements.mutableSpan
    let (ends, others, waits) = (self.heads, self.tails, self.intervals)
    let (heads, tails, intervals) = (ends.span, others.span, waits.span)
    let negativeSamples = negativeSamples
    var next = next.elements.mutableSpan
    for edge in heads.indices where next[2 * edge] <= now {
      let (head, tail) = (2 * Int(heads[edge]), 2 * Int(tails[edge]))
      var (x, y) = (xy[head], xy[head + 1])
      let (dx, dy) = (x - xy[tail], y - xy[tail + 1])
      let pull = force.pull(dx * dx + dy * dy)
      let (moveX, moveY) = (Force.clipped(pull * dx) * rate, Force.clipped(pull * dy) * rate)
      x += moveX
      y += moveY
      xy[tail] -= moveX
      xy[tail + 1] -= moveY
      next[2 * edge] += intervals[edge]
      let interval = intervals[edge] / negativeSamples
      let count = Int((now - next[2 * edge + 1]) / interval)
      for _ in 0..<max(0, count) {
        let other = 2 * random.integer(below: cells)
        if other == head { continue }
        let (dx, dy) = (x - xy[other], y - xy[other + 1])
        let push = force.push(dx * dx + dy * dy)
        x += Force.clipped(push * dx) * rate
        y += Force.clipped(push * dy) * rate
      }
      next[2 * edge + 1] += Float(count) * interval
      xy[head] = x
      xy[head + 1] = y
    }
  }
}

/// The gradients along the line between two cells, as factors of their difference, from its square.
private struct Force {
  private let a, b: Float

  init(_ curve: LayoutCurve) { (a, b) = (Float(curve.a), Float(curve.b)) }

  /// −2ab d²⁽ᵇ⁻¹⁾ / (1 + a d²ᵇ)
  func pull(_ square: Float) -> Float {
    guard square > 0 else { return 0 }
    let power = powf(square, b)
    return -2 * a * b * power / (square * (1 + a * power))
  }

  /// 2b / ((0.001 + d²)(1 + a d²ᵇ))
  func push(_ square: Float) -> Float {
    guard square > 0 else { return 0 }
    return 2 * b / ((0.001 + square) * (1 + a * powf(square, b)))
  }

  /// Within −4…4, so that no step moves a cell far away.
  static func clipped(_ value: Float) -> Float { min(4, max(-4, value)) }
}

/// SplitMix64: one word for each call, since the repulsions need hundreds of millions.
private struct SplitMix {
  private var word: UInt64

  init(seed: UInt64) { word = seed &* 0xD134_2543_DE82_EF95 &+ 0x554D_4150 }

  /// Biased by less than count / 2³².
  mutating func integer(below count: Int) -> Int {
    let high = word.splitMixed >> 32
    word &+= .splitMixStep
    return Int((high * UInt64(count)) >> 32)
  }
}
