// A sample of many cells that represents all in training. Cells drawn uniformly keep the
// proportions of the types. Cells drawn from boxes of equal size, whatever their number of cells,
// keep the rare types.

import Glibc
import Tensors

/// A sample that represents all cells: half drawn uniformly, half geometrically (Hie et al. 2019).
///
/// A grid divides the space of the cells' coordinates into boxes. Its side is chosen so that about
/// `count` / 2 boxes hold cells. One cell of every box is drawn, the boxes in random order, then a
/// second one of each, and so on.
package struct CellSketch: Sendable, Equatable {
  /// Cells in the proportions of all; rising.
  package let uniform: [Int]
  /// Cells spread over the space, rising; none of them is in `uniform`.
  package let geometric: [Int]

  package init(uniform: [Int], geometric: [Int]) {
    (self.uniform, self.geometric) = (uniform, geometric)
  }

  /// Draws `count` cells by their coordinates (N, d), or all if there are fewer.
  ///
  /// - Throws: `NeighborsFault` for coordinates that are not finite.
  package init(of points: Matrix<Float>, count: Int, seed: UInt64) throws(NeighborsFault) {
    try requireFinite(points, "the embedding")
    var generator = RandomGenerator(seed: seed.stream(.sketch))
    let order = generator.permutation(points.rows)
    let count = min(count, points.rows)
    let half = (count + 1) / 2
    uniform = order.prefix(half).sorted()
    if count == half {
      geometric = []
      return
    }
    let grid = SketchGrid(points)
    let boxes = grid.boxes(side: grid.side(forBoxes: count - half))
    var turns: [UInt64: Int] = [:]
    let draws = order.dropFirst(half).map { cell in
      let box = boxes[cell]
      let turn = turns[box, default: 0]
      turns[box] = turn + 1
      return (turn, (box ^ seed).splitMixed, cell)
    }
    let drawn = draws.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.prefix(count - half)
    geometric = drawn.map(\.2).sorted()
  }

  /// All of them, rising.
  package var cells: [Int] { (uniform + geometric).sorted() }
}

/// Boxes of equal sides in the space of the cells' coordinates.
private struct SketchGrid {
  private let points: Matrix<Float>
  private let least: [Double]
  /// The longest side of the box around all cells.
  private let width: Double

  init(_ points: Matrix<Float>) {
    self.points = points
    var least = [Double](repeating: .infinity, count: points.columns)
    var most = [Double](repeating: -.infinity, count: points.columns)
    for i in 0..<points.rows {
      for d in 0..<points.columns {
        let value = Double(points[i, d])
        least[d] = min(least[d], value)
        most[d] = max(most[d], value)
      }
    }
    self.least = least
    width = zip(least, most).reduce(0) { max($0, $1.1 - $1.0) }
  }

  /// The box of every cell, as a hash of its position in the grid.
  func boxes(side: Double) -> Buffer<UInt64> {
    let (points, least) = (points, least)
    return parallelMap(points.rows, tileSize: 4096) { i in
      var box: UInt64 = 0
      for d in 0..<points.columns {
        let place = ((Double(points[i, d]) - least[d]) / side).rounded(.down)
        box = (box ^ UInt64(min(place, 1e15))).splitMixed
      }
      return box
    }
  }

  /// The side, by bisection, with which between nine and eleven tenths of that many boxes hold
  /// cells. If cells are equal, the number is only near it.
  func side(forBoxes wanted: Int) -> Double {
    if !(width > 0) { return 1 }
    var (low, high) = (-40.0, 1.0)
    for _ in 0..<30 {
      let middle = (low + high) / 2
      let sorted = boxes(side: width * exp2(middle)).sorted()
      let found = 1 + zip(sorted, sorted.dropFirst()).count { $0 != $1 }
      if 10 * found < 9 * wanted {
        high = middle
      } else if 10 * found > 11 * wanted {
        low = middle
      } else {
        return width * exp2(middle)
      }
    }
    return width * exp2(low)
  }
}
