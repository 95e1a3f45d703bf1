import Clustering
import Tensors
import TestSupport
import Testing

/// The truth with a share of the cells moved to any cluster, and the names shuffled.
private func disturbed(_ truth: [Int], clusters: Int, share: Double, seed: UInt64) -> [Int] {
  var generator = RandomGenerator(seed: seed)
  let names = generator.permutation(clusters)
  return truth.map { label in
    names[generator.uniform() < share ? generator.integer(below: clusters) : label]
  }
}

/// The share of cells in the most frequent true group of their cluster.
private func purity(_ labels: [Int], _ truth: [Int]) -> Double {
  var counts: [[Int]: Int] = [:]
  for (label, group) in zip(labels, truth) { counts[[label, group], default: 0] += 1 }
  var best: [Int: Int] = [:]
  for (key, count) in counts { best[key[0]] = max(best[key[0]] ?? 0, count) }
  return Double(best.values.reduce(0, +)) / Double(labels.count)
}

@Suite(.serialized) struct ConsensusClusteringTests {
  private let truth = (0..<300).map { $0 / 60 }

  @Test func equalPartitionsAreTheConsensus() throws {
    let partitions = (0..<4).map {
      disturbed(truth, clusters: 5, share: 0, seed: UInt64($0))
    }
    let found = try ConsensusClustering.combine(partitions, clusters: 5)
    #expect(samePartition(found.labels, truth))
    assertClose(found.confidence.map(Double.init), Array(repeating: 1, count: 300), tolerance: 1e-6)
    assertClose([found.agreement], [1], tolerance: 1e-6)
  }

  @Test func errorsOfTheMembersCancel() throws {
    let partitions = (0..<9).map {
      disturbed(truth, clusters: 5, share: 0.3, seed: UInt64($0))
    }
    let found = try ConsensusClustering.combine(partitions, clusters: 5)
    let members = partitions.map { purity($0, truth) }
    #expect(purity(found.labels, truth) > 0.98)
    #expect((members.max() ?? 1) < 0.85)
    #expect(found.confidence.allSatisfy { (0...1).contains($0) })
  }

  @Test func partitionsMayDifferInNumber() throws {
    let coarse = truth.map { $0 / 2 }
    let fine = truth.indices.map { $0 / 30 }
    let found = try ConsensusClustering.combine([coarse, fine, truth, truth], clusters: 5)
    #expect(samePartition(found.labels, truth))
    #expect(
      try ConsensusClustering.combine([coarse, coarse, truth], clusters: 3).labels
        .count == 300)
  }

  @Test func confidenceIsTheMeanCoassociation() throws {
    var generator = RandomGenerator(seed: 8)
    let partitions = (0..<3).map { _ in (0..<40).map { _ in generator.integer(below: 4) } }
    let weights = [1.0, 2, 0.5]
    let found = try ConsensusClustering.combine(partitions, weights: weights, clusters: 4)
    let expected = (0..<40).map { i -> Double in
      let others = (0..<40).filter { $0 != i && found.labels[$0] == found.labels[i] }
      if others.isEmpty { return 1 }
      return others.reduce(0.0) { sum, j in
        sum
          + zip(partitions, weights).reduce(0.0) { $0 + ($1.0[i] == $1.0[j] ? $1.1 / 3.5 : 0) }
      } / Double(others.count)
    }
    assertClose(found.confidence.map(Double.init), expected, tolerance: 1e-6)
    assertClose([found.agreement], [expected.reduce(0, +) / 40], tolerance: 1e-6)
  }

  @Test func cellsThatWanderAreLessSure() throws {
    var partitions = Array(repeating: truth, count: 6)
    for r in 0..<3 { partitions[r][7] = 1 + r }
    let found = try ConsensusClustering.combine(partitions, clusters: 5)
    #expect(found.confidence[7] < 0.6 && found.confidence[8] > 0.95)
  }

  @Test func weightsDecide() throws {
    let other = truth.indices.map { $0 % 5 }
    for (weights, expected) in [([10.0, 1], truth), ([1.0, 10], other)] {
      let found = try ConsensusClustering.combine(
        [truth, other], weights: weights, clusters: 5)
      #expect(samePartition(found.labels, expected))
    }
  }

  @Test func threadsChangeNothing() throws {
    let partitions = (0..<5).map { disturbed(truth, clusters: 5, share: 0.5, seed: UInt64($0)) }
    defer { Threads.count = 1 }
    let reference = try ConsensusClustering.combine(partitions, clusters: 6, seed: 2)
    for threads in [2, 3] {
      Threads.count = threads
      let again = try ConsensusClustering.combine(partitions, clusters: 6, seed: 2)
      #expect(again.labels == reference.labels && again.confidence == reference.confidence)
    }
  }

  @Test func unusablePartitionsAreFaults() {
    func fault(_ partitions: [[Int]], _ weights: [Double]? = nil, clusters: Int = 1)
      -> ClusteringFault?
    {
      #expect(throws: ClusteringFault.self) {
        try ConsensusClustering.combine(partitions, weights: weights, clusters: clusters)
      }
    }
    #expect(fault([]) == .partitionWeights(partitions: 0, weights: 0))
    #expect(fault([[1, 2]], [1, 2]) == .partitionWeights(partitions: 1, weights: 2))
    for weight in [0, -1, Double.nan, .infinity] {
      #expect(fault([[1, 2]], [weight]) == .partitionWeights(partitions: 1, weights: 1))
    }
    #expect(fault([[1, 2], [1]]) == .partitionLength(1, cells: 1, expected: 2))
    #expect(fault([[1, 2]], clusters: 3) == .clusterCount(3, cells: 2))
    #expect(fault([[1, 1, 2]], clusters: 3) == .partitionsTooAlike(kinds: 2, clusters: 3))
  }
}
