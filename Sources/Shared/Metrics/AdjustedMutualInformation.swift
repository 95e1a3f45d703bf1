import Glibc
import Tensors

extension ContingencyTable {
  /// AMI: (MI − E[MI]) / (mean entropy − E[MI]) (Vinh, Epps and Bailey 2010); 1 if both sides are
  /// one group, 0 if only one is.
  package var adjustedMutualInformation: Double {
    adjustedMutualInformation(logFactorials(upTo: cells))
  }

  /// The same with the logarithms of the factorials up to the number of cells, for many tables of
  /// one size.
  func adjustedMutualInformation(_ logFactorial: [Double]) -> Double {
    if classes.count == 1 && clusters.count == 1 { return 1 }
    if classes.count == 1 || clusters.count == 1 { return 0 }
    let expected = expectedMutualInformation(logFactorial)
    return min(
      1,
      awayFromZero(mutualInformation - expected)
        / awayFromZero((classEntropy + clusterEntropy) / 2 - expected))
  }

  /// E[MI] in nats over all tables with these margins, exactly: the hypergeometric sum over n_ij
  /// for every pair of sizes.
  ///
  /// Equal sizes are summed once and counted. So the cost is bounded by the number of distinct
  /// sizes, at most √(2n) on each side.
  package var expectedMutualInformation: Double {
    expectedMutualInformation(logFactorials(upTo: cells))
  }

  private func expectedMutualInformation(_ logFactorial: [Double]) -> Double {
    var sum = 0.0
    for (a, rows) in histogram(classSizes) {
      for (b, columns) in histogram(clusterSizes) {
        sum +=
          Double(rows * columns)
          * expectedTerm(a: a, b: b, cells: cells, logFactorial: logFactorial)
      }
    }
    return sum
  }
}

/// Keeps the sign and at least one ulp of magnitude, so that an equal numerator and denominator
/// give 1 and never 0/0.
private func awayFromZero(_ value: Double) -> Double {
  value < 0 ? min(value, -.ulpOfOne) : max(value, .ulpOfOne)
}

/// The distinct sizes, rising, with how often each occurs.
private func histogram(_ sizes: [Int]) -> [(size: Int, count: Int)] {
  var counts: [Int: Int] = [:]
  for size in sizes { counts[size, default: 0] += 1 }
  return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
}

/// log k! for k in 0...n.
func logFactorials(upTo n: Int) -> [Double] {
  (0...n).map { logGamma(Double($0) + 1) }
}

/// Σ over k of k/n · log(n k / (a b)) · P(n_ij = k) for one class of size a and one cluster of size
/// b.
private func expectedTerm(a: Int, b: Int, cells n: Int, logFactorial: [Double]) -> Double {
  let fixed =
    logFactorial[a] + logFactorial[b] + logFactorial[n - a] + logFactorial[n - b] - logFactorial[n]
  let logRatio = log(Double(n)) - log(Double(a)) - log(Double(b))
  var sum = 0.0
  // Past twelve deviations (twenty for rare pairs) a term is below the last bit of the sum.
  let mean = Double(a) * Double(b) / Double(n)
  let shares = (1 - Double(a) / Double(n)) * (1 - Double(b) / Double(n))
  let reach = 12 * (mean * shares).squareRoot() + 20
  let first = max(1, a + b - n, Int(mean - reach))
  let last = max(first, min(a, b, Int(mean + reach)))
  for k in first...last {
    let logProbability =
      fixed - logFactorial[k] - logFactorial[a - k] - logFactorial[b - k]
      - logFactorial[n - a - b + k]
    // Far from the mode the terms underflow, so their logarithms are skipped.
    if logProbability < -745 { continue }
    sum += Double(k) / Double(n) * (log(Double(k)) + logRatio) * exp(logProbability)
  }
  return sum
}
