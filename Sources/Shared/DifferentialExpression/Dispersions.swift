import Glibc
import Tensors

/// The dispersions of all genes: each gene's own, the trend over their means, and the final ones.
struct Dispersions {
  /// The dispersions with the highest adjusted likelihood. (genes)
  let own: [Double]
  /// The dispersions of genes with similar expression. (genes)
  let trend: [Double]
  /// The gene's own dispersion, shrunk towards the trend; one far above the trend is not shrunk.
  /// (genes)
  let final: [Double]

  static let lowest = 1e-8
  /// Dispersions below this do not count in the trend's spread.
  private static let lowestInformative = 100 * lowest

  /// Throws no errors of its own; there may be few genes.
  init(_ data: GeneCounts) throws(ComparisonFault) {
    let highest = max(10, Double(data.samples))
    let means = (0..<data.genes).map { gene in
      data.design.isOneWay
        ? data.linearMeans(gene)
        : data.fit(gene, dispersion: Self.byMoments(data, gene, highest)).means
          .map { max(GeneCounts.lowestMean, $0) }
    }
    let own = Self.estimated(data, means, highest, towards: nil)
    let trend = Self.trend(own, data.means)
    let informative = own.indices.filter { own[$0] >= Self.lowestInformative }
    let residuals = informative.map { log(own[$0]) - log(trend[$0]) }
    let center = residuals.isEmpty ? 0 : median(residuals)
    // The median absolute deviation of a normal distribution is 0.6745 of its standard deviation.
    let spread =
      residuals.isEmpty ? 0 : median(residuals.map { abs($0 - center) }) / 0.674489750196082
    let freedom = Double(data.samples - data.design.columns)
    let variance = max(0.25, spread * spread - trigamma(freedom / 2))
    let shrunk = Self.estimated(data, means, highest, towards: (trend, variance))
    self.own = own
    self.trend = trend
    final = own.indices.map { gene in
      log(own[gene]) > log(trend[gene]) + 2 * spread ? own[gene] : shrunk[gene]
    }
  }

  /// The smaller of two rough estimates, between the limits.
  private static func byMoments(_ data: GeneCounts, _ gene: Int, _ highest: Double) -> Double {
    let values = data.normalized(gene)
    let n = Double(values.count)
    let mean = data.means[gene]
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let inverse = data.sizeFactors.reduce(0) { $0 + 1 / $1 } / n
    let moments = (variance - inverse * mean) / (mean * mean)
    let freedom = n - Double(data.design.columns)
    let rough = zip(values, data.leastSquares(values)).reduce(0.0) { sum, pair in
      let fitted = max(1, pair.1)
      return sum + ((pair.0 - fitted) * (pair.0 - fitted) - fitted) / (freedom * fitted * fitted)
    }
    return min(highest, max(lowest, min(moments, max(0, rough))))
  }

  /// For each gene the α that maximizes the likelihood adjusted by Cox and Reid, ln L(α) − ½ ln |Xᵀ
  /// W X|. With a prior, (ln α − ln trend)² / (2 variance) is subtracted.
  private static func estimated(
    _ data: GeneCounts, _ means: [[Double]], _ highest: Double,
    towards prior: (trend: [Double], variance: Double)?
  ) -> [Double] {
    let x = data.design.matrix
    return Array(
      parallelMap(data.genes, tileSize: 16) { gene in
        let (counts, means) = (data.row(gene), means[gene])
        let best = lowestPoint(
          of: { (logarithm: Double) -> Double in
            let alpha = exp(logarithm)
            let gram = x.weightedGram(means.map { $0 / (1 + $0 * alpha) })
            let adjustment = SmallSystem(gram, size: x.columns)?.logDeterminant ?? .infinity
            var loss = negativeLogLikelihood(counts, means, alpha) + 0.5 * adjustment
            if let prior {
              let distance = logarithm - log(prior.trend[gene])
              loss += distance * distance / (2 * prior.variance)
            }
            return loss
          }, from: log(lowest), to: log(highest))
        return min(highest, max(lowest, exp(best)))
      })
  }

  /// The trend α(μ) = a₁/μ + a₀ of genes whose own dispersion is informative and not far from it;
  /// the mean of all if no such curve fits.
  private static func trend(_ own: [Double], _ means: [Double]) -> [Double] {
    var used = own.indices.filter { own[$0] >= lowestInformative }
    var (a0, a1) = (0.1, 1.0)
    for _ in 0..<20 where used.count > 2 {
      guard let found = gammaFit(used.map { own[$0] }, used.map { 1 / means[$0] }, a0, a1) else {
        break
      }
      let change = pow(log(found.a0 / a0), 2) + pow(log(found.a1 / a1), 2)
      (a0, a1) = found
      if change < 1e-6 { return means.map { a0 + a1 / $0 } }
      used = own.indices.filter { gene in
        let ratio = own[gene] / (a0 + a1 / means[gene])
        return own[gene] >= lowestInformative && ratio > 1e-4 && ratio < 15
      }
    }
    let informative = own.filter { $0 > 10 * lowest }
    let mean = informative.isEmpty ? 0.1 : trimmedMean(informative, 0.001)
    return means.map { _ in mean }
  }

  /// a₀ + a₁ c for values of a gamma distribution, by reweighted least squares; nil if it does not
  /// converge to two numbers above 0.
  private static func gammaFit(
    _ values: [Double], _ covariate: [Double], _ start0: Double, _ start1: Double
  ) -> (a0: Double, a1: Double)? {
    var (a0, a1) = (start0, start1)
    for _ in 0..<200 {
      var (s, sc, scc, st, sct) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (value, c) in zip(values, covariate) {
        let mean = a0 + a1 * c
        let weight = 1 / (mean * mean)
        s += weight
        sc += weight * c
        scc += weight * c * c
        st += weight * value
        sct += weight * value * c
      }
      let determinant = s * scc - sc * sc
      guard determinant > 0 else { return nil }
      var next = ((st * scc - sct * sc) / determinant, (sct * s - st * sc) / determinant)
      // The step is halved while it leaves the region where means are above 0.
      var halvings = 0
      while (next.0 <= 0 || next.1 <= 0) && halvings < 30 {
        next = ((next.0 + a0) / 2, (next.1 + a1) / 2)
        halvings += 1
      }
      guard next.0 > 1e-10, next.1 > 1e-10 else { return nil }
      let change = pow(log(next.0 / a0), 2) + pow(log(next.1 / a1), 2)
      (a0, a1) = next
      if change < 1e-16 { return (a0, a1) }
    }
    return nil
  }
}

/// The lowest point of a smooth function within limits: the best of a grid, then Brent's parabolas
/// around it, to 1e-9.
func lowestPoint(of function: (Double) -> Double, from low: Double, to high: Double) -> Double {
  let steps = 16
  let width = (high - low) / Double(steps)
  let values = (0...steps).map { function(low + width * Double($0)) }
  let best = values.indices.min { (values[$0], $0) < (values[$1], $1) } ?? 0
  let place = low + width * Double(best)
  return brent(function, max(low, place - width), min(high, place + width))
}

/// Brent's method without derivatives (Algorithms for Minimization 1973, chapter 5).
private func brent(_ function: (Double) -> Double, _ low: Double, _ high: Double) -> Double {
  let golden = 0.381966011250105
  var (a, b) = (low, high)
  var x = a + golden * (b - a)
  var (w, v) = (x, x)
  var fx = function(x)
  var (fw, fv) = (fx, fx)
  var (step, before) = (0.0, 0.0)
  for _ in 0..<100 {
    let middle = (a + b) / 2
    let tolerance = 1e-9 * abs(x) + 1e-10
    if abs(x - middle) <= 2 * tolerance - (b - a) / 2 { break }
    var isGolden = true
    if abs(before) > tolerance {
      let r = (x - w) * (fx - fv)
      var q = (x - v) * (fx - fw)
      var p = (x - v) * q - (x - w) * r
      q = 2 * (q - r)
      if q > 0 { p = -p } else { q = -q }
      let last = before
      before = step
      if abs(p) < abs(q * last / 2), p > q * (a - x), p < q * (b - x) {
        step = p / q
        let candidate = x + step
        if candidate - a < 2 * tolerance || b - candidate < 2 * tolerance {
          step = middle > x ? tolerance : -tolerance
        }
        isGolden = false
      }
    }
    if isGolden {
      before = (x >= middle ? a : b) - x
      step = golden * before
    }
    let u = x + (abs(step) >= tolerance ? step : step > 0 ? tolerance : -tolerance)
    let fu = function(u)
    if fu <= fx {
      if u >= x { a = x } else { b = x }
      (v, fv, w, fw, x, fx) = (w, fw, x, fx, u, fu)
    } else {
      if u < x { a = u } else { b = u }
      if fu <= fw || w == x {
        (v, fv, w, fw) = (w, fw, u, fu)
      } else if fu <= fv || v == x || v == w {
        (v, fv) = (u, fu)
      }
    }
  }
  return x
}
