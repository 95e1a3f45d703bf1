// The best one-to-one assignment by shortest augmenting paths (Jonker and Volgenant 1987) with potentials, on the
// entries that exist instead of a full square: rectangular tables need no padding, and a table of thousands of classes and
// clusters costs what its entries cost. An absent pair is worth 0, so a row may as well stay unmatched.

/// The column that each row is assigned to so that the sum of the counts is largest; nil where a row shares no cells with a column left to it.
///
/// O(rows² · columns) for a full table. Among equal assignments the choice is fixed by the order of rows and columns.
func bestAssignment(rows: Int, columns: Int, entries: [ContingencyTable.Entry]) -> [Int?] {
  var assignment = Assignment(rows: rows, columns: columns, entries: entries)
  for row in 0..<rows { assignment.augment(from: row) }
  return assignment.columnOfRow
}

/// The state of the search: minimum cost with cost = −count, every row owning one more column of cost 0 that stands for "unmatched".
private struct Assignment {
  private var edges: [[(column: Int, cost: Int)]]
  /// For every column the row that holds it.
  private var rowOfColumn: [Int?]
  /// For every row the column that it holds.
  private var columnHeld: [Int?]
  private var rowPotential: [Int]
  private var columnPotential: [Int]
  private let columns: Int

  init(rows: Int, columns: Int, entries: [ContingencyTable.Entry]) {
    self.columns = columns
    edges = (0..<rows).map { [(columns + $0, 0)] }
    for entry in entries { edges[entry.row].append((entry.column, -entry.count)) }
    rowOfColumn = Array(repeating: nil, count: columns + rows)
    columnHeld = Array(repeating: nil, count: rows)
    rowPotential = edges.map { $0.map(\.cost).min() ?? 0 }
    columnPotential = Array(repeating: 0, count: columns + rows)
  }

  /// For every row the real column that it holds.
  var columnOfRow: [Int?] { columnHeld.map { $0.flatMap { $0 < columns ? $0 : nil } } }

  /// Finds the cheapest way to give `start` a column, moving rows already placed, and follows it.
  mutating func augment(from start: Int) {
    var distance: [Int: Int] = [:]
    var rowBefore: [Int: Int] = [:]
    var settled: [Int] = []
    var open: Set<Int> = []
    var (row, reached) = (start, 0)
    while true {
      for edge in edges[row] where distance[edge.column] == nil || open.contains(edge.column) {
        let length = reached + edge.cost - rowPotential[row] - columnPotential[edge.column]
        if let known = distance[edge.column], known <= length { continue }
        distance[edge.column] = length
        rowBefore[edge.column] = row
        open.insert(edge.column)
      }
      guard let nearest = open.min(by: { (distance[$0] ?? 0, $0) < (distance[$1] ?? 0, $1) }) else {
        preconditionFailure("every row owns a column of its own")
      }
      open.remove(nearest)
      reached = distance[nearest] ?? 0
      guard let next = rowOfColumn[nearest] else {
        updatePotentials(start: start, settled: settled, distance: distance, reached: reached)
        follow(to: nearest, from: start, rowBefore: rowBefore)
        return
      }
      settled.append(nearest)
      row = next
    }
  }

  /// Keeps all reduced costs at zero or above, those of held columns at zero.
  private mutating func updatePotentials(
    start: Int, settled: [Int], distance: [Int: Int], reached: Int
  ) {
    rowPotential[start] += reached
    for column in settled {
      let slack = reached - (distance[column] ?? 0)
      columnPotential[column] -= slack
      if let row = rowOfColumn[column] { rowPotential[row] += slack }
    }
  }

  /// Turns the path that ends in `column` around: each row on it takes the next column.
  private mutating func follow(to column: Int, from start: Int, rowBefore: [Int: Int]) {
    var column = column
    while let row = rowBefore[column] {
      let previous = columnHeld[row]
      rowOfColumn[column] = row
      columnHeld[row] = column
      guard row != start, let previous else { return }
      column = previous
    }
  }
}
