extension Buffer where Element: Real {
  /// The position of the first NaN or infinity; nil if there is none.
  package var firstNonFinite: Int? {
    let span = span
    guard Element.self == Float.self else { return span.indices.first { !span[$0].isFinite } }
    // An exponent of ones means NaN or infinity. A maximum over a block vectorizes, an early exit
    // would not.
    let (all, count, size) = (reinterpreted(as: UInt32.self), count, 1 << 14)
    let isFinite = parallelMap(tileCount(count, of: size), tileSize: 64) { number in
      let bits = all.span
      var largest: UInt32 = 0
      for i in tile(number, of: size, in: count) {
        largest = Swift.max(largest, bits[i] & 0x7FFF_FFFF)
      }
      return largest < 0x7F80_0000
    }
    return isFinite.firstIndex(of: false).flatMap { number in
      tile(number, of: size, in: count).first { !span[$0].isFinite }
    }
  }
}

extension Matrix where Element: Real {
  /// The place of the first NaN or infinity, row by row.
  package var firstNonFinite: (row: Int, column: Int)? {
    elements.firstNonFinite.map { ($0 / columns, $0 % columns) }
  }
}

extension Matrix<Float> {
  /// Whether any value is not 0 for processors that treat denormal numbers as 0.
  package enum Magnitude: Sendable {
    case normal
    /// Some are not 0, but none reaches ±1.2e-38.
    case vanishing
    case zero
  }

  package var magnitude: Magnitude {
    let values = elements.span
    var result = Magnitude.zero
    for i in values.indices {
      // By the bits: a comparison would treat them as 0.
      let bits = values[i].bitPattern & 0x7FFF_FFFF
      if bits >= Float.leastNormalMagnitude.bitPattern { return .normal }
      if bits > 0 { result = .vanishing }
    }
    return result
  }
}

extension SparseMatrix where Element: Real {
  /// The place of the first entry that is NaN or infinite, and its position among the entries.
  package var firstNonFinite: (row: Int, column: Int, entry: Int)? {
    values.firstNonFinite.map { (row(ofEntry: $0), Int(indices[$0]), $0) }
  }
}

extension SparseMatrix {
  /// The row that an entry belongs to.
  package func row(ofEntry entry: Int) -> Int {
    var (low, high) = (0, rows - 1)
    while low < high {
      let middle = (low + high) / 2
      if indptr[middle + 1] > entry { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
