import Tensors

/// Of several partitions of the same cells the one that the others agree with most: by the mean adjusted Rand index, the first of equals.
///
/// No label decides, and no partition that was not found by some method can come out: a medoid, not a mean.
package struct CentralPartition: Sendable {
  /// Which of the partitions.
  package let index: Int
  /// From 0 to K − 1. (N)
  package let labels: [Int]
  /// The partitions but this one.
  package let others: [[Int]]
  /// The mean adjusted Rand index with the others; 1 where there are none.
  package let agreement: Double

  /// (each: N)
  package init(of partitions: [[Int]]) {
    precondition(!partitions.isEmpty, "no partitions")
    let count = partitions.count
    let pairs = (0..<count).flatMap { a in (a + 1..<max(a + 1, count)).map { (a, $0) } }
    let indices = Array(
      parallelMap(pairs.count) {
        adjustedRandIndex(partitions[pairs[$0].0], partitions[pairs[$0].1])
      })
    var sums = [Double](repeating: 0, count: count)
    for (pair, value) in zip(pairs, indices) {
      sums[pair.0] += value
      sums[pair.1] += value
    }
    let best = sums.indices.reduce(0) { sums[$1] > sums[$0] ? $1 : $0 }
    index = best
    labels = partitions[best]
    others = partitions.indices.filter { $0 != best }.map { partitions[$0] }
    agreement = count > 1 ? sums[best] / Double(count - 1) : 1
  }

  /// The mean adjusted Rand index of a further partition with the others: what is to be compared with `agreement`. (N)
  package func agreement(of labels: [Int]) -> Double {
    let indices = Array(parallelMap(others.count) { adjustedRandIndex(others[$0], labels) })
    return others.isEmpty ? 1 : indices.reduce(0, +) / Double(others.count)
  }
}
