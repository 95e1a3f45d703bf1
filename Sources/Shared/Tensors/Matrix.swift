// The lowest room comes with it: every room uses memory, faults and printable text.
@_exported import Ground

/// A dense matrix, row-major and contiguous: element (i, j) is at `i * columns + j`.
package struct Matrix<Element: BitwiseCopyable> {
  package let rows: Int
  package let columns: Int
  /// The `rows * columns` elements, row after row.
  package var elements: Buffer<Element>

  /// Takes ownership of `elements`; their number must be `rows * columns`.
  @inlinable package init(rows: Int, columns: Int, elements: Buffer<Element>) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "\(elements.count) elements for a \(rows) × \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  @inlinable package init(repeating value: Element, rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: Buffer(repeating: value, count: rows * columns))
  }

  /// A matrix whose elements are not yet set.
  @inlinable package init(uninitializedRows rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: Buffer(uninitializedCount: rows * columns))
  }

  /// A matrix from rows of equal length.
  package init(_ rows: [[Element]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of unequal length")
    self.init(rows: rows.count, columns: columns, elements: Buffer(Array(rows.joined())))
  }

  @inlinable package subscript(row: Int, column: Int) -> Element {
    get {
      precondition(column >= 0 && column < columns, "column out of range")
      return elements[row * columns + column]
    }
    set {
      precondition(column >= 0 && column < columns, "column out of range")
      elements[row * columns + column] = newValue
    }
  }

  /// The elements of row `i`, readable. (columns)
  @_lifetime(borrow self)
  @inlinable package func row(_ i: Int) -> Span<Element> {
    let span = elements.span.extracting(i * columns..<(i + 1) * columns)
    // SAFETY: the row lives as long as the matrix that is borrowed.
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The rows `indices`, in that order. (indices.count, columns)
  package func selectingRows(_ indices: [Int]) -> Matrix {
    var result = Matrix(uninitializedRows: indices.count, columns: columns)
    if result.elements.count == 0 { return result }
    let target = unsafe result.elements.mutablePointer()
    for (to, from) in indices.enumerated() {
      precondition(from >= 0 && from < rows, "row \(from) of \(rows)")
      // SAFETY: both rows are in their matrix; the result is new.
      unsafe (target + to * columns).update(
        from: elements.pointer + from * columns, count: columns)
    }
    return result
  }
}

extension Matrix where Element: Real {
  package static func zeros(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(repeating: 0, rows: rows, columns: columns)
  }

  /// The same values in another precision.
  @inlinable package func converted<Other: Real>(to type: Other.Type) -> Matrix<Other> {
    Matrix<Other>(rows: rows, columns: columns, elements: elements.mapped { Other($0) })
  }
}

extension Matrix: Equatable where Element: Equatable {}
extension Matrix: Sendable where Element: Sendable {}
