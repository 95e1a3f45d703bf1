import Foundation
import Metrics
import TestSupport
import Testing

@Suite struct AgreementTests {
  static let cases = [
    "perfect", "noisy", "random", "fewer", "more_clusters", "one_cluster", "both_one", "singletons",
  ]

  @Test(.enabled(if: Reference.isAvailable, "needs the reference values"), arguments: cases)
  func figuresMatchTheReference(name: String) throws {
    let values = try Reference.load("metrics")
    func labels(_ key: String) throws -> [Int] {
      try #require(values["\(name)_\(key)"]).elements.map { Int($0) }
    }
    let expected = try #require(values["\(name)_acc_nmi_ari_hom_com"])
    let table = try ContingencyTable(truth: labels("true"), predicted: labels("pred"))
    let actual = [
      table.accuracy, table.normalizedMutualInformation, table.adjustedRandIndex,
      table.homogeneity, table.completeness,
    ]
    assertClose(actual, Array(expected.elements), tolerance: 1e-10, scale: 1, name)
  }

  /// Computed with scikit-learn 1.9.1 for these sixteen labels.
  @Test func remainingFiguresMatchScikitLearn() throws {
    let truth = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3]
    let predicted = [4, 4, 4, 7, 7, 7, 7, 7, 4, 9, 9, 9, 9, 4, 5, 5]
    let figures = try Agreement(truth: truth, predicted: predicted)
    assertClose(
      [
        figures.adjustedMutualInformation, figures.vMeasure, figures.fowlkesMallows, figures.purity,
        figures.accuracy,
      ],
      [0.33097694417829554, 0.5085734862728472, 0.4493457343831843, 0.6875, 0.6875],
      tolerance: 1e-12, scale: 1)
  }

  @Test func renamingEitherSideChangesNothing() throws {
    let (truth, predicted) = noisyLabels(count: 400, groups: 6, seed: 3)
    let figures = try Agreement(truth: truth, predicted: predicted).named.map(\.value)
    let renamed = try Agreement(
      truth: truth.map { 100 - 7 * $0 }, predicted: predicted.map { ($0 &* 37) % 101 - 50 })
    assertClose(renamed.named.map(\.value), figures, tolerance: 1e-12)
  }

  @Test func symmetricFiguresAreSymmetric() throws {
    let (a, b) = noisyLabels(count: 300, groups: 5, seed: 4)
    let (forward, backward) = (
      try Agreement(truth: a, predicted: b), try Agreement(truth: b, predicted: a)
    )
    #expect(abs(forward.adjustedRandIndex - backward.adjustedRandIndex) < 1e-14)
    #expect(abs(forward.adjustedMutualInformation - backward.adjustedMutualInformation) < 1e-13)
    #expect(abs(forward.fowlkesMallows - backward.fowlkesMallows) < 1e-14)
    #expect(abs(forward.homogeneity - backward.completeness) < 1e-14)
    #expect(forward.accuracy == backward.accuracy)
  }

  @Test func chanceCorrectedFiguresAreNearZeroForChance() throws {
    let (truth, _) = noisyLabels(count: 4000, groups: 7, seed: 5)
    let (other, _) = noisyLabels(count: 4000, groups: 9, seed: 99)
    let figures = try Agreement(truth: truth, predicted: other)
    #expect(abs(figures.adjustedRandIndex) < 0.01)
    #expect(abs(figures.adjustedMutualInformation) < 0.01)
  }

  /// The definition: MI averaged over all arrangements of one side.
  @Test func expectedInformationIsTheMeanOverPermutations() throws {
    let truth = [0, 0, 0, 1, 1, 2]
    var (sum, count) = (0.0, 0)
    permute([5, 5, 6, 6, 6, 7]) { arrangement in
      if let table = try? ContingencyTable(truth: truth, predicted: arrangement) {
        sum += table.mutualInformation
        count += 1
      }
    }
    let table = try ContingencyTable(truth: truth, predicted: [5, 5, 6, 6, 6, 7])
    #expect(count == 720)
    #expect(abs(table.expectedMutualInformation - sum / Double(count)) < 1e-13)
  }

  @Test func unequalOrEmptyLabelsAreFaults() {
    #expect(throws: MetricsFault.unequalCounts(labels: 2, cells: 3)) {
      try ContingencyTable(truth: [1, 2], predicted: [1, 2, 3])
    }
    #expect(throws: MetricsFault.noCells) { try ContingencyTable(truth: [], predicted: []) }
    #expect(MetricsFault.noCells.kind == .badData)
  }
}
