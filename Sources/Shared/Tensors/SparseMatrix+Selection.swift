extension SparseMatrix where Element: Real {
  /// Some rows and columns, in the order of `rows`; explicit zeros are left out unless they are
  /// kept. (rows.count, keptColumns.count)
  ///
  /// `keptColumns` must be strictly rising, so that the columns of every row are.
  package func selecting(
    rows chosen: [Int], columns keptColumns: [Int], keepingZeros keepsZeros: Bool = false
  ) -> SparseMatrix {
    var position = Buffer<Int32>(repeating: -1, count: columns)
    for (new, old) in keptColumns.enumerated() { position[old] = Int32(new) }
    precondition(
      zip(keptColumns, keptColumns.dropFirst()).allSatisfy(<), "columns must be strictly rising")
    let newColumn = position
    let lengths = parallelMap(chosen.count, tileSize: 1024) { i in
      let (starts, columnOf, value, map) = (indptr.span, indices.span, values.span, newColumn.span)
      var length = 0
      for k in starts[chosen[i]]..<starts[chosen[i] + 1]
      where map[Int(columnOf[k])] >= 0 && (keepsZeros || value[k] != 0) { length += 1 }
      return length
    }
    var starts = Buffer<Int>(repeating: 0, count: chosen.count + 1)
    for i in 0..<chosen.count { starts[i + 1] = starts[i] + lengths[i] }
    var result = SparseMatrix(
      rows: chosen.count, columns: keptColumns.count, indptr: starts,
      indices: Buffer(spooledCount: starts[chosen.count]),
      values: Buffer(spooledCount: starts[chosen.count]))
    // SAFETY: every tile writes the entries of its rows, from starts[i] to starts[i + 1].
    let columnsOut = unsafe SharedPointer(result.indices.mutablePointer())
    let valuesOut = unsafe SharedPointer(result.values.mutablePointer())
    let newStarts = starts
    parallelTiles(tileCount(chosen.count, of: 1024)) { number in
      let (begins, columnOf, value, map) = (indptr.span, indices.span, values.span, newColumn.span)
      for i in tile(number, of: 1024, in: chosen.count) {
        var next = newStarts[i]
        for k in begins[chosen[i]]..<begins[chosen[i] + 1] {
          let column = map[Int(columnOf[k])]
          if column < 0 || (!keepsZeros && value[k] == 0) { continue }
          unsafe columnsOut.pointer[next] = column
          unsafe valuesOut.pointer[next] = value[k]
          next += 1
        }
      }
    }
    return result
  }

  /// The columns `chosen`, which must rise. (rows, columns.count)
  package func selectingColumns(_ chosen: [Int]) -> SparseMatrix {
    selecting(rows: Array(0..<rows), columns: chosen, keepingZeros: true)
  }

  /// The rows `chosen`, in that order. (rows.count, columns)
  package func selectingRows(_ chosen: [Int]) -> SparseMatrix {
    gathering(rows: Buffer(chosen.lazy.map { Int32($0) }))
  }

  /// The rows `chosen`, in their order. (rows.count, columns)
  package func gathering(rows chosen: Buffer<Int32>) -> SparseMatrix {
    var starts = Buffer<Int>(uninitializedCount: chosen.count + 1)
    starts[0] = 0
    for r in 0..<chosen.count {
      starts[r + 1] = starts[r] + range(ofRow: Int(chosen[r])).count
    }
    var newIndices = Buffer<Int32>(uninitializedCount: starts[chosen.count])
    var newValues = Buffer<Element>(uninitializedCount: starts[chosen.count])
    for r in 0..<chosen.count {
      let range = range(ofRow: Int(chosen[r]))
      newIndices.copy(range, of: indices, to: starts[r])
      newValues.copy(range, of: values, to: starts[r])
    }
    return SparseMatrix(
      rows: chosen.count, columns: columns, indptr: starts, indices: newIndices, values: newValues)
  }

  /// The entries in both the chosen rows and the chosen columns, which must be strictly rising. For
  /// a graph, it is the part among some of its cells.
  ///
  /// - Parameter places: scratch for one number of each column, all −1 before and after.
  package func induced(by chosen: Buffer<Int32>, places: Window<Int32>) -> SparseMatrix {
    precondition(rows == columns && places.count == columns, "a square matrix and its scratch")
    for r in 0..<chosen.count { places[0, Int(chosen[r])] = Int32(truncatingIfNeeded: r) }
    var builder = RowBuilder<Element>(columns: chosen.count)
    let (columnOf, value) = (indices.span, values.span)
    for r in 0..<chosen.count {
      for k in range(ofRow: Int(chosen[r])) {
        let place = places[0, Int(columnOf[k])]
        if place >= 0 { builder.append(place, value[k]) }
      }
      builder.endRow()
    }
    for r in 0..<chosen.count { places[0, Int(chosen[r])] = -1 }
    return builder.matrix
  }

  /// The same structure with every value replaced by `transform(row, value)`, computed by tiles of
  /// rows in parallel.
  @inlinable package func mapEntries(
    _ transform: @Sendable (_ row: Int, _ value: Element) -> Element
  ) -> SparseMatrix {
    var result = self
    result.values = Buffer(spooledCount: entryCount)
    // SAFETY: every tile writes the entries of its rows.
    let out = unsafe SharedPointer(result.values.mutablePointer())
    let count = rows
    parallelTiles(tileCount(count, of: 1024)) { number in
      let (starts, value) = (indptr.span, values.span)
      for i in tile(number, of: 1024, in: count) {
        for k in starts[i]..<starts[i + 1] { unsafe out.pointer[k] = transform(i, value[k]) }
      }
    }
    return result
  }

  /// The rows of a range, in another precision. (rows.count, columns)
  package func slice<Other: Real>(rows range: Range<Int>, as type: Other.Type) -> SparseMatrix<
    Other
  > {
    let (begin, end) = (indptr[range.lowerBound], indptr[range.upperBound])
    let source = values.span
    return SparseMatrix<Other>(
      rows: range.count, columns: columns,
      indptr: indptr.slice(range.lowerBound..<range.upperBound + 1).mapped { $0 - begin },
      indices: indices.slice(begin..<end),
      values: parallelMap(end - begin, tileSize: 65536) { Other(source[begin + $0]) })
  }
}
