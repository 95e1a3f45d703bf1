import DifferentialExpression
import TestSupport
import Testing

/// Values of scipy.special and scipy.stats.
struct SpecialFunctionTests {
  @Test func trigammaAgrees() {
    let points = [0.1, 1, 3.5, 100]
    assertClose(
      [trigamma(1), trigamma(0.5)], [1.6449340668482264, 4.934802200544679], tolerance: 1e-12)
    assertClose(
      points.map(trigamma),
      [101.43329915079275, 1.6449340668482266, 0.3303577561002349, 0.010050166663333573],
      tolerance: 1e-12)
  }

  @Test(arguments: [
    (2.0, 10.0, 4.1, 0.9499224515189161), (1, 3, 0.2, 0.31496235752570745),
    (7, 1, 300, 0.955573221684357), (5, 40, 1e-3, 1.0275896909182498e-07), (3, 4, 0, 0),
    (3, 4, .infinity, 1),
  ])
  func theDistributionOfF(_ a: Double, _ b: Double, _ x: Double, _ expected: Double) {
    #expect(abs(probability(ofFBelow: x, a, b) - expected) <= 1e-11 * max(expected, 1e-4))
  }
}
