import Metrics
import Testing

/// What a confidence is worth.
@Suite struct ConfidenceCurveTests {
  @Test("the surest cells first, down to all of them")
  func byHand() throws {
    let curve = try #require(
      ConfidenceCurve(
        isRight: [false, true, true, false], confidence: [0.1, 0.9, 0.5, 0.4], steps: 4))
    #expect(curve.accuracies == [1, 1, 2.0 / 3, 0.5])
    #expect(curve.halves == (1, 0))
  }

  @Test("cells of equal confidence count as one, whatever their order")
  func ties() throws {
    for isRight in [[true, false, false, true, false], [false, false, true, true, false]] {
      let curve = try #require(
        ConfidenceCurve(isRight: isRight, confidence: [1, 1, 1, 1, 0], steps: 5))
      #expect(curve.accuracies == [0.5, 0.5, 0.5, 0.5, 0.4])
      #expect(abs(curve.halves.surer - 0.5) < 1e-12 && abs(curve.halves.other - 0.3) < 1e-12)
    }
  }

  @Test("a step need not be a whole number of cells")
  func fractions() throws {
    let curve = try #require(
      ConfidenceCurve(isRight: [true, false, true], confidence: [3, 2, 1], steps: 2))
    #expect(abs(curve.accuracies[0] - 1 / 1.5) < 1e-12)
    #expect(abs(curve.accuracies[1] - 2.0 / 3) < 1e-12)
  }

  @Test("without two cells, or with a confidence that is no number, there is no curve")
  func nothing() {
    #expect(ConfidenceCurve(isRight: [true], confidence: [1]) == nil)
    #expect(ConfidenceCurve(isRight: [], confidence: []) == nil)
    #expect(ConfidenceCurve(isRight: [true, false], confidence: [.nan, 1]) == nil)
    #expect(ConfidenceCurve(isRight: [true, false], confidence: [.infinity, 1]) != nil)
  }
}
