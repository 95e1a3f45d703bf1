import Tensors

/// The uncertainty of a figure from the choice of the cells: percentiles of its values on samples
/// of as many cells, drawn with replacement (Efron 1979). The clustering itself does not change.
package struct Bootstrap: Sendable {
  /// From the 2.5th to the 97.5th percentile.
  package struct Interval: Sendable, Equatable {
    package let low: Double
    package let high: Double
  }

  /// The number of samples.
  package let replicates: Int
  private let seed: UInt64

  package init(replicates: Int, seed: UInt64) {
    precondition(replicates > 0, "\(replicates) samples")
    self.replicates = replicates
    self.seed = seed
  }

  /// The intervals of all figures that compare with the truth, in the order of `Agreement.named`.
  package func intervals(of table: ContingencyTable) -> [(key: String, interval: Interval)] {
    // A sample of cells is a sample of the table's entries: cells of one entry are interchangeable.
    var owners = Buffer<Int32>(uninitializedCount: table.cells)
    var place = 0
    for (number, entry) in table.entries.enumerated() {
      for _ in 0..<entry.count {
        owners[place] = Int32(number)
        place += 1
      }
    }
    let entryOf = owners
    let logFactorial = logFactorials(upTo: table.cells)
    let agreements = parallelMap(replicates, tileSize: 1) { replicate in
      var counts = Array(repeating: 0, count: table.entries.count)
      var generator = generator(replicate, of: 0)
      let owner = entryOf.span
      for _ in owner.indices { counts[Int(owner[generator.integer(below: owner.count)])] += 1 }
      return Agreement(ContingencyTable(table, counts: counts), logFactorial)
    }
    let values = agreements.map { $0.named }
    return (values.first ?? []).indices.map { place in
      (values[0][place].key, interval(values.map { $0[place].value }))
    }
  }

  /// The interval of the mean of values of the cells, such as silhouettes.
  package func interval(ofMean values: [Double]) -> Interval? {
    guard !values.isEmpty else { return nil }
    let means = parallelMap(replicates, tileSize: 1) { replicate in
      var generator = generator(replicate, of: 1)
      var sum = 0.0
      for _ in values.indices { sum += values[generator.integer(below: values.count)] }
      return sum / Double(values.count)
    }
    return interval(Array(means))
  }

  /// The generator for a replicate of the figures (0) or of a mean (1).
  private func generator(_ replicate: Int, of kind: Int) -> RandomGenerator {
    RandomGenerator(seed: seed.stream(.bootstrap, kind, replicate))
  }

  private func interval(_ values: [Double]) -> Interval {
    let sorted = values.sorted()
    return Interval(low: percentile(sorted, 0.025), high: percentile(sorted, 0.975))
  }
}

/// A percentile of rising values, linear between the two nearest.
func percentile(_ sorted: [Double], _ share: Double) -> Double {
  let place = share * Double(sorted.count - 1)
  let first = Int(place)
  let next = min(first + 1, sorted.count - 1)
  return sorted[first] + (place - Double(first)) * (sorted[next] - sorted[first])
}

extension ContingencyTable {
  /// The table of a sample that has `counts` cells of each entry; classes and clusters without
  /// cells are left out.
  init(_ table: ContingencyTable, counts: [Int]) {
    var rowSizes = Array(repeating: 0, count: table.classes.count)
    var columnSizes = Array(repeating: 0, count: table.clusters.count)
    for (entry, count) in zip(table.entries, counts) {
      rowSizes[entry.row] += count
      columnSizes[entry.column] += count
    }
    let rows = rowSizes.indices.filter { rowSizes[$0] > 0 }
    let columns = columnSizes.indices.filter { columnSizes[$0] > 0 }
    var newRow = Array(repeating: 0, count: rowSizes.count)
    var newColumn = Array(repeating: 0, count: columnSizes.count)
    for (new, old) in rows.enumerated() { newRow[old] = new }
    for (new, old) in columns.enumerated() { newColumn[old] = new }
    self.init(
      classes: rows.map { table.classes[$0] }, clusters: columns.map { table.clusters[$0] },
      entries: zip(table.entries, counts).filter { $0.1 > 0 }.map { entry, count in
        Entry(row: newRow[entry.row], column: newColumn[entry.column], count: count)
      },
      classSizes: rows.map { rowSizes[$0] }, clusterSizes: columns.map { columnSizes[$0] })
  }
}
