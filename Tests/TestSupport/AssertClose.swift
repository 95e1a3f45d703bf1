import Tensors
import Testing

/// Records an issue unless every value is within `tolerance` of the expected one, relative to the
/// larger of its magnitude and `scale`.
package func assertClose<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ actual: some Sequence<A>, _ expected: some Sequence<B>, tolerance: Double, scale: Double = 1e-3,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  let (actual, expected) = (actual.map { Double($0) }, expected.map { Double($0) })
  guard actual.count == expected.count else {
    Issue.record(
      "\(what): \(actual.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  for (i, (a, b)) in zip(actual, expected).enumerated() {
    if a == b { continue }
    let error = abs(a - b) / max(abs(b), scale)
    if !(error <= tolerance) {
      Issue.record(
        "\(what)[\(i)] = \(a), expected \(b): relative error \(error)",
        sourceLocation: sourceLocation)
      return
    }
  }
}

/// The same for two matrices of one shape.
package func assertClose<A: Real, B: Real>(
  _ actual: Matrix<A>, _ expected: Matrix<B>, tolerance: Double, scale: Double = 1e-3,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    actual.rows == expected.rows && actual.columns == expected.columns, "\(what): shapes",
    sourceLocation: sourceLocation)
  assertClose(
    Array(actual.elements), Array(expected.elements), tolerance: tolerance, scale: scale, what,
    sourceLocation: sourceLocation)
}
