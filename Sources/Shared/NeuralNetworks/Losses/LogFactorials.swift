import Glibc
import Tensors

/// lgamma(x + 1) of the small whole counts.
private let table = (0..<4096).map { logGamma(Double($0) + 1) }

/// Σ lgamma(x + 1) over counts; small whole counts are looked up in a table.
package func sumOfLogFactorials<S: Real>(_ counts: Buffer<S>) -> Double {
  let known = table.span
  let values = counts.span
  var total = 0.0
  for i in values.indices {
    let value = Double(values[i])
    if value < 1e-8 { continue }
    let whole = value < Double(known.count) ? Int(value) : -1
    total += whole >= 0 && Double(whole) == value ? known[whole] : logGamma(value + 1)
  }
  return total
}

private func logGamma(_ x: Double) -> Double {
  let (value, _): (Double, Int) = lgamma(x)
  return value
}
