import Glibc
import Tensors

private let largestCoefficient = 30.0
private let mostRounds = 250

/// The coefficients of a gene's model.
extension GeneCounts {
  /// A fitted gene.
  struct Fit {
    let coefficients: [Double]
    /// Not raised to `lowestMean`. (samples)
    let means: [Double]
    let converged: Bool
  }

  /// The coefficients of ln(μ_i / s_i) = x_i β with that dispersion, by iteratively reweighted
  /// least squares. Where these do not converge, by Newton's method.
  func fit(_ gene: Int, dispersion: Double) -> Fit {
    let found = reweightedFit(gene, dispersion)
    return found.converged ? found : newtonFit(gene, dispersion)
  }

  /// Weighted least-squares fits until the deviance no longer changes. They may circle without end
  /// where one sample of a group has all its counts.
  private func reweightedFit(_ gene: Int, _ dispersion: Double) -> Fit {
    let (x, counts) = (design.matrix, row(gene))
    var coefficients = start(counts)
    var means = bounded(coefficients)
    var deviance = 1000.0
    var converged = false
    for _ in 0..<mostRounds {
      let weights = means.map { $0 / (1 + $0 * dispersion) }
      let response = samplesMap { i in
        weights[i] * (log(means[i] / sizeFactors[i]) + (counts[i] - means[i]) / means[i])
      }
      guard
        let system = SmallSystem(x.weightedGram(weights, ridge: Self.ridge), size: x.columns)
      else { break }
      let next = system.solved(x.transposeProduct(response))
      guard next.allSatisfy({ abs($0) <= largestCoefficient }) else { break }
      coefficients = next
      means = bounded(coefficients)
      let before = deviance
      deviance = 2 * negativeLogLikelihood(counts, means, dispersion)
      if abs(deviance - before) / (abs(deviance) + 0.1) <= 1e-8 {
        converged = true
        break
      }
    }
    return Fit(
      coefficients: coefficients, means: unbounded(coefficients), converged: converged)
  }

  /// A fit of the logarithms.
  private func start(_ counts: [Double]) -> [Double] {
    let x = design.matrix
    let logs = samplesMap { log(counts[$0] / sizeFactors[$0] + 0.1) }
    let ones = [Double](repeating: 1, count: samples)
    guard let system = SmallSystem(x.weightedGram(ones), size: x.columns) else {
      return [Double](repeating: 0, count: x.columns)
    }
    return system.solved(x.transposeProduct(logs))
  }

  private func unbounded(_ coefficients: [Double]) -> [Double] {
    zip(design.matrix.product(coefficients), sizeFactors).map { exp($0) * $1 }
  }

  private func bounded(_ coefficients: [Double]) -> [Double] {
    unbounded(coefficients).map { max(Self.lowestMean, $0) }
  }

  /// The maximum of the likelihood less the ridge, by Newton's method with steps that are halved
  /// until they rise. The likelihood is concave in the coefficients, so this converges.
  private func newtonFit(_ gene: Int, _ dispersion: Double) -> Fit {
    let (x, counts) = (design.matrix, row(gene))
    func loss(_ coefficients: [Double]) -> Double {
      negativeLogLikelihood(counts, unbounded(coefficients), dispersion)
        + Self.ridge / 2 * coefficients.reduce(0) { $0 + $1 * $1 }
    }
    var coefficients = start(counts)
    var value = loss(coefficients)
    for _ in 0..<mostRounds {
      let means = unbounded(coefficients)
      let slopes = samplesMap { (counts[$0] - means[$0]) / (1 + dispersion * means[$0]) }
      let curvatures = samplesMap { i in
        let scale = 1 + dispersion * means[i]
        return (1 + dispersion * counts[i]) * means[i] / (scale * scale)
      }
      let gradient = zip(x.transposeProduct(slopes), coefficients).map { $0 - Self.ridge * $1 }
      guard
        let system = SmallSystem(x.weightedGram(curvatures, ridge: Self.ridge), size: x.columns)
      else { break }
      let step = system.solved(gradient)
      // What the quadratic model still promises.
      let promised = zip(gradient, step).reduce(0) { $0 + $1.0 * $1.1 } / 2
      if promised <= 1e-9 * (abs(value) + 0.1) {
        return Fit(coefficients: coefficients, means: means, converged: true)
      }
      var share = 1.0
      var next = coefficients
      var lowered = value
      repeat {
        next = zip(coefficients, step).map { $0 + share * $1 }
        lowered = loss(next)
        share /= 2
      } while !(lowered < value) && share > 1e-12
      guard lowered < value else { break }
      (coefficients, value) = (next, lowered)
    }
    return Fit(coefficients: coefficients, means: unbounded(coefficients), converged: false)
  }
}
