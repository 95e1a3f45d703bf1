// Functions of mathematical physics that the C library lacks, in double precision.

import Glibc
import Tensors

/// ψ′(x), the second derivative of ln Γ, of x > 0: by recurrence to x ≥ 8, then its asymptotic
/// series (Abramowitz and Stegun 6.4.12). Within 1e-14 of it, relatively or absolutely.
package func trigamma(_ x: Double) -> Double {
  var (x, result) = (x, 0.0)
  while x < 8 {
    result += 1 / (x * x)
    x += 1
  }
  let s = 1 / (x * x)
  let series =
    s
    * (1.0 / 6 - s
      * (1.0 / 30 - s
        * (1.0 / 42 - s * (1.0 / 30 - s * (5.0 / 66 - s * (691.0 / 2730 - s * 7 / 6))))))
  return result + 1 / x + 0.5 * s + series / x
}

/// P(F ≤ x) of an F distribution with `a` and `b` degrees of freedom. It is the regularized
/// incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.6.2, 26.5.8).
package func probability(ofFBelow x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x.isFinite else { return 1 }
  return incompleteBeta(a * x / (a * x + b), a / 2, b / 2)
}

private func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let front = exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
}

/// Lentz's method.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / guarded(1 - (a + b) * x / (a + 1))
  var result = d
  for m in 1...500 {
    let m = Double(m)
    for numerator in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
      -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      d = 1 / guarded(1 + numerator * d)
      c = guarded(1 + numerator / c)
      result *= c * d
    }
    if abs(c * d - 1) < 1e-15 { break }
  }
  return result
}
