import Tensors

/// For each row of a tile the points of the smallest keys seen so far, smallest first.
struct Shortlist {
  private struct Entry: BitwiseCopyable, Sendable {
    var key: Float
    var point: Int32
  }

  private let rows: Int
  private let capacity: Int
  private var entries: Buffer<Entry>

  init(rows: Int, capacity: Int) {
    self.rows = rows
    self.capacity = capacity
    entries = Buffer(repeating: Entry(key: .infinity, point: -1), count: rows * capacity)
  }

  /// Takes in a block of keys (rows, width) of the points from `firstPoint` on; infinite keys are
  /// left out.
  mutating func offer(_ block: Buffer<Float>, width: Int, firstPoint: Int) {
    for r in 0..<rows {
      offer(block, r * width..<(r + 1) * width, firstPoint: firstPoint, to: r)
    }
  }

  /// Takes in part of a block of keys, those of the points from `firstPoint` on, for one row.
  mutating func offer(_ block: Buffer<Float>, _ row: Range<Int>, firstPoint: Int, to r: Int) {
    let (source, capacity) = (block.span, self.capacity)
    var span = entries.mutableSpan
    let base = r * capacity
    var threshold = span[base + capacity - 1].key
    var j = source.firstPosition(in: row, below: threshold)
    while j < row.upperBound {
      let entry = Entry(
        key: source[j], point: Int32(truncatingIfNeeded: firstPoint + j - row.lowerBound))
      var position = base + capacity - 1
      while position > base && span[position - 1].key > entry.key {
        span[position] = span[position - 1]
        position -= 1
      }
      span[position] = entry
      threshold = span[base + capacity - 1].key
      j = source.firstPosition(in: j + 1..<row.upperBound, below: threshold)
    }
  }

  /// The points kept for a row.
  func indices(_ r: Int) -> [Int32] {
    (0..<capacity).compactMap {
      let entry = entries[r * capacity + $0]
      return entry.point >= 0 ? entry.point : nil
    }
  }

  /// The largest key kept for a row: every point left out has one at least as large.
  func worst(_ r: Int) -> Float { entries[r * capacity + capacity - 1].key }
}
