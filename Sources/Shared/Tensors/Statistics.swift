// Small statistics that several rooms need, in double precision.

import Glibc

/// The middle value, or the mean of the two middle ones; `values` must not be empty.
package func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// ln Γ(x) for x > 0; safe in several threads.
package func logGamma(_ x: Double) -> Double {
  let (value, _): (Double, Int) = lgamma(x)
  return value
}

/// p-values adjusted by Benjamini and Hochberg (1995): the smallest rate of false discoveries at
/// which each would be one. NaN remains NaN and does not count.
package func falseDiscoveryRates(of pValues: [Double]) -> [Double] {
  let rising = pValues.indices.filter { !pValues[$0].isNaN }
    .sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  var result = [Double](repeating: .nan, count: pValues.count)
  var smallest = 1.0
  for (place, number) in rising.enumerated().reversed() {
    smallest = min(smallest, pValues[number] * Double(rising.count) / Double(place + 1))
    result[number] = smallest
  }
  return result
}
