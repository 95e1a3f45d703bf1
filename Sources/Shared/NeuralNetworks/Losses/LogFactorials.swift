import Glibc
import Tensors

/// Σ lgamma(x + 1) over counts; each small whole count is looked up in a table that is made once.
package func sumOfLogFactorials<S: Real>(_ counts: Buffer<S>) -> Double {
  let tableSize = 4096
  let table = (0..<tableSize).map { logGamma(Double($0) + 1) }
  let values = counts.span
  var total = 0.0
  for i in values.indices {
    let value = Double(values[i])
    if value < 1e-8 { continue }
    let whole = value < Double(tableSize) ? Int(value) : -1
    total += whole >= 0 && Double(whole) == value ? table[whole] : logGamma(value + 1)
  }
  return total
}

private func logGamma(_ x: Double) -> Double {
  let (value, _): (Double, Int) = lgamma(x)
  return value
}
