import Glibc

/// How near two cells are in the plane of a UMAP: 1 / (1 + a d²ᵇ). It is fitted to a plateau up to
/// `minimumDistance` and an exponential fall of length `spread` beyond it.
package struct LayoutCurve: Sendable {
  package let a: Double
  package let b: Double

  /// Least squares over 300 distances from 0 to three times the spread, by damped Gauss–Newton
  /// steps (Marquardt 1963).
  package init(minimumDistance: Double, spread: Double = 1) {
    let distances = (0..<300).map { 3 * spread * Double($0) / 299 }
    let targets = distances.map { $0 < minimumDistance ? 1 : exp(-($0 - minimumDistance) / spread) }
    var (a, b, damping) = (1.0, 1.0, 1e-3)
    var error = LayoutCurve.error(a, b, distances, targets)
    for _ in 0..<200 {
      let step = LayoutCurve.step(a, b, distances, targets, damping)
      let (nextA, nextB) = (a + step.a, b + step.b)
      let next = nextA > 0 ? LayoutCurve.error(nextA, nextB, distances, targets) : .infinity
      if next <= error {
        (a, b, error, damping) = (nextA, nextB, next, max(1e-12, damping / 10))
        if abs(step.a) + abs(step.b) < 1e-12 { break }
      } else {
        damping *= 10
        if damping > 1e12 { break }
      }
    }
    (self.a, self.b) = (a, b)
  }

  private static func error(
    _ a: Double, _ b: Double, _ distances: [Double], _ targets: [Double]
  ) -> Double {
    zip(distances, targets).reduce(0) { sum, pair in
      let difference = 1 / (1 + a * pow(pair.0, 2 * b)) - pair.1
      return sum + difference * difference
    }
  }

  /// The solution of (JᵀJ + λ diag JᵀJ) δ = −Jᵀr.
  private static func step(
    _ a: Double, _ b: Double, _ distances: [Double], _ targets: [Double], _ damping: Double
  ) -> (a: Double, b: Double) {
    var (aa, ab, bb, ra, rb) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (x, target) in zip(distances, targets) where x > 0 {
      let power = pow(x, 2 * b)
      let value = 1 / (1 + a * power)
      let (slopeA, slopeB) = (
        -power * value * value, -a * power * 2 * log(x) * value * value
      )
      aa += slopeA * slopeA
      ab += slopeA * slopeB
      bb += slopeB * slopeB
      ra += slopeA * (value - target)
      rb += slopeB * (value - target)
    }
    aa *= 1 + damping
    bb *= 1 + damping
    let determinant = aa * bb - ab * ab
    guard determinant > 0 else { return (0, 0) }
    return ((ab * rb - bb * ra) / determinant, (ab * ra - aa * rb) / determinant)
  }
}
