import CKernels

/// For each row the points of the smallest keys so far, smallest first.
package struct Shortlist {
  private let rows: Int
  private let capacity: Int
  private var entries: Buffer<sc_nearby>

  /// - Parameter capacity: the number of points that are kept for each row, at least one.
  package init(rows: Int, capacity: Int) {
    precondition(capacity > 0, "lists of \(capacity) points")
    (self.rows, self.capacity) = (rows, capacity)
    entries = Buffer(repeating: sc_nearby(key: .infinity, point: -1), count: rows * capacity)
  }

  /// Adds a part of some keys, those of the points from 0 on, for one row; infinite keys are left
  /// out.
  package mutating func offer(_ keys: Buffer<Float>, _ part: Range<Int>, to r: Int) {
    let (source, capacity) = (keys.span, self.capacity)
    var span = entries.mutableSpan
    let base = r * capacity
    var bound = span[base + capacity - 1].key
    var j = source.firstPosition(in: part, below: bound)
    while j < part.upperBound {
      var place = base + capacity - 1
      while place > base && span[place - 1].key > source[j] {
        span[place] = span[place - 1]
        place -= 1
      }
      span[place] = sc_nearby(
        key: source[j], point: Int32(truncatingIfNeeded: j - part.lowerBound))
      bound = span[base + capacity - 1].key
      j = source.firstPosition(in: j + 1..<part.upperBound, below: bound)
    }
  }

  /// Adds the points at some positions of panels for some rows; infinite keys are left out.
  ///
  /// - Parameters:
  ///   - positions: from the first of a panel to the end of a panel, or to the last position.
  ///   - queries: one for each row, from row `first` on, with at least as many coordinates as the
  ///     points have. (≥ first + rows, ≥ width)
  ///   - some: the rows; nil: all.
  ///   - selves: the position that is skipped for each row; negative: none. nil: no position is
  ///     skipped. (rows)
  package mutating func offer(
    _ positions: Range<Int>, of panels: PointPanels, to queries: Matrix<Float>, from first: Int = 0,
    rows some: [Int32]? = nil, except selves: Buffer<Int32>? = nil
  ) {
    let some = some ?? (0..<rows).map { Int32($0) }
    let selves = selves ?? Buffer(repeating: -1, count: rows)
    precondition(
      positions.lowerBound % PointPanels.lanes == 0 && positions.lowerBound >= 0
        && (positions.upperBound == panels.count
          || positions.upperBound < panels.count
            && positions.upperBound % PointPanels.lanes == 0)
        && first >= 0 && first + rows <= queries.rows
        && queries.columns >= panels.width && selves.count == rows
        && some.allSatisfy { $0 >= 0 && $0 < rows },
      "positions \(positions) of \(panels.count) for \(rows) of \(queries.rows) queries from \(first) on"
    )
    let end = tileCount(positions.upperBound, of: PointPanels.lanes)
    // SAFETY: rows, queries, panels and selves have these sizes (checked). entries has `capacity`
    // places for each row, and no one else writes it.
    unsafe some.withUnsafeBufferPointer { some in
      guard let base = some.baseAddress else { return }
      unsafe sc_offer_panels(
        some.count, base, queries.elements.pointer + first * queries.columns, queries.columns,
        panels.width, panels.values.pointer, positions.lowerBound / PointPanels.lanes, end,
        selves.pointer, capacity, entries.mutablePointer())
    }
  }

  /// The points kept for a row.
  package func points(_ r: Int) -> [Int32] {
    (0..<capacity).map { entry(r, $0).point }.filter { $0 >= 0 }
  }

  /// The point at a position of a row's list, from the smallest key on, and its key. A free place
  /// has the point −1 and an infinite key.
  package func entry(_ r: Int, _ position: Int) -> (point: Int32, key: Float) {
    let entry = entries[r * capacity + position]
    return (entry.point, entry.key)
  }

  /// The largest key kept for a row; infinite if places are free. Every point that was not kept has
  /// a key at least as large.
  package func worst(_ r: Int) -> Float { entries[(r + 1) * capacity - 1].key }
}
