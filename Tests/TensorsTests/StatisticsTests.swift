import Tensors
import TestSupport
import Testing

struct StatisticsTests {
  @Test func medians() {
    #expect(median([3]) == 3 && median([4, 1]) == 2.5 && median([9, 1, 5]) == 5)
  }

  @Test func gammaFunctions() {
    assertClose(
      [logGamma(5), logGamma(0.5)], [3.1780538303479458, 0.5723649429247001], tolerance: 1e-14)
  }

  /// Values of scipy.stats.false_discovery_control.
  @Test func ratesOfFalseDiscoveries() {
    let rates = falseDiscoveryRates(of: [0.01, .nan, 0.04, 0.03, 0.005, 0.9])
    assertClose(
      [rates[0], rates[2], rates[3], rates[4], rates[5]], [0.025, 0.05, 0.05, 0.025, 0.9],
      tolerance: 1e-15)
    #expect(rates[1].isNaN && falseDiscoveryRates(of: []).isEmpty)
    #expect(falseDiscoveryRates(of: [1, 1]) == [1, 1])
  }
}
