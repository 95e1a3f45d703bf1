import Testing

/// Compares gradients with central differences: `loss` evaluates the function, `weight` reads and
/// writes the i-th of `count` weights.
package func checkGradient(
  _ gradient: [Double], tolerance: Double = 1e-6, step: Double = 1e-5,
  weight: (Int) -> Double, set: (Int, Double) -> Void, loss: () -> Double,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  for (i, analytic) in gradient.enumerated() {
    let original = weight(i)
    set(i, original + step)
    let above = loss()
    set(i, original - step)
    let below = loss()
    set(i, original)
    let numeric = (above - below) / (2 * step)
    let error = abs(numeric - analytic) / max(1e-3, abs(numeric), abs(analytic))
    if !(error <= tolerance) {
      Issue.record(
        "\(what): gradient[\(i)] = \(analytic), differences give \(numeric)",
        sourceLocation: sourceLocation)
      return
    }
  }
}
