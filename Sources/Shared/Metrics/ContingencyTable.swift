// Every figure that compares labels with the truth is a function of one table of counts. The table
// is sparse. Otherwise labels that are all different (a column of barcodes treated as cell types)
// would need an array of cells × cells.

/// The number of cells in each pair of a true class and a predicted cluster.
package struct ContingencyTable: Sendable {
  /// One pair of a class and a cluster that share cells.
  package struct Entry: Equatable, Sendable {
    /// The number of the class in `classes`.
    package let row: Int
    /// The number of the cluster in `clusters`.
    package let column: Int
    /// The number of cells in both; at least 1.
    package let count: Int
  }

  /// The distinct true labels, rising.
  package let classes: [Int]
  /// The distinct predicted labels, rising.
  package let clusters: [Int]
  /// The pairs that share cells, by row and then by column.
  package let entries: [Entry]
  /// The cells of each class.
  package let classSizes: [Int]
  /// The cells of each cluster.
  package let clusterSizes: [Int]
  /// The number of cells.
  package let cells: Int

  /// Counts the pairs; labels may be any integers. Throws if the two differ in number or there are
  /// none.
  package init(truth: [Int], predicted: [Int]) throws(MetricsFault) {
    guard truth.count == predicted.count else {
      throw .unequalCounts(labels: truth.count, cells: predicted.count)
    }
    guard !truth.isEmpty else { throw .noCells }
    let (rows, classes) = numbered(truth)
    let (columns, clusters) = numbered(predicted)
    let pairs = zip(rows, columns).map { $0 * clusters.count + $1 }.sorted()
    var entries: [Entry] = []
    var begin = 0
    while begin < pairs.count {
      var end = begin
      while end < pairs.count && pairs[end] == pairs[begin] { end += 1 }
      let (row, column) = pairs[begin].quotientAndRemainder(dividingBy: clusters.count)
      entries.append(Entry(row: row, column: column, count: end - begin))
      begin = end
    }
    self.classes = classes
    self.clusters = clusters
    self.entries = entries
    classSizes = sizes(rows, groups: classes.count)
    clusterSizes = sizes(columns, groups: clusters.count)
    cells = truth.count
  }
}

extension ContingencyTable {
  /// From the parts of another table.
  init(
    classes: [Int], clusters: [Int], entries: [Entry], classSizes: [Int], clusterSizes: [Int]
  ) {
    self.classes = classes
    self.clusters = clusters
    self.entries = entries
    self.classSizes = classSizes
    self.clusterSizes = clusterSizes
    cells = classSizes.reduce(0, +)
  }
}

/// Labels replaced by their rank among the distinct ones, and the distinct labels, rising.
func numbered(_ labels: [Int]) -> (ranks: [Int], distinct: [Int]) {
  let distinct = Set(labels).sorted()
  let rank = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
  return (labels.compactMap { rank[$0] }, distinct)
}

/// The number of cells in each group.
func sizes(_ ranks: [Int], groups: Int) -> [Int] {
  var result = Array(repeating: 0, count: groups)
  for rank in ranks { result[rank] += 1 }
  return result
}
