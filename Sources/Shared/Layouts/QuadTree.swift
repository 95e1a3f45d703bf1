// The tree of Barnes and Hut (1986) for the repulsion of t-SNE (van der Maaten 2014). Points are
// sorted along a Morton curve, so every square of the tree is a run of them. Nodes are in the order
// of a descent. Each has the number of the node that follows if it is not entered, so that a walk
// is one loop without a stack.

import Tensors

/// A tree of squares over points of the plane.
package struct QuadTree: Sendable {
  /// One square that holds points.
  private struct Node: BitwiseCopyable {
    /// The mean of its points.
    var x, y: Double
    /// The square of its side.
    var sideSquared: Double
    /// Its points, as positions on the curve.
    var first, end: Int32
    /// The next node if this one is not entered.
    var next: Int32
    var isLeaf: Bool
  }

  /// The force of all other points on one of them.
  package struct Repulsion: BitwiseCopyable, Sendable {
    /// Σⱼ wᵢⱼ with w = 1 / (1 + |yᵢ − yⱼ|²).
    package var weight = 0.0
    /// Σⱼ w²ᵢⱼ (yᵢ − yⱼ).
    package var x = 0.0
    package var y = 0.0
  }

  /// The number of bits of a coordinate on the curve: squares are split at most this many times.
  private static let depth = 20
  private var nodes: [Node] = []
  /// For every point its position on the curve.
  private let position: [Int32]

  /// The tree over `points`, rows of x and y. (N, 2)
  package init(_ points: Matrix<Double>) {
    let count = points.rows
    precondition(points.columns == 2 && count < 1 << 22, "\(count) × \(points.columns) points")
    let curve = MortonCurve(points, bits: QuadTree.depth)
    var position = [Int32](repeating: 0, count: count)
    for (place, point) in curve.order.enumerated() { position[point] = Int32(place) }
    self.position = position
    nodes.reserveCapacity(2 * count)
    if count > 0 { _ = add(0..<count, level: 0, curve, points.elements) }
  }

  /// Appends the node of a run of points and the nodes below it; returns the sum of the points.
  private mutating func add(
    _ run: Range<Int>, level: Int, _ curve: MortonCurve, _ points: Buffer<Double>
  ) -> (x: Double, y: Double) {
    let number = nodes.count
    let isLeaf = run.count == 1 || level == QuadTree.depth
    let side = curve.side / Double(1 << level)
    nodes.append(
      Node(
        x: 0, y: 0, sideSquared: side * side, first: Int32(run.lowerBound),
        end: Int32(run.upperBound), next: 0, isLeaf: isLeaf))
    var (x, y) = (0.0, 0.0)
    if isLeaf {
      for place in run {
        x += points[2 * curve.order[place]]
        y += points[2 * curve.order[place] + 1]
      }
    } else {
      var begin = run.lowerBound
      while begin < run.upperBound {
        let end = curve.endOfSquare(from: begin, before: run.upperBound, level: level + 1)
        let sum = add(begin..<end, level: level + 1, curve, points)
        x += sum.x
        y += sum.y
        begin = end
      }
    }
    nodes[number].x = x / Double(run.count)
    nodes[number].y = y / Double(run.count)
    nodes[number].next = Int32(nodes.count)
    return (x, y)
  }

  /// The repulsion of point `i`, which is at (x, y): a square of side s at distance d counts as one
  /// point if s < θ d.
  package func repulsion(of i: Int, atX x: Double, y: Double, theta: Double) -> Repulsion {
    let span = nodes.span
    let own = position[i]
    let thetaSquared = theta * theta
    var result = Repulsion()
    var number = 0
    while number < span.count {
      let node = span[number]
      let (dx, dy) = (x - node.x, y - node.y)
      let distanceSquared = dx * dx + dy * dy
      guard node.isLeaf || node.sideSquared < thetaSquared * distanceSquared else {
        number += 1
        continue
      }
      number = Int(node.next)
      let holdsItself = node.first <= own && own < node.end
      let mass = Double(node.end - node.first - (holdsItself ? 1 : 0))
      let weight = 1 / (1 + distanceSquared)
      let force = mass * weight * weight
      result.weight += mass * weight
      result.x += force * dx
      result.y += force * dy
    }
    return result
  }
}

/// Points of the plane in the order of a Morton curve: squares of a grid, four by four, at every
/// scale.
private struct MortonCurve {
  /// The points along the curve, ties by index. (N)
  let order: [Int]
  /// The side of the square around all points.
  let side: Double
  private let codes: [UInt64]
  private let bits: Int

  init(_ points: Matrix<Double>, bits: Int) {
    self.bits = bits
    let values = points.elements.span
    var (left, right, bottom, top) = (
      Double.infinity, -Double.infinity, Double.infinity, -Double.infinity
    )
    for i in 0..<points.rows {
      left = min(left, values[2 * i])
      right = max(right, values[2 * i])
      bottom = min(bottom, values[2 * i + 1])
      top = max(top, values[2 * i + 1])
    }
    let width = max(right - left, top - bottom)
    side = width > 0 && width.isFinite ? width : 1
    let last = Double(1 << bits) - 1
    let scale = last / side
    // 2 · 20 bits of code and 22 of index in one word: one sort of plain integers.
    var keys: [UInt64] = []
    keys.reserveCapacity(points.rows)
    for i in 0..<points.rows {
      let column = UInt64(min(last, max(0, (values[2 * i] - left) * scale)))
      let row = UInt64(min(last, max(0, (values[2 * i + 1] - bottom) * scale)))
      keys.append((MortonCurve.spread(column) | MortonCurve.spread(row) << 1) << 22 | UInt64(i))
    }
    keys.sort()
    order = keys.map { Int($0 & (1 << 22 - 1)) }
    codes = keys.map { $0 >> 22 }
  }

  /// The end of the run of points that share the square of `level` with the one at `begin`.
  func endOfSquare(from begin: Int, before end: Int, level: Int) -> Int {
    let shift = UInt64(2 * (bits - level))
    let square = codes[begin] >> shift
    var (low, high) = (begin + 1, end)
    while low < high {
      let middle = (low + high) / 2
      if codes[middle] >> shift == square { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The low 32 bits, a zero after each.
  private static func spread(_ value: UInt64) -> UInt64 {
    var x = value
    x = (x | x << 16) & 0x0000_FFFF_0000_FFFF
    x = (x | x << 8) & 0x00FF_00FF_00FF_00FF
    x = (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F
    x = (x | x << 2) & 0x3333_3333_3333_3333
    return (x | x << 1) & 0x5555_5555_5555_5555
  }
}
