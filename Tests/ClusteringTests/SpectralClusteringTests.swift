import Clustering
import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct SpectralClusteringTests {
  /// 45 cells go to the dense solver, 450 to Lanczos.
  @Test(arguments: [15, 150])
  func plantedGroupsAreFound(size: Int) throws {
    let (graph, truth) = plantedPartition(
      sizes: [size, size, size], inside: size == 15 ? 0.8 : 0.2, outside: 0.01, seed: 4)
    let result = try spectralClustering(of: graph, clusters: 3, seed: 0)
    let matching = Dictionary(grouping: zip(result.labels, truth).map { [$0, $1] }) { $0 }
    let agreeing = matching.values.map(\.count).sorted().suffix(3).reduce(0, +)
    #expect(Double(agreeing) >= 0.97 * Double(truth.count))
  }

  /// Labels by the nearest rotation to unit vectors find the same groups as k-means.
  @Test(arguments: [15, 150])
  func discretizedLabelsFindPlantedGroups(size: Int) throws {
    let (graph, truth) = plantedPartition(
      sizes: [size, size, size], inside: size == 15 ? 0.8 : 0.2, outside: 0.01, seed: 4)
    for seed: UInt64 in 0..<3 {
      let found = try spectralClustering(
        of: graph, clusters: 3, seed: seed, labeling: .discretize
      ).labels
      let matching = Dictionary(grouping: zip(found, truth).map { [$0, $1] }) { $0 }
      let agreeing = matching.values.map(\.count).sorted().suffix(3).reduce(0, +)
      #expect(Double(agreeing) >= 0.97 * Double(truth.count))
    }
  }

  @Test(arguments: [20, 200])
  func eigenpairsSatisfyTheirEquation(size: Int) throws {
    let (graph, _) = plantedPartition(
      sizes: [size, size, size / 2], inside: 0.3, outside: 0.05, seed: 9)
    let result = try spectralClustering(of: graph, clusters: 5, seed: 2)
    let n = graph.rows
    let degrees = (0..<n).map { Double(graph.range(ofRow: $0).count) }
    for j in 0..<5 {
      // M v = λ v with v = D^1/2 e is W e = λ D e.
      var (error, norm) = (0.0, 0.0)
      for i in 0..<n {
        let sum = graph.range(ofRow: i).reduce(0.0) {
          $0 + result.embedding[Int(graph.indices[$1]), j]
        }
        error += pow(sum - result.eigenvalues[j] * degrees[i] * result.embedding[i, j], 2)
        norm += degrees[i] * pow(result.embedding[i, j], 2)
      }
      #expect(error.squareRoot() < 1e-7, "pair \(j)")
      assertClose([norm], [1], tolerance: 1e-9, "length of vector \(j)")
    }
    #expect(result.eigenvalues[0] == 1)
    #expect(result.eigenvalues == result.eigenvalues.sorted(by: >))
  }

  /// The eigenvalues of a ring are cos(2πk/n), all but two of them twice.
  @Test(arguments: [30, 240])
  func ringHasTheKnownSpectrum(size: Int) throws {
    let ring = graph(size, (0..<size).map { ($0, ($0 + 1) % size) })
    let result = try spectralClustering(of: ring, clusters: 5, seed: 1)
    let expected = [0, 1, 1, 2, 2].map { cos(2 * Double.pi * Double($0) / Double(size)) }
    assertClose(result.eigenvalues, expected, tolerance: 1e-9)
  }

  @Test(arguments: [12, 120])
  func componentsAreClusters(size: Int) throws {
    let sizes = [size, size + 5, size / 2, size]
    let (graph, truth) = plantedPartition(sizes: sizes, inside: 0.9, outside: 0, seed: 6)
    let result = try spectralClustering(of: graph, clusters: 4)
    #expect(samePartition(result.labels, truth))
    #expect(result.eigenvalues == [1, 1, 1, 1])
    #expect(result.componentCount == 4)
    // More clusters than components: the components are only divided.
    let finer = try spectralClustering(of: graph, clusters: 6)
    #expect(Set(zip(finer.labels, truth).map { [$0, $1] }).count == Set(finer.labels).count)
    #expect(finer.eigenvalues.prefix(4) == [1, 1, 1, 1] && finer.eigenvalues[4] < 1 - 1e-6)
    // Fewer: the largest have a cluster each.
    let coarser = try spectralClustering(of: graph, clusters: 3)
    #expect(Set(zip(coarser.labels, truth).map { [$0, $1] }).count == 4)
  }

  @Test func cellsWithoutNeighborsLieAtTheOrigin() throws {
    var (edges, n) = ([(Int, Int)](), 100)
    for group in 0..<2 {
      for i in 0..<40 { for j in 0..<i { edges.append((group * 40 + i, group * 40 + j)) } }
    }
    n = 84
    let result = try spectralClustering(of: graph(n, edges), clusters: 2)
    #expect(samePartition(Array(result.labels.prefix(80)), (0..<80).map { $0 / 40 }))
    #expect((80..<84).allSatisfy { result.embedding[$0, 0] == 0 && result.embedding[$0, 1] == 0 })
    #expect(throws: ClusteringFault.self) {
      try spectralClustering(of: graph(5, []), clusters: 2)
    }
  }

  @Test func completeGraphHasOnlyOnePositiveEigenvalue() throws {
    let edges = (0..<100).flatMap { i in (0..<i).map { (i, $0) } }
    let result = try spectralClustering(of: graph(100, edges), clusters: 3)
    assertClose(result.eigenvalues, [1, -1.0 / 99, -1.0 / 99], tolerance: 1e-9)
  }

  @Test func selfLoopsDirectionsAndScaleDoNotMatter() throws {
    let (plain, _) = plantedPartition(
      sizes: [60, 50, 70], inside: 0.3, outside: 0.02, seed: 12)
    let reference = try spectralClustering(of: plain, clusters: 3, seed: 3)
    // Every edge once, in its upper half, doubled in weight, and a self-loop everywhere.
    var dense = Matrix<Float>.zeros(180, 180)
    for i in 0..<180 {
      dense[i, i] = 5
      for k in plain.range(ofRow: i) where Int(plain.indices[k]) > i {
        dense[i, Int(plain.indices[k])] = 2
      }
    }
    let other = try spectralClustering(of: SparseMatrix(dense), clusters: 3, seed: 3)
    #expect(other.labels == reference.labels)
    assertClose(other.eigenvalues, reference.eigenvalues, tolerance: 1e-12)
  }

  @Test func threadsAndRepetitionChangeNothing() throws {
    let (graph, _) = plantedPartition(
      sizes: [300, 200, 250], inside: 0.08, outside: 0.01, seed: 5)
    defer { Threads.count = 1 }
    let reference = try spectralClustering(of: graph, clusters: 4, seed: 8)
    for threads in [1, 2, 3] {
      Threads.count = threads
      let again = try spectralClustering(of: graph, clusters: 4, seed: 8)
      #expect(again.labels == reference.labels && again.embedding == reference.embedding)
    }
  }

  @Test(arguments: [1, 2, 7, 8])
  func anyNumberOfClustersUpToTheCellsIsDefined(clusters: Int) throws {
    let path = graph(8, (1..<8).map { ($0 - 1, $0) })
    let result = try spectralClustering(of: path, clusters: clusters)
    #expect(result.labels.count == 8 && result.eigenvalues.count == clusters)
    #expect(result.embedding.elements.allSatisfy { $0.isFinite })
  }

  @Test func unusableGraphsAreFaults() {
    let pair = graph(2, [(0, 1)])
    #expect(throws: ClusteringFault.clusterCount(3, cells: 2)) {
      try spectralClustering(of: pair, clusters: 3)
    }
    #expect(throws: ClusteringFault.clusterCount(0, cells: 2)) {
      try spectralClustering(of: pair, clusters: 0)
    }
    #expect(throws: ClusteringFault.affinity(row: 0, column: 1, value: -1)) {
      try spectralClustering(of: graph(2, [(0, 1)], weight: -1), clusters: 2)
    }
    #expect(throws: ClusteringFault.affinity(row: 0, column: 1, value: .infinity)) {
      try spectralClustering(of: graph(2, [(0, 1)], weight: .infinity), clusters: 2)
    }
    #expect(throws: ClusteringFault.notSquare(rows: 2, columns: 3)) {
      try spectralClustering(of: SparseMatrix(Matrix<Float>.zeros(2, 3)), clusters: 2)
    }
  }
}
