extension ContingencyTable {
  /// The class that each cluster is matched with, one to one, so that the most cells agree (Kuhn
  /// 1955; Jonker and Volgenant 1987).
  ///
  /// Keys and values are the given labels. Clusters without a class are absent, and so are those
  /// that share no cell with their class.
  package var matching: [Int: Int] {
    var result: [Int: Int] = [:]
    for (row, column) in assignedColumns.enumerated() {
      if let column { result[clusters[column]] = classes[row] }
    }
    return result
  }

  /// ACC: the share of cells whose cluster is matched with their class under the best one-to-one
  /// matching.
  package var accuracy: Double {
    let assigned = assignedColumns
    let agreeing = entries.reduce(0) { sum, entry in
      assigned[entry.row] == entry.column ? sum + entry.count : sum
    }
    return Double(agreeing) / Double(cells)
  }

  /// Purity: the share of cells that belong to the most frequent class of their cluster.
  package var purity: Double {
    var largest = Array(repeating: 0, count: clusters.count)
    for entry in entries { largest[entry.column] = max(largest[entry.column], entry.count) }
    return Double(largest.reduce(0, +)) / Double(cells)
  }

  private var assignedColumns: [Int?] {
    bestAssignment(rows: classes.count, columns: clusters.count, entries: entries)
  }
}
