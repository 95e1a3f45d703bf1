/// c ← a[rows, :] · b[others, :]ᵀ on the calling thread, for bodies of `parallelTiles`.
/// (rows.count, others.count)
///
/// `c` is a scratch of at least rows.count · others.count elements. Element (i, j) of the product
/// is at i · others.count + j.
package func multiplyTile<Element: Real>(
  _ a: Matrix<Element>, rows: Range<Int>, transposed b: Matrix<Element>, rows others: Range<Int>,
  into c: inout MutableSpan<Element>
) {
  precondition(
    a.columns == b.columns && rows.lowerBound >= 0 && rows.upperBound <= a.rows
      && others.lowerBound >= 0 && others.upperBound <= b.rows
      && c.count >= rows.count * others.count,
    "tile product of rows \(rows) of (\(a.rows), \(a.columns)) and \(others) of (\(b.rows), \(b.columns))"
  )
  if rows.isEmpty || others.isEmpty { return }
  let width = Swift.max(1, a.columns)
  // SAFETY: ranges and sizes are checked above; nothing else writes c, and it overlaps neither.
  unsafe c.withUnsafeMutableBufferPointer { out in
    guard let base = out.baseAddress else { return }
    unsafe Element.blasGemm(
      false, true, rows.count, others.count, a.columns, 1,
      a.elements.pointer + rows.lowerBound * width, width,
      b.elements.pointer + others.lowerBound * width, width, 0, base, others.count)
  }
}
