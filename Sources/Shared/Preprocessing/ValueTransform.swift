import Glibc

/// What was done to counts c before they were stored: x = g(c · f) with a factor f of the cell's
/// own.
package enum ValueTransform: String, Sendable, CaseIterable {
  /// x = ln(1 + c f), as scanpy and Seurat write it.
  case naturalLog = "log1p"
  /// x = log₂(1 + c f), as scran and scater write it.
  case log2 = "log2(1 + x)"
  /// x = log₁₀(1 + c f).
  case log10 = "log10(1 + x)"
  /// x = c f: counts per million and the like, without a logarithm.
  case scaled = "scaled counts"

  /// ln of the logarithm's base; nil without a logarithm.
  var logarithmOfBase: Double? {
    switch self {
    case .naturalLog: 1
    case .log2: 0.693_147_180_559_945_3
    case .log10: 2.302_585_092_994_046
    case .scaled: nil
    }
  }

  /// c f from a stored value.
  func inverse(_ x: Double) -> Double {
    guard let base = logarithmOfBase else { return x }
    return expm1(x * base)
  }

  /// How far c f may be off when the stored value is off by `error`, plus three roundings to Float
  /// on the way.
  func uncertainty(at x: Double, error: Double) -> Double {
    let ulp = 0x1p-24
    let y = inverse(x)
    let slope = logarithmOfBase.map { $0 * (y + 1) } ?? 1
    return slope * (error + 2 * ulp * x) + 3 * ulp * y
  }
}
