import Clustering
import Tensors
import Testing

/// The tree of clusters, against scipy 1.17's linkage(…, "average").
@Suite struct ClusterTreeTests {
  private let means = Matrix<Double>([[0, 0], [1, 0], [0, 3], [8, 1], [8, 2.5], [20, 0]])

  @Test func linkageIsScipys() {
    let tree = ClusterTree(of: means)
    let expected: [(Int, Int, Double, Int)] = [
      (0, 1, 1, 2), (3, 4, 1.5, 2), (2, 6, 3.08113883, 3), (7, 8, 7.86828471, 5),
      (5, 9, 16.70459873, 6),
    ]
    #expect(tree.nodes.count == 5)
    for (node, wanted) in zip(tree.nodes, expected) {
      #expect((node.first, node.second, node.size) == (wanted.0, wanted.1, wanted.3))
      #expect(abs(node.height - wanted.2) < 1e-6)
    }
    #expect(tree.leaves == [5, 3, 4, 2, 0, 1])
  }

  @Test func newickHasNamesAndLengths() {
    let tree = ClusterTree(of: Matrix<Double>([[0], [2], [6]]))
    #expect(tree.newick(["a", "it's", "c"]) == "('c':2.5,('a':1.0,'it''s':1.0):1.5);")
  }

  @Test func oneClusterAndNone() {
    let one = ClusterTree(of: Matrix<Double>([[1, 2]]))
    #expect(one.nodes.isEmpty && one.leaves == [0] && one.newick(["x"]) == "'x';")
    let none = ClusterTree(of: Matrix<Double>.zeros(0, 2))
    #expect(none.leaves.isEmpty && none.newick([]) == ";")
  }

  @Test func confidenceOfOthersIsByTheMeans() {
    let known = Matrix<Float>([[0], [2], [10], [12]])
    let found = clusterConfidence(
      of: Matrix<Float>([[1], [5], [6]]), [0, 0, 1], among: known, [0, 0, 1, 1], clusters: 2)
    // Means at 1 and 11.
    #expect(found[0] == 1)
    #expect(abs(found[1] - (1 + (6 - 4) / 6) / 2) < 1e-6)
    #expect(found[2] == 0.5)
    #expect(
      clusterConfidence(
        of: Matrix<Float>([[5]]), [0], among: known, [0, 0, 0, 0], clusters: 1) == [1])
  }
}
