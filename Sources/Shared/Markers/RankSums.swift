// Only the stored values are sorted: the zeros of a gene are one run of ties, whose rank follows
// from its length. The cost is that of sorting the stored values, gene by gene; no dense column
// exists.

import Tensors

/// The statistics of one gene's values for every cluster.
struct RankSums {
  /// The sum of the ranks (from 1, ties at their mean) of each cluster's cells. (K)
  private(set) var ranks: [Double]
  /// The number of each cluster's cells that have a value other than 0. (K)
  private(set) var expressing: [Int]
  /// The sum of each cluster's values. (K)
  private(set) var sums: [Double]
  /// 1 − Σ (t³ − t) / (N³ − N) over the runs of t equal values.
  private(set) var tieCorrection: Double

  /// From the stored values of a gene and the clusters of their cells; all other cells have the
  /// value 0.
  ///
  /// `sizes` are the numbers of cells of the clusters. (K)
  init(stored: [(value: Float, cluster: Int)], sizes: [Int]) {
    let clusters = sizes.count
    ranks = Array(repeating: 0, count: clusters)
    expressing = Array(repeating: 0, count: clusters)
    sums = Array(repeating: 0, count: clusters)
    let values = stored.filter { $0.value != 0 }.sorted { $0.value < $1.value }
    for (value, cluster) in values {
      expressing[cluster] += 1
      sums[cluster] += Double(value)
    }
    let cells = sizes.reduce(0, +)
    let zeros = cells - values.count
    let negative = values.firstIndex { $0.value > 0 } ?? values.count
    var ties = RankSums.cubic(zeros)
    var begin = 0
    while begin < values.count {
      var end = begin + 1
      while end < values.count && values[end].value == values[begin].value { end += 1 }
      // The zeros are between the negative and the positive values.
      let before = begin + (begin >= negative ? zeros : 0)
      let rank = Double(2 * before + end - begin + 1) / 2
      for place in begin..<end { ranks[values[place].cluster] += rank }
      ties += RankSums.cubic(end - begin)
      begin = end
    }
    let zeroRank = Double(2 * negative + zeros + 1) / 2
    for cluster in 0..<clusters {
      ranks[cluster] += zeroRank * Double(sizes[cluster] - expressing[cluster])
    }
    tieCorrection = cells > 1 ? 1 - ties / RankSums.cubic(cells) : 1
  }

  /// t³ − t.
  private static func cubic(_ count: Int) -> Double {
    let t = Double(count)
    return t * t * t - t
  }
}
