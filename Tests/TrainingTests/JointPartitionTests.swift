import Clustering
import Foundation
import Neighbors
import Tensors
import TestSupport
import Testing
import Training

/// Three long parallel strips: k-means cuts them across, a graph does not. Models see them turned
/// and scaled, with noise.
private struct Strips {
  let truth: [Int]
  let codes: [Matrix<Float>]
  let adjacency: SparseMatrix<Float>

  init(cells: Int = 360, models: Int = 4) throws {
    var generator = RandomGenerator(seed: 5)
    truth = (0..<cells).map { $0 % 3 }
    var places = Matrix<Float>.zeros(cells, 2)
    for i in 0..<cells {
      places[i, 0] = Float(generator.uniform() * 24)
      places[i, 1] = Float(Double(truth[i]) * 3 + 0.3 * generator.normal())
    }
    codes = (0..<models).map { model in
      let (angle, scale) = (Float(model) * 0.7, Float(model + 1))
      var turned = Matrix<Float>.zeros(cells, 2)
      for i in 0..<cells {
        let (x, y) = (places[i, 0] * scale, places[i, 1] * scale)
        turned[i, 0] = x * cos(angle) - y * sin(angle)
        turned[i, 1] = x * sin(angle) + y * cos(angle)
      }
      return turned
    }
    let neighbors = try NearestNeighbors(of: places, count: 10)
    adjacency = adjacencyPattern(fromDistances: NeighborGraph(neighbors).distances)
  }

  func start(_ method: StartMethod) throws -> StartingPartition {
    try StartingPartition(
      method, adjacency: adjacency, codes: codes[0], others: Array(codes.dropFirst()),
      clusters: 3, seed: 0)
  }
}

@Suite struct JointPartitionTests {
  @Test func stripsAreFoundWhole() throws {
    let strips = try Strips()
    let found = try jointPartition(of: strips.codes, clusters: 3, seed: 0)
    #expect(adjustedRandIndex(found, strips.truth) == 1)
    let consensus = try strips.start(.consensus)
    #expect(adjustedRandIndex(consensus.labels, strips.truth) < 0.5)
  }

  @Test func theStartOfHigherModularityIsTaken() throws {
    let strips = try Strips()
    let auto = try strips.start(.auto)
    #expect(auto.method == .joint)
    #expect(adjustedRandIndex(auto.labels, strips.truth) == 1)
    #expect(auto.criterion?.name == "modularity on the input graph")
    #expect(
      try strips.start(.consensus).criterion?.name == "agreement with the models' partitions")
  }

  /// On a graph in which the strips are cut across, k-means has the higher modularity.
  @Test func kmeansIsTakenWhereTheGraphAgreesWithIt() throws {
    let strips = try Strips()
    let across = try strips.start(.jointKMeans).labels
    #expect(adjustedRandIndex(across, strips.truth) < 0.5)
    var edges = RowBuilder<Float>(columns: across.count, expecting: 0)
    for i in across.indices {
      for j in across.indices where across[j] == across[i] && (i + j) % 9 == 0 {
        edges.append(Int32(j), 1)
      }
      edges.endRow()
    }
    let auto = try StartingPartition(
      .auto, adjacency: edges.matrix, codes: strips.codes[0],
      others: Array(strips.codes.dropFirst()), clusters: 3, seed: 0)
    #expect(auto.method == .jointKMeans && auto.labels == across)
  }

  /// Neither the scale of a model's codes nor the length of a cell's decides.
  @Test func jointKMeansSeesDirections() throws {
    var generator = RandomGenerator(seed: 6)
    let truth = (0..<300).map { $0 % 3 }
    let codes = (0..<2).map { model in
      var codes = Matrix<Float>.zeros(300, 3)
      for i in 0..<300 {
        let length = 1 + 9 * generator.uniform()
        for j in 0..<3 {
          let center = truth[i] == j ? 1.0 : 0
          codes[i, j] = Float((center + 0.1 * generator.normal()) * length * (model == 0 ? 1 : 100))
        }
      }
      return codes
    }
    let found = try jointPartition(of: codes, by: .jointKMeans, clusters: 3, seed: 0)
    #expect(adjustedRandIndex(found, truth) > 0.98)
  }

  /// Clusters of very different sizes, of which k-means cuts the large one.
  @Test func jointLeidenFindsSmallClusters() throws {
    var generator = RandomGenerator(seed: 7)
    let truth = (0..<400).map { $0 < 360 ? 0 : $0 < 380 ? 1 : 2 }
    let codes = (0..<2).map { _ in
      var codes = Matrix<Float>.zeros(400, 4)
      for i in 0..<400 {
        for j in 0..<4 {
          let center = truth[i] == j ? 6.0 : 0
          codes[i, j] = Float(center + (j == 3 && truth[i] == 0 ? 3 : 0.7) * generator.normal())
        }
      }
      return codes
    }
    let found = try jointPartition(of: codes, by: .jointLeiden, clusters: 3, seed: 0)
    #expect(Set(found[360..<380]).count == 1 && Set(found[380...]).count == 1)
    #expect(found[360] != found[380])
  }

  /// Codes of a model that died, few cells, and too many clusters.
  @Test func edgeCases() throws {
    let dead = Matrix<Float>.zeros(30, 4)
    let found = try jointPartition(of: [dead, dead], clusters: 2, seed: 0)
    #expect(found.count == 30)
    #expect(
      try jointPartition(of: [dead, dead], by: .jointKMeans, clusters: 2, seed: 0).count == 30)
    #expect(
      try jointPartition(of: [dead, dead], by: .jointLeiden, clusters: 2, seed: 0).count == 30)
    let two = Matrix<Float>(rows: 2, columns: 1, elements: Buffer([0, 1]))
    #expect(Set(try jointPartition(of: [two], clusters: 2, seed: 0)).count == 2)
    #expect(throws: ClusteringFault.self) {
      try jointPartition(of: [two], clusters: 3, seed: 0)
    }
  }

  /// A checkpoint holds the start: the same comes back.
  @Test func theStartIsRestored() throws {
    let strips = try Strips()
    let auto = try strips.start(.auto)
    let back = try StartingPartition(
      auto.state, cells: strips.truth.count, adjacency: strips.adjacency, clusters: 3)
    #expect(back.method == .joint && back.labels == auto.labels && back.score == auto.score)
  }
}
