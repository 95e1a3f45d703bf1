import Glibc
import Tensors

/// A symmetric positive definite matrix of a few columns, factorized: A = L Lᵀ.
struct SmallSystem {
  private let factor: [Double]
  private let size: Int

  /// `matrix` row by row; nil if it is not positive definite.
  init?(_ matrix: [Double], size: Int) {
    var l = matrix
    for j in 0..<size {
      var pivot = l[j * size + j]
      for k in 0..<j { pivot -= l[j * size + k] * l[j * size + k] }
      guard pivot > 0, pivot.isFinite else { return nil }
      let root = pivot.squareRoot()
      l[j * size + j] = root
      for i in j + 1..<max(j + 1, size) {
        var value = l[i * size + j]
        for k in 0..<j { value -= l[i * size + k] * l[j * size + k] }
        l[i * size + j] = value / root
      }
    }
    (factor, self.size) = (l, size)
  }

  /// A⁻¹ b.
  func solved(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<size {
      for k in 0..<i { x[i] -= factor[i * size + k] * x[k] }
      x[i] /= factor[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in i + 1..<max(i + 1, size) { x[i] -= factor[k * size + i] * x[k] }
      x[i] /= factor[i * size + i]
    }
    return x
  }

  /// ln |A|.
  var logDeterminant: Double {
    2 * (0..<size).reduce(0) { $0 + log(factor[$1 * size + $1]) }
  }
}

extension Matrix<Double> {
  func elements(ofRow i: Int) -> [Double] { (0..<columns).map { self[i, $0] } }

  /// Xᵀ diag(w) X + ridge · I, row by row.
  func weightedGram(_ weights: [Double], ridge: Double = 0) -> [Double] {
    var result = [Double](repeating: 0, count: columns * columns)
    for sample in 0..<rows {
      for i in 0..<columns where self[sample, i] != 0 {
        let weighted = weights[sample] * self[sample, i]
        for j in 0...i { result[i * columns + j] += weighted * self[sample, j] }
      }
    }
    for i in 0..<columns {
      result[i * columns + i] += ridge
      for j in 0..<i { result[j * columns + i] = result[i * columns + j] }
    }
    return result
  }

  /// Xᵀ v.
  func transposeProduct(_ v: [Double]) -> [Double] {
    (0..<columns).map { j in (0..<rows).reduce(0) { $0 + self[$1, j] * v[$1] } }
  }

  /// X v.
  func product(_ v: [Double]) -> [Double] {
    (0..<rows).map { i in (0..<columns).reduce(0) { $0 + self[i, $1] * v[$1] } }
  }
}
