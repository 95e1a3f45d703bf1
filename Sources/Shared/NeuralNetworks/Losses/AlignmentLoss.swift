// How alike two embeddings of the same cells are, whatever their rotation and scale. It is the
// centered kernel alignment of linear kernels (Kornblith et al. 2019): tr(K₁HK₂H) / √(tr(K₁HK₁H)
// tr(K₂HK₂H)) with K = x xᵀ. The centered embeddings x̄ = H x give it without an array of cells ×
// cells: v = ‖x̄ᵀȳ‖² / (‖x̄ᵀx̄‖ ‖ȳᵀȳ‖). dx = 2 (ȳ C ᵀ/ (a b) − v x̄ A / a²) with C = x̄ᵀȳ, A =
// x̄ᵀx̄, a = ‖A‖, b = ‖ȳᵀȳ‖; dy alike. x (N, D), y (N, E).

import Autodiff
import Tensors

extension Tape {
  /// weight · v, from 0 to 1. Writes the gradients of both, and returns v, not weighted. If one of
  /// them does not vary, v and the gradients are 0.
  package func alignmentLoss(of x: Variable<S>, with y: Variable<S>, weight: S) -> Double {
    precondition(x.rows == y.rows, "\(x.rows) and \(y.rows) cells")
    let (left, right) = (centered(x.value), centered(y.value))
    let between = crossProduct(left, right)
    let (own, other) = (crossProduct(left, left), crossProduct(right, right))
    let (a, b) = (
      spread(own, of: x.value), spread(other, of: y.value)
    )
    let value = a > 0 && b > 0 ? squaredNorm(between) / (a * b) : 0
    let factor = value > 0 ? 2 * Double(weight) / (a * b) : 0
    let (shrinkX, shrinkY) = (
      a > 0 ? 2 * Double(weight) * value / (a * a) : 0,
      b > 0 ? 2 * Double(weight) * value / (b * b) : 0
    )
    if let sink = sink(for: x) {
      add(right, between, transposed: true, S(factor), to: sink, begins: true)
      add(left, own, transposed: false, S(-shrinkX), to: sink, begins: false)
    }
    if let sink = sink(for: y) {
      add(left, between, transposed: false, S(factor), to: sink, begins: true)
      add(right, other, transposed: false, S(-shrinkY), to: sink, begins: false)
    }
    return value
  }

  /// x minus the means of its columns. (N, D)
  private func centered(_ x: Window<S>) -> Window<S> {
    let sums = workspace.window(rows: 1, columns: x.columns)
    columnSums(of: x, into: sums, accumulating: false, scratch: doubles)
    let result = workspace.window(rows: x.rows, columns: x.columns)
    for i in 0..<x.rows {
      let row = result.slice(rows: i..<i + 1)
      addScaled(x.slice(rows: i..<i + 1), factor: 1, into: row, accumulating: false)
      addScaled(sums, factor: -1 / S(x.rows), into: row, accumulating: true)
    }
    return result
  }

  private func crossProduct(_ x: Window<S>, _ y: Window<S>) -> Window<S> {
    let result = workspace.window(rows: x.columns, columns: y.columns)
    multiply(x, y, transposeA: true, into: result)
    return result
  }

  /// ‖x̄ᵀx̄‖; 0 if x varies only by rounding.
  private func spread(_ product: Window<S>, of x: Window<S>) -> Double {
    let norm = squaredNorm(product).squareRoot()
    return norm > 1e-10 * squaredNorm(x) ? norm : 0
  }

  private func squaredNorm(_ x: Window<S>) -> Double {
    var sum = 0.0
    for i in 0..<x.rows {
      for j in 0..<x.columns { sum += Double(x[i, j]) * Double(x[i, j]) }
    }
    return sum
  }

  /// Adds factor · x M, or x Mᵀ, to a gradient.
  private func add(
    _ x: Window<S>, _ m: Window<S>, transposed: Bool, _ factor: S, to sink: GradientSink<S>,
    begins: Bool
  ) {
    let scaled = workspace.window(rows: m.rows, columns: m.columns)
    addScaled(m, factor: factor, into: scaled, accumulating: false)
    multiply(
      x, scaled, transposeB: transposed, accumulating: sink.accumulates || !begins,
      into: sink.window)
  }
}
