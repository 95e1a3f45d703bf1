import Neighbors
import Tensors
import TestSupport
import Testing

@Suite struct RefinementTests {
  private let groups = 8

  /// Groups far apart, cell i in group i mod `groups`.
  private func islands(_ count: Int, seed: UInt64) -> Matrix<Float> {
    clouds(count, 12, groups: groups, seed: seed)
  }

  /// How many links go from one group to another.
  private func crossings(_ found: NearestNeighbors) -> Int {
    var result = 0
    for i in 0..<found.indices.rows {
      for k in 0..<found.indices.columns
      where Int(found.indices[i, k]) % groups != i % groups { result += 1 }
    }
    return result
  }

  /// The index as a whole: no link where the exact graph has none, in the order of the cells and group after group.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func separateGroupsAreNeverLinked(seed: UInt64) throws {
    let points = islands(4000, seed: seed)
    let exact = NeighborGraph(try NearestNeighbors(of: points, count: 10))
    let expected = connectedComponents(of: exact.distances)
    #expect(Set(expected).count >= groups)
    let found = try ApproximateNeighbors(of: points, count: 10, seed: seed)
    #expect(connectedComponents(of: NeighborGraph(found.nearest).distances) == expected)
    let order = (0..<4000).sorted { ($0 % groups, $0) < ($1 % groups, $1) }
    let sorted = try ApproximateNeighbors(of: points.selectingRows(order), count: 10, seed: seed)
    let parts = connectedComponents(of: NeighborGraph(sorted.nearest).distances)
    #expect(Set(parts).count == Set(expected).count)
  }

  /// Proposals of an index gone wrong: some cells of a group are only ever shown each other and cells of the next group.
  @Test(arguments: [2, 5, 11])
  func islandsOfAWrongIndexAreMended(size: Int) throws {
    let (count, k) = (2400, 8)
    let points = islands(count, seed: 7)
    let exact = try NearestNeighbors(of: points, count: k)
    #expect(crossings(exact) == 0)
    var proposed = Matrix<Int32>(repeating: -1, rows: count, columns: 16)
    for i in 0..<count { for j in 0..<k { proposed[i, j] = exact.indices[i, j] } }
    // Nobody proposes the cells of the island, and they propose the other group.
    let island = (0..<size).map { groups * (20 + $0) }
    for i in 0..<count {
      for j in 0..<k where island.contains(Int(proposed[i, j])) { proposed[i, j] = -1 }
    }
    for i in island {
      for j in 0..<16 {
        proposed[i, j] = Int32(j < size - 1 ? island[(j + 1) % size] : groups * (50 + j) + 1)
      }
    }
    let found = try ApproximateNeighbors(proposed: proposed, of: points, count: k)
    #expect(crossings(found.nearest) == 0)
    // A larger island fills its lists with its own cells, which no list contradicts: neighbors are missed, but nothing is linked.
    if size > k { return }
    for i in island {
      for j in 0..<k { #expect(found.nearest.indices[i, j] == exact.indices[i, j]) }
    }
  }

  /// Half of the proposals are random: the join finds half of what these leave out.
  @Test func joinsFindWhatWasNeverProposed() throws {
    let points = islands(2000, seed: 5)
    let exact = try NearestNeighbors(of: points, count: 12)
    var proposed = Matrix<Int32>(repeating: -1, rows: 2000, columns: 12)
    var generator = RandomGenerator(seed: 9)
    for i in 0..<2000 {
      for j in 0..<12 {
        let near = exact.indices[i, j]
        proposed[i, j] = generator.uniform() < 0.5 ? near : Int32(generator.uniform() * 2000)
      }
    }
    let found = try ApproximateNeighbors(proposed: proposed, of: points, count: 12)
    #expect(found.recall > 0.7, "recall \(found.recall)")
  }
}
