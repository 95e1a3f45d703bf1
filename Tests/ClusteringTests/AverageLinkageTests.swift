import Clustering
import Tensors
import TestSupport
import Testing

/// Average linkage of cells by their co-associations, as its definition says: the two sets of the
/// highest mean become one. (N)
private func plainLinkage(_ partitions: [[Int]], clusters: Int) -> [Int] {
  var sets = partitions[0].indices.map { [$0] }
  func mean(_ a: [Int], _ b: [Int]) -> Double {
    var together = 0
    for i in a { for j in b { together += partitions.count { $0[i] == $0[j] } } }
    return Double(together) / Double(a.count * b.count)
  }
  while sets.count > clusters {
    var best = (0, 1, -1.0)
    for a in sets.indices {
      for b in sets.indices where a < b {
        let value = mean(sets[a], sets[b])
        if value > best.2 + 1e-12 { best = (a, b, value) }
      }
    }
    sets[best.0] += sets.remove(at: best.1)
  }
  var labels = [Int](repeating: 0, count: partitions[0].count)
  for (number, set) in sets.enumerated() { for i in set { labels[i] = number } }
  return labels
}

@Suite struct AverageLinkageTests {
  /// Noisy members of three true groups: cells with equal rows are grouped, what is found is what
  /// the cells alone would give.
  @Test(arguments: 0..<4) func groupsGiveWhatCellsGive(seed: Int) throws {
    var generator = RandomGenerator(seed: UInt64(seed))
    let truth = (0..<60).map { $0 / 20 }
    let partitions = (0..<7).map { _ in
      truth.map { generator.uniform() < 0.15 ? generator.integer(below: 3) : $0 }
    }
    let found = try ConsensusClustering.combine(partitions, clusters: 3)
    let expected = plainLinkage(partitions, clusters: 3)
    let sizes = (0..<3).map { number in expected.count { $0 == number } }
    // Sets below a twentieth of the mean are given away, which the plain reference does not do.
    if (sizes.min() ?? 0) >= 1 { #expect(samePartition(found.labels, expected)) }
  }

  @Test func fewStrayCellsAreNoCluster() throws {
    // Two cells that all members set apart, beside two hundred in two groups that two of three
    // members split.
    let groups = (0..<200).map { $0 / 100 }
    let stray = [7, 7]
    let partitions = [groups + stray, groups + stray, groups.map { _ in 0 } + stray]
    let found = try ConsensusClustering.combine(partitions, clusters: 2)
    #expect(samePartition(Array(found.labels.prefix(200)), groups))
    #expect(found.confidence[200] < 0.1)
  }

  /// More groups than are linked: the rare ones follow the common ones.
  @Test func manyGroupsAreLinkedByTheLargest() throws {
    var generator = RandomGenerator(seed: 3)
    let truth = (0..<6000).map { $0 / 1500 }
    let partitions = (0..<9).map { _ in
      truth.map { generator.uniform() < 0.3 ? generator.integer(below: 4) : $0 }
    }
    let found = try ConsensusClustering.combine(partitions, clusters: 4)
    #expect(adjustedRandIndex(found.labels, truth) > 0.9)
  }

  @Test func confidenceIsOfAnyLabels() throws {
    let partitions = [[0, 0, 1, 1], [0, 0, 0, 1]]
    let found = try ConsensusClustering.confidence(of: partitions, in: [0, 0, 1, 1])
    assertClose(found.map(Double.init), [1, 1, 0.5, 0.5], tolerance: 1e-6)
    #expect(throws: ClusteringFault.partitionLength(2, cells: 3, expected: 4)) {
      try ConsensusClustering.confidence(of: partitions, in: [0, 0, 1])
    }
  }
}
