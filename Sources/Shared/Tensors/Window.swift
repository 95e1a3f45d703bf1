/// A dense matrix with reference semantics: a row-major, contiguous window of rows × columns on
/// memory of another owner. The owner is a slot of a `Workspace`, the flat weights, or a matrix.
/// Copies share the elements.
///
/// The engine computes on windows, because a training step must neither allocate nor copy;
/// everything else uses `Matrix`.
@safe package struct Window<Element: BitwiseCopyable> {
  package let rows: Int
  package let columns: Int
  let owner: BufferOwner
  @usableFromInline let base: UnsafeMutablePointer<Element>

  @unsafe init(owner: BufferOwner, base: UnsafeMutablePointer<Element>, rows: Int, columns: Int) {
    self.owner = owner
    // SAFETY: the caller guarantees rows × columns elements kept by `owner`.
    unsafe self.base = base
    self.rows = rows
    self.columns = columns
  }

  /// The number of elements.
  @inlinable package var count: Int { rows * columns }

  /// A window on a matrix for reading only: a write would change every copy of the matrix.
  package init(reading matrix: Matrix<Element>) {
    // SAFETY: the owner is shared, so the elements outlive the window.
    unsafe self.init(
      owner: matrix.elements.owner, base: matrix.elements.base, rows: matrix.rows,
      columns: matrix.columns)
  }

  /// A window on a matrix, whose elements are first made unshared.
  package init(writing matrix: inout Matrix<Element>) {
    matrix.elements.makeUnique()
    self.init(reading: matrix)
  }

  /// A window that owns its memory, not yet set.
  package init(uninitializedRows rows: Int, columns: Int) {
    self.init(reading: Matrix(uninitializedRows: rows, columns: columns))
  }

  @inlinable package subscript(row: Int, column: Int) -> Element {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "out of range")
      // SAFETY: checked on the line above.
      return unsafe base[row * columns + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "out of range")
      // SAFETY: checked on the line above.
      unsafe base[row * columns + column] = newValue
    }
  }

  /// A run of rows.
  package func slice(rows range: Range<Int>) -> Window {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows out of range")
    // SAFETY: the rows are inside this window.
    return unsafe Window(
      owner: owner, base: base + range.lowerBound * columns, rows: range.count, columns: columns)
  }

  /// `count` elements from `offset` on, as rows × columns.
  package func window(at offset: Int, rows: Int, columns: Int) -> Window {
    precondition(
      offset >= 0 && offset + rows * columns <= count,
      "\(rows) × \(columns) elements at \(offset) of \(count)")
    // SAFETY: checked on the line above.
    return unsafe Window(owner: owner, base: base + offset, rows: rows, columns: columns)
  }

  /// Copies the elements of another window of the same size.
  package func copy(from other: Window) {
    precondition(count == other.count, "\(other.count) elements into \(count)")
    // SAFETY: both hold `count` elements; update(from:) allows overlap.
    unsafe base.update(from: other.base, count: count)
  }

  package func copy(from matrix: Matrix<Element>) { copy(from: Window(reading: matrix)) }

  package func fill(with value: Element) {
    // SAFETY: `base` holds `count` elements.
    unsafe base.update(repeating: value, count: count)
  }

  /// A copy of the elements that is a value.
  package func matrix() -> Matrix<Element> {
    var result = Matrix<Element>(uninitializedRows: rows, columns: columns)
    Window(writing: &result).copy(from: self)
    return result
  }

  /// The address of the first element, for a kernel; valid while the window is kept.
  @unsafe package var pointer: UnsafeMutablePointer<Element> { unsafe base }
}

// SAFETY: tiles that share a window write to separate elements; see `parallelTiles`.
extension Window: @unchecked Sendable where Element: Sendable {}
