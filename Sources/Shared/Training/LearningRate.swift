import Glibc

/// How the step size changes over a training.
package enum LearningRateDecay: String, Sendable, CaseIterable {
  /// It is constant, as in the papers.
  case none
  /// It falls along half a cosine to a hundredth (Loshchilov and Hutter 2017, without restarts).
  case cosine

  /// The step size after a share of the training, from 0 to 1.
  package func rate(_ initial: Double, progress: Double) -> Double {
    switch self {
    case .none: initial
    case .cosine: initial * (0.01 + 0.99 * 0.5 * (1 + cos(Double.pi * min(1, max(0, progress)))))
    }
  }
}

/// Detects that a loss has stopped falling.
struct Plateau {
  /// The share by which a loss must fall to count as lower.
  let tolerance: Double
  private(set) var best = Double.infinity
  /// The number of epochs since the best.
  private(set) var staleCount = 0

  init(tolerance: Double) { self.tolerance = tolerance }

  mutating func append(_ loss: Double) {
    if best.isInfinite || loss < best - tolerance * abs(best) {
      best = loss
      staleCount = 0
    } else {
      staleCount += 1
    }
  }
}
