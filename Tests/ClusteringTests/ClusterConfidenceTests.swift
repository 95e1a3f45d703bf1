import Clustering
import Tensors
import TestSupport
import Testing

@Suite struct ClusterConfidenceTests {
  /// Two clusters on a line, at 0, 2 and at 10, 12; one cell at 5.9 beside the first.
  private let points = Matrix<Float>([[0], [2], [10], [12], [5.9]])
  private let labels = [0, 0, 1, 1, 0]

  @Test func valuesFollowTheDefinition() {
    let found = clusterConfidence(in: [points], of: labels, clusters: 2)
    // Cell 4: the mean of the other cells of its cluster is 1 (a = 4.9), the other cluster's is 11
    // (b = 5.1).
    #expect(abs(Double(found[4]) - (1 + (5.1 - 4.9) / 5.1) / 2) < 1e-6)
    // Cell 0: others at 2 and 5.9 (a = 3.95), b = 11.
    #expect(abs(Double(found[0]) - (1 + (11 - 3.95) / 11) / 2) < 1e-6)
    #expect(found[2] > found[4])
  }

  @Test func unitsDoNotMatterAndEmbeddingsCountAlike() {
    let scaled = Matrix<Float>((0..<5).map { [points[$0, 0] * 1000] })
    let one = clusterConfidence(in: [points], of: labels, clusters: 2)
    let both = clusterConfidence(in: [points, scaled], of: labels, clusters: 2)
    for (x, y) in zip(one, both) { #expect(abs(x - y) < 1e-6) }
  }

  @Test func aCellAloneIsNotSure() {
    let found = clusterConfidence(in: [points], of: [0, 0, 1, 1, 2], clusters: 3)
    #expect(found[4] == 0.5)
  }

  @Test func edgesAreDefined() {
    #expect(clusterConfidence(in: [points], of: [0, 0, 0, 0, 0], clusters: 1) == [1, 1, 1, 1, 1])
    // A cluster without cells changes nothing.
    #expect(
      clusterConfidence(in: [points], of: labels, clusters: 4)
        == clusterConfidence(in: [points], of: labels, clusters: 2))
    let same = Matrix<Float>((0..<4).map { _ in [1, 1] })
    #expect(
      clusterConfidence(in: [same], of: [0, 0, 1, 1], clusters: 2) == [0.5, 0.5, 0.5, 0.5])
  }
}
