import Clustering
import Tensors
import TestSupport
import Testing

/// SC3's steps on 24 cells × 30 genes; numbers by a program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceSC3Tests {
  private let reference: [String: Matrix<Double>]
  private let points: Matrix<Double>
  private let values: SparseMatrix<Float>

  init() throws {
    reference = try Reference.load("peers/sc3")
    let all = try #require(reference["log2"])
    values = SparseMatrix(all.converted(to: Float.self))
    let kept = try #require(reference["kept"]).elements.enumerated().filter { $0.element != 0 }
    let columns = kept.map(\.offset)
    points = Matrix((0..<all.rows).map { i in columns.map { all[i, $0] } })
    #expect(SC3.informativeGenes(of: values) == columns && columns.count == 29)
  }

  private func name(_ distance: CellDistance) -> String {
    switch distance {
    case .euclidean: "euclidean"
    case .pearson: "pearson"
    case .spearman: "spearman"
    }
  }

  @Test(arguments: CellDistance.allCases) func distances(_ distance: CellDistance) throws {
    let expected = try #require(reference["distance.\(name(distance))"])
    assertClose(distance.matrix(of: points), expected, tolerance: 1e-10)
  }

  @Test(arguments: CellDistance.allCases) func transforms(_ distance: CellDistance) throws {
    let distances = try #require(reference["distance.\(name(distance))"])
    let components = try DistanceTransform.correlation.eigenvectors(
      of: distances, count: 6, seed: 0)
    assertClose(
      components.values,
      Array(try #require(reference["pca_eigenvalues.\(name(distance))"]).elements),
      tolerance: 1e-9)
    try expectVectors(components.vectors, "pca_vectors.\(name(distance))")
    let affinity = DistanceTransform.affinity
    let laplacian = try #require(reference["laplacian.\(name(distance))"])
    var expected = affinity.matrix(of: distances)
    for i in 0..<24 { for j in 0..<24 { expected[i, j] = (i == j ? 1 : 0) - expected[i, j] } }
    assertClose(expected, laplacian, tolerance: 1e-10)
    let found = try affinity.eigenvectors(of: distances, count: 6, seed: 0)
    assertClose(
      found.values.map { 1 - $0 },
      Array(try #require(reference["laplacian_eigenvalues.\(name(distance))"]).elements),
      tolerance: 1e-9)
    try expectVectors(found.vectors, "laplacian_vectors.\(name(distance))")
  }

  /// One a column in the reference, up to their signs.
  private func expectVectors(_ vectors: Matrix<Double>, _ key: String) throws {
    let expected = try #require(reference[key])
    for j in 0..<expected.columns {
      let product = (0..<24).reduce(0.0) { $0 + vectors[j, $1] * expected[$1, j] }
      #expect(abs(abs(product) - 1) < 1e-9, "\(key) \(j): \(product)")
    }
  }

  @Test func consensus() throws {
    let stored = try #require(reference["partitions"])
    let partitions = (0..<stored.rows).map { r in (0..<24).map { Int(stored[r, $0]) } }
    let labels = try SC3.consensus(of: partitions, clusters: 3)
    let expected = try #require(reference["clusters"]).elements.map { Int($0) }
    #expect(samePartition(labels, expected))
  }

  @Test func wholeMethod() throws {
    let found = try SC3(of: values, clusters: 3, seed: 0)
    // 1 and 2 dimensions of 24 cells, six matrices: too few to find the types.
    #expect(found.partitionCount == 12 && Set(found.labels) == [0, 1, 2])
  }

  @Test func numberOfClusters() throws {
    let estimate = try TracyWidomEstimate(
      of: SparseMatrix(points.converted(to: Float.self)), seed: 0)
    assertClose(
      [estimate.bound], Array(try #require(reference["tw_bound"]).elements), tolerance: 1e-10)
    let expected = Array(try #require(reference["tw_eigenvalues"]).elements)
    assertClose(estimate.eigenvalues, Array(expected.prefix(3)), tolerance: 1e-5)
    #expect(estimate.clusters == 2)
  }
}

@Suite struct SC3Tests {
  @Test func laplacianOfThreeCells() {
    let affinity = DistanceTransform.affinity.matrix(
      of: Matrix([[0, 1, 2], [1, 0, 1], [2, 1, 0]]))
    assertClose(
      [1 - affinity[0, 0], 1 - affinity[1, 1], affinity[0, 1], affinity[0, 2]],
      [0.4935196089, 0.5481372381, 0.2901598735, 0.1863237232], tolerance: 1e-9)
  }

  @Test func boundOfRandomData() {
    assertClose(
      [TracyWidomEstimate.bound(genes: 1000, cells: 100)], [1800.4136755189], tolerance: 1e-12)
  }

  /// Cells of four types, of which types pair up: enough cells for Lanczos, and more genes or
  /// fewer.
  @Test(arguments: [300, 700]) func clustersOfManyCells(_ genes: Int) throws {
    let (values, truth) = simulated(cells: 420, genes: genes, types: 4)
    let found = try SC3(of: values, clusters: 4, seed: 1)
    #expect(samePartition(found.labels, truth))
    // 16 to 30 dimensions, six matrices.
    #expect(found.partitionCount == 90)
    #expect(found.labels == (try SC3(of: values, clusters: 4, seed: 1)).labels)
    // Three directions separate four types, and the mean over the genes is a fourth.
    let estimate = try TracyWidomEstimate(of: values, seed: 3)
    #expect((3...4).contains(estimate.clusters), "\(estimate)")
  }

  @Test func equalCellsAndTooManyClusters() throws {
    let equal = SparseMatrix(Matrix<Float>((0..<30).map { _ in [1, 0, 2, 0] }))
    let found = try SC3(of: equal, clusters: 2, seed: 0)
    #expect(found.labels.count == 30 && Set(found.labels).isSubset(of: [0, 1]))
    #expect(throws: ClusteringFault.clusterCount(31, cells: 30)) {
      try SC3(of: equal, clusters: 31, seed: 0)
    }
    #expect(try TracyWidomEstimate(of: equal, seed: 0).clusters >= 1)
  }

  /// The least similar pair decides: two long chains are one set by single linkage, and parts by
  /// complete linkage.
  @Test func completeLinkageCutsChains() throws {
    // Cells 0 … 5, neighbors differ in one of the partitions.
    let partitions = (1..<6).map { cut in (0..<6).map { $0 < cut ? 0 : 1 } }
    let labels = try SC3.consensus(of: partitions, clusters: 2)
    let cuts = (1..<6).filter { labels[$0] != labels[$0 - 1] }
    #expect(cuts.count == 1 && (2...4).contains(cuts[0]), "\(labels)")
  }

  @Test func nearestCentroidsTakeTheOthers() {
    let points = Matrix<Double>([[0, 0], [9, 9], [1, 0], [8, 9], [4, 4], [5, 5]])
    // The fifth was among those that were looked at, and stays.
    #expect(SC3.extending([0, 1, 1], of: [0, 1, 4], to: points) == [0, 1, 0, 1, 1, 1])
  }

  private func simulated(cells: Int, genes: Int, types: Int) -> (SparseMatrix<Float>, [Int]) {
    var generator = RandomGenerator(seed: 7)
    let truth = (0..<cells).map { $0 % types }
    let rows = truth.map { type in
      (0..<genes).map { gene -> Float in
        let isHigh = gene % types == type
        if generator.uniform() < (isHigh ? 0.3 : 0.7) { return 0 }
        return Float((isHigh ? 3 : 1) + generator.uniform())
      }
    }
    return (SparseMatrix(Matrix(rows)), truth)
  }
}
