import CKernels

/// Points in panels of sixteen, coordinate by coordinate, so that many pairs of queries and points
/// are compared at once (`Shortlist.offer`).
///
/// The key of a query q and a point p is q · p plus a number of the point. With queries −2 q and
/// the number |p|², it orders the points by their distance from q.
package struct PointPanels: Sendable {
  /// Points of a panel.
  package static let lanes = Int(SC_PANEL)

  /// The number of positions, including those without a point.
  package let count: Int
  /// The number of coordinates of a point.
  package let width: Int
  /// For each panel its coordinates, (width, lanes), and the added numbers, (lanes).
  let values: Buffer<Float>

  /// - Parameters:
  ///   - points: coordinates, and in the last column the added number. (N, width + 1)
  ///   - order: the row of `points` at each position; a negative number: no point. nil: all rows in
  ///     their order.
  package init(_ points: Matrix<Float>, order: Buffer<Int32>? = nil) {
    precondition(points.columns > 0, "points without the number that is added")
    let (count, columns, lanes) = (order?.count ?? points.rows, points.columns, Self.lanes)
    var panels = Matrix<Float>(
      uninitializedRows: tileCount(count, of: lanes), columns: columns * lanes)
    parallelRows(of: &panels, tileSize: 64) { panels, out in
      for (number, panel) in panels.enumerated() {
        let base = number * columns * lanes
        for lane in 0..<lanes {
          let position = panel * lanes + lane
          let row = position < count ? order.map { Int($0[position]) } ?? position : -1
          if row < 0 {
            // Infinitely far.
            for k in 0..<columns - 1 { out[base + k * lanes + lane] = 0 }
            out[base + (columns - 1) * lanes + lane] = .infinity
          } else {
            let point = points.row(row)
            for k in 0..<columns { out[base + k * lanes + lane] = point[k] }
          }
        }
      }
    }
    (self.count, width, values) = (count, columns - 1, panels.elements)
  }

  /// The points at some positions times −2, with 1 in the last column: queries for the others.
  /// (positions.count, width + 1)
  package func queries(_ positions: some Collection<Int>) -> Matrix<Float> {
    let (lanes, columns) = (Self.lanes, width + 1)
    var result = Matrix<Float>(uninitializedRows: positions.count, columns: columns)
    var out = result.elements.mutableSpan
    let source = values.span
    for (r, position) in positions.enumerated() {
      let base = position / lanes * columns * lanes + position % lanes
      for k in 0..<width { out[r * columns + k] = -2 * source[base + k * lanes] }
      out[r * columns + width] = 1
    }
    return result
  }
}
