// The best one-to-one assignment by shortest augmenting paths (Jonker and Volgenant 1987) with
// potentials. It uses the entries that exist instead of a full square. So rectangular tables need
// no padding, and a table of thousands of classes and clusters costs what its entries cost. An
// absent pair has the value 0, so a row may remain unmatched at no loss.

/// The column of each row that makes the sum of the counts largest; nil if a row shares no cells
/// with its column.
///
/// O(rows² · columns) for a full table. Among equal assignments the order of rows and columns
/// decides.
func bestAssignment(rows: Int, columns: Int, entries: [ContingencyTable.Entry]) -> [Int?] {
  var assignment = Assignment(rows: rows, columns: columns, entries: entries)
  for row in 0..<rows { assignment.augment(from: row) }
  return assignment.columnOfRow
}

/// The state of the search: minimum cost with cost = −count. Every row has one more column of cost
/// 0 that means "unmatched".
private struct Assignment {
  private var edges: [[(column: Int, cost: Int)]]
  /// For every column the row that is assigned to it.
  private var rowOfColumn: [Int?]
  /// For every row the column that is assigned to it.
  private var columnHeld: [Int?]
  private var rowPotential: [Int]
  private var columnPotential: [Int]
  private let columns: Int
  // For one search: the shortest path to each column, the row before it, and the columns reached.
  private var distance: [Int]
  private var rowBefore: [Int]
  private var touched: [Int] = []

  init(rows: Int, columns: Int, entries: [ContingencyTable.Entry]) {
    self.columns = columns
    edges = (0..<rows).map { [(columns + $0, 0)] }
    for entry in entries { edges[entry.row].append((entry.column, -entry.count)) }
    rowOfColumn = Array(repeating: nil, count: columns + rows)
    columnHeld = Array(repeating: nil, count: rows)
    rowPotential = edges.map { $0.map(\.cost).min() ?? 0 }
    columnPotential = Array(repeating: 0, count: columns + rows)
    distance = Array(repeating: .max, count: columns + rows)
    rowBefore = Array(repeating: -1, count: columns + rows)
  }

  /// For every row the real column that is assigned to it.
  var columnOfRow: [Int?] { columnHeld.map { $0.flatMap { $0 < columns ? $0 : nil } } }

  /// Finds the cheapest path that gives `start` a column and moves assigned rows, and applies it.
  mutating func augment(from start: Int) {
    var settled: [Int] = []
    var open = NearestFirst()
    var (row, reached) = (start, 0)
    while true {
      for edge in edges[row] {
        let length = reached + edge.cost - rowPotential[row] - columnPotential[edge.column]
        if distance[edge.column] <= length { continue }
        if distance[edge.column] == .max { touched.append(edge.column) }
        distance[edge.column] = length
        rowBefore[edge.column] = row
        open.insert(edge.column, at: length)
      }
      // A column that was reached again by a shorter path is still in the heap with its longer one.
      guard let nearest = open.removeFirst() else {
        preconditionFailure("every row owns a column of its own")
      }
      if nearest.distance > distance[nearest.column] { continue }
      reached = nearest.distance
      guard let next = rowOfColumn[nearest.column] else {
        updatePotentials(start: start, settled: settled, reached: reached)
        follow(to: nearest.column, from: start)
        for column in touched { distance[column] = .max }
        touched.removeAll(keepingCapacity: true)
        return
      }
      settled.append(nearest.column)
      row = next
    }
  }

  /// Keeps all reduced costs at zero or above, and those of assigned columns at zero.
  private mutating func updatePotentials(start: Int, settled: [Int], reached: Int) {
    rowPotential[start] += reached
    for column in settled {
      let slack = reached - distance[column]
      columnPotential[column] -= slack
      if let row = rowOfColumn[column] { rowPotential[row] += slack }
    }
  }

  /// Reverses the path that ends in `column`: each row on it gets the next column.
  private mutating func follow(to column: Int, from start: Int) {
    var column = column
    while true {
      let row = rowBefore[column]
      let previous = columnHeld[row]
      rowOfColumn[column] = row
      columnHeld[row] = column
      guard row != start, let previous else { return }
      column = previous
    }
  }
}

/// A binary heap of columns: the nearest first, the lowest number among equals.
private struct NearestFirst {
  private var heap: [(distance: Int, column: Int)] = []

  mutating func insert(_ column: Int, at distance: Int) {
    heap.append((distance, column))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() -> (distance: Int, column: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < heap.count {
        if heap[child] < heap[least] { least = child }
      }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
