import Clustering
import Tensors
import TestSupport
import Testing
import Training

@Suite struct CodeEnsembleTests {
  /// Four groups of cells; each model sees all but one boundary well.
  private func codes(blurring pair: Int, seed: UInt64) -> Matrix<Float> {
    var generator = RandomGenerator(seed: seed)
    return Matrix<Float>(
      (0..<200).map { i in
        let group = i / 50
        let place = group == pair || group == pair + 1 ? Double(pair) + 0.5 : Double(group)
        return [
          Float(8 * place + 0.5 * generator.normal()), Float(0.5 * generator.normal()),
        ]
      })
  }
  private let truth = (0..<200).map { $0 / 50 }

  @Test func whatModelsAgreeOnIsFound() throws {
    let all = [0, 1, 2].map { codes(blurring: $0, seed: UInt64($0)) }
    let ensemble = try CodeEnsemble(of: all, clusters: 4, seed: 0)
    let alone = ensemble.members.map { adjustedRandIndex($0, truth) }
    #expect((alone.max() ?? 1) < 0.9)
    #expect(adjustedRandIndex(ensemble.labels, truth) > 0.97)
    #expect(
      ensemble.agreement(with: ensemble.labels)
        > ensemble.agreement(with: ensemble.members[0].reversed()))
    // What all have in common agrees with them more than they do with each other.
    #expect(PartitionCriterion.agreement(ensemble).floor == ensemble.mutualAgreement)
    #expect(ensemble.mutualAgreement < ensemble.agreement(with: ensemble.labels))
  }

  @Test func cellsThatDoNotDifferAreOneCluster() throws {
    let same = Matrix<Float>.zeros(20, 3)
    let ensemble = try CodeEnsemble(of: [same, same], clusters: 3, seed: 0)
    #expect(ensemble.labels.count == 20)
  }

  @Test func tooManyClustersAreAFault() {
    #expect(throws: ClusteringFault.clusterCount(5, cells: 3)) {
      try CodeEnsemble(of: [Matrix<Float>.zeros(3, 2)], clusters: 5, seed: 0)
    }
  }
}
