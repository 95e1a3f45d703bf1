// How far the codes' distributions are from a mixture of normal ones (Jiang et al.: VaDE, IJCAI
// 2017), in the form of scMVAE. N cells, K components, D code width; m, l, z (N, D); weights π (K),
// means μ and log variances λ (K, D). With γ_ik ∝ π_k N(z_i; μ_k, e^λ_k):
//
//   L_i = Σ_k γ_ik [½ Σ_d (ln 2π + λ + (e^l + (m − μ)²) / e^λ) − ln π_k + ln γ_ik]
//         − ½ Σ_d (1 + l + ln 2π)
//
// γ depends on a sampled z and is not held constant. With c_ik the bracket and c̄_i = Σ_k γ_ik
// c_ik, the gradient by the log density ln π_k N(z_i; …) is γ_ik (c_ik − c̄_i).

import Autodiff
import Glibc
import Tensors

/// A trained mixture of normal distributions with independent columns.
package struct MixturePrior<S: EngineScalar> {
  /// π = softmax of these. (1, K)
  package let logits: Variable<S>
  /// (K, D)
  package let means: Variable<S>
  package let logVariances: Variable<S>

  package init(logits: Variable<S>, means: Variable<S>, logVariances: Variable<S>) {
    precondition(
      logits.columns == means.rows && means.rows == logVariances.rows
        && means.columns == logVariances.columns,
      "a mixture of \(logits.columns) weights, \(means.rows) means and \(logVariances.rows) variances"
    )
    (self.logits, self.means, self.logVariances) = (logits, means, logVariances)
  }

  /// γ of codes (N, D): the share of each component in each cell. (N, K)
  package func shares(of codes: Window<S>, densityFloor: Double = 0) -> Matrix<Double> {
    let mixture = Mixture(self, densityFloor: densityFloor)
    var result = Matrix<Double>.zeros(codes.rows, mixture.count)
    for i in 0..<codes.rows {
      let shares = mixture.shares(of: row(i, of: codes)).all
      for k in shares.indices { result[i, k] = shares[k] }
    }
    return result
  }
}

extension Tape {
  /// weight · mean_i L_i. Writes the gradients of means, log variances and codes (N, D) and of the
  /// mixture, and returns the mean, not weighted.
  ///
  /// - Parameter densityFloor: added to every π_k N(z_i; …): 1e-10 in programs that do not compute
  ///   with logarithms.
  package func mixtureDivergenceLoss(
    of distribution: NormalExpert<S>, code: Variable<S>, from prior: MixturePrior<S>, weight: S,
    densityFloor: Double = 0
  ) -> Double {
    let (n, d) = (code.rows, code.columns)
    precondition(
      distribution.mean.rows == n && distribution.mean.columns == d && prior.means.columns == d,
      "\(n) × \(d) codes, \(distribution.mean.rows) × \(distribution.mean.columns) means, components of \(prior.means.columns)"
    )
    var sweep = MixtureSweep(
      Mixture(prior, densityFloor: densityFloor), scale: Double(weight) / Double(max(1, n)))
    // The code may be the mean itself: its gradient is added last.
    let places = [distribution.mean, distribution.logVariance, code].map { sink(for: $0) }
    var total = 0.0
    for i in 0..<n {
      total += sweep.take(
        mean: row(i, of: distribution.mean.value),
        logVariance: row(i, of: distribution.logVariance.value), code: row(i, of: code.value))
      for (place, values) in zip(places, sweep.rowGradients) {
        if let place { put(values, into: place, at: i * d) }
      }
    }
    for (variable, values) in zip(
      [prior.logits, prior.means, prior.logVariances], sweep.mixtureGradients)
    {
      if let place = sink(for: variable) { put(values, into: place, at: 0) }
    }
    return total / Double(max(1, n))
  }
}

/// A row in Double.
@specialized(where S == Float)
private func row<S: EngineScalar>(_ i: Int, of window: Window<S>) -> [Double] {
  (0..<window.columns).map { Double(window[i, $0]) }
}

/// Writes values to a gradient from the element `first` on, or adds them.
@specialized(where S == Float)
private func put<S: EngineScalar>(_ values: [Double], into sink: GradientSink<S>, at first: Int) {
  let all = sink.window.window(at: 0, rows: 1, columns: sink.window.count)
  for (place, value) in values.enumerated() {
    let before = sink.accumulates ? all[0, first + place] : 0
    all[0, first + place] = before + S(value)
  }
}

private let logTwoPi = log(2 * Double.pi)

/// A mixture in Double, row by row.
private struct Mixture {
  let count: Int
  let width: Int
  /// ln π. (K)
  let logWeights: [Double]
  /// (K · D)
  let means: [Double]
  let logVariances: [Double]
  /// e^−λ. (K · D)
  let precisions: [Double]
  /// ½ Σ_d (ln 2π + λ). (K)
  let volumes: [Double]
  private let logFloor: Double

  init<S: EngineScalar>(_ prior: MixturePrior<S>, densityFloor: Double) {
    let (k, d) = (prior.means.rows, prior.means.columns)
    (count, width, logFloor) = (k, d, log(densityFloor))
    let logits = row(0, of: prior.logits.value)
    let top = logits.max() ?? 0
    let sum = log(logits.reduce(0) { $0 + exp($1 - top) }) + top
    logWeights = logits.map { $0 - sum }
    means = (0..<k).flatMap { row($0, of: prior.means.value) }
    let logs = (0..<k).flatMap { row($0, of: prior.logVariances.value) }
    logVariances = logs
    precisions = logs.map { exp(-$0) }
    volumes = (0..<k).map { k in
      (0..<d).reduce(0.0) { $0 + (logTwoPi + logs[k * d + $1]) / 2 }
    }
  }

  /// γ of a cell, its logarithms, and the part of γ that is above the floor. Each (K)
  func shares(of code: [Double]) -> (all: [Double], logs: [Double], moved: [Double]) {
    var densities = [Double](repeating: 0, count: count)
    for k in 0..<count {
      var distance = 0.0
      for d in 0..<width {
        let away = code[d] - means[k * width + d]
        distance += away * away * precisions[k * width + d]
      }
      densities[k] = logWeights[k] - volumes[k] - distance / 2
    }
    let top = max(logFloor, densities.max() ?? 0)
    let (least, moved) = (exp(logFloor - top), densities.map { exp($0 - top) })
    let sum = moved.reduce(0) { $0 + $1 + least }
    let logs = zip(densities, moved).map { density, value in
      least > 0 ? log((value + least) / sum) : density - top - log(sum)
    }
    return (moved.map { ($0 + least) / sum }, logs, moved.map { $0 / sum })
  }
}

/// The loss cell by cell, with the gradients of the cell and the summed ones of the mixture.
private struct MixtureSweep {
  private let mixture: Mixture
  private let scale: Double
  /// By m, l and z of the last cell. Each (D)
  private(set) var rowGradients: [[Double]]
  private var weightGradient: [Double]
  private var meanGradient: [Double]
  private var varianceGradient: [Double]

  init(_ mixture: Mixture, scale: Double) {
    (self.mixture, self.scale) = (mixture, scale)
    let zeros = [Double](repeating: 0, count: mixture.count * mixture.width)
    rowGradients = []
    weightGradient = [Double](repeating: 0, count: mixture.count)
    (meanGradient, varianceGradient) = (zeros, zeros)
  }

  /// By the logits (K), the means and the log variances (K · D).
  var mixtureGradients: [[Double]] {
    let sum = weightGradient.reduce(0, +)
    let logits = zip(weightGradient, mixture.logWeights).map { $0 - exp($1) * sum }
    return [logits, meanGradient, varianceGradient]
  }

  /// L of a cell.
  mutating func take(mean: [Double], logVariance: [Double], code: [Double]) -> Double {
    let width = mixture.width
    let variance = logVariance.map { exp($0) }
    let (shares, logs, moved) = mixture.shares(of: code)
    var brackets = [Double](repeating: 0, count: mixture.count)
    var loss = 0.0
    for k in 0..<mixture.count {
      var distance = 0.0
      for d in 0..<width {
        let away = mean[d] - mixture.means[k * width + d]
        distance += (variance[d] + away * away) * mixture.precisions[k * width + d]
      }
      brackets[k] = mixture.volumes[k] + distance / 2 - mixture.logWeights[k] + logs[k]
      loss += shares[k] * brackets[k]
    }
    let pulls = (0..<mixture.count).map { moved[$0] * (brackets[$0] - loss) }
    spread(shares, pulls, mean, variance, code)
    return loss - logVariance.reduce(0) { $0 + (1 + $1 + logTwoPi) / 2 }
  }

  /// The gradients through γ and through the log densities of a cell.
  private mutating func spread(
    _ shares: [Double], _ pulls: [Double], _ mean: [Double], _ variance: [Double],
    _ code: [Double]
  ) {
    let width = mixture.width
    var byMean = [Double](repeating: 0, count: width)
    var byVariance = [Double](repeating: -scale / 2, count: width)
    var byCode = [Double](repeating: 0, count: width)
    for k in 0..<mixture.count {
      let (share, pull) = (scale * shares[k], scale * pulls[k])
      weightGradient[k] += pull - share
      for d in 0..<width {
        let place = k * width + d
        let precision = mixture.precisions[place]
        let fromMean = (mean[d] - mixture.means[place]) * precision
        let fromCode = (code[d] - mixture.means[place]) * precision
        let spread = variance[d] * precision
        byMean[d] += share * fromMean
        byVariance[d] += share * spread / 2
        byCode[d] -= pull * fromCode
        meanGradient[place] += pull * fromCode - share * fromMean
        let (square, other) = (fromMean * fromMean / precision, fromCode * fromCode / precision)
        varianceGradient[place] += (share * (1 - spread - square) + pull * (other - 1)) / 2
      }
    }
    rowGradients = [byMean, byVariance, byCode]
  }
}
