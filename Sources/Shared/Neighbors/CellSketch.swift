// Some of many cells, which stand for all in training. Cells drawn uniformly keep the proportions of the types; cells drawn from boxes of equal size, whatever
// number of cells they hold, keep the rare ones.

import Glibc
import Tensors

/// Draws `count` cells by their coordinates (N, d): half uniformly, half geometrically (Hie et al. 2019). Rising.
///
/// A grid divides the space into boxes with sides such that about as many of them hold cells as are wanted. One cell of every box is drawn, the
/// boxes in random order, then a second one of each, and so on.
///
/// - Throws: `NeighborsFault` for coordinates that are not finite.
package func cellSketch(of points: Matrix<Float>, count: Int, seed: UInt64) throws(NeighborsFault)
  -> [Int]
{
  if count >= points.rows { return Array(0..<points.rows) }
  try requireFinite(points, "the embedding")
  var generator = RandomGenerator(seed: seed.stream(.sketch))
  let order = generator.permutation(points.rows)
  let uniform = order.prefix(count / 2)
  let rest = order.dropFirst(count / 2)
  let wanted = count - uniform.count
  let grid = SketchGrid(points)
  let boxes = grid.boxes(side: grid.side(forBoxes: wanted))
  // Cells of a box follow each other, in random order.
  var turn: [UInt64: Int] = [:]
  let draws = rest.map { cell in
    let box = boxes[cell]
    let number = turn[box, default: 0]
    turn[box] = number + 1
    return (number, (box ^ seed).splitMixed, cell)
  }
  let geometric = draws.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.prefix(wanted)
  return (uniform + geometric.map(\.2)).sorted()
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

  /// The box of every cell, as a hash of its place in the grid.
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

  /// By bisection the side with which between nine and eleven tenths of so many boxes hold cells, or about that where cells are equal.
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
