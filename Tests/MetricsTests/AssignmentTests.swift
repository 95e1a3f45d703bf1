import Metrics
import Tensors
import Testing

@Suite struct AssignmentTests {
  /// Labels that realize a random table of counts, some zero.
  private func randomTable(_ rows: Int, _ columns: Int, seed: UInt64) -> (
    counts: [[Int]], truth: [Int], predicted: [Int]
  ) {
    var generator = RandomGenerator(seed: seed)
    var (truth, predicted): ([Int], [Int]) = ([], [])
    let counts = (0..<rows).map { i in
      (0..<columns).map { j in
        let count = max(0, generator.integer(below: 9) - 3)
        truth += Array(repeating: i, count: count)
        predicted += Array(repeating: j, count: count)
        return count
      }
    }
    return (counts, truth, predicted)
  }

  @Test(arguments: [(1, 1), (2, 5), (5, 2), (4, 4), (6, 6), (3, 7), (7, 3)])
  func matchingIsTheBestOfAll(rows: Int, columns: Int) throws {
    for seed in 1...20 {
      let (counts, truth, predicted) = randomTable(rows, columns, seed: UInt64(seed))
      if truth.isEmpty { continue }
      let size = max(rows, columns)
      var best = 0
      permute(Array(0..<size)) { order in
        var sum = 0
        for i in 0..<rows where order[i] < columns { sum += counts[i][order[i]] }
        best = max(best, sum)
      }
      let table = try ContingencyTable(truth: truth, predicted: predicted)
      #expect(table.accuracy == Double(best) / Double(truth.count), "seed \(seed)")
      let matching = table.matching
      #expect(Set(matching.values).count == matching.count)
      let agreeing = zip(truth, predicted).count { matching[$1] == $0 }
      #expect(agreeing == best, "seed \(seed)")
    }
  }

  @Test func thousandsOfGroupsOnBothSidesAreMatched() throws {
    var generator = RandomGenerator(seed: 8)
    let truth = (0..<20_000).map { _ in generator.integer(below: 6000) }
    let predicted = (0..<20_000).map { $0 }
    let table = try ContingencyTable(truth: truth, predicted: predicted)
    #expect(table.accuracy == Double(Set(truth).count) / 20_000)
    #expect(table.entries.count == 20_000)
  }

  /// Two random labelings with thousands of groups: the potentials must still prove the matching
  /// best.
  @Test func largeRandomTablesAreMatchedOneToOne() throws {
    var generator = RandomGenerator(seed: 9)
    let truth = (0..<6000).map { _ in generator.integer(below: 1500) }
    let predicted = (0..<6000).map { _ in generator.integer(below: 1400) }
    let table = try ContingencyTable(truth: truth, predicted: predicted)
    let matching = table.matching
    #expect(Set(matching.values).count == matching.count)
    let agreeing = zip(truth, predicted).count { matching[$1] == $0 }
    #expect(Double(agreeing) / 6000 == table.accuracy)
    // Seen from the other side the optimum is the same.
    let mirrored = try ContingencyTable(truth: predicted, predicted: truth)
    #expect(mirrored.accuracy == table.accuracy)
    // Taking the largest entries first is a matching too.
    var (rows, columns, greedy) = (Set<Int>(), Set<Int>(), 0)
    for entry in table.entries.sorted(by: { $0.count > $1.count })
    where !rows.contains(entry.row) && !columns.contains(entry.column) {
      rows.insert(entry.row)
      columns.insert(entry.column)
      greedy += entry.count
    }
    #expect(agreeing >= greedy)
  }
}
