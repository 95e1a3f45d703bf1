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

  /// On a graph in which the strips are cut across, the consensus has the higher modularity.
  @Test func theConsensusStaysWhereTheGraphAgreesWithIt() throws {
    let strips = try Strips()
    let consensus = try strips.start(.consensus).labels
    var edges = RowBuilder<Float>(columns: consensus.count, expecting: 0)
    for i in consensus.indices {
      for j in consensus.indices where consensus[j] == consensus[i] && (i + j) % 9 == 0 {
        edges.append(Int32(j), 1)
      }
      edges.endRow()
    }
    let auto = try StartingPartition(
      .auto, adjacency: edges.matrix, codes: strips.codes[0],
      others: Array(strips.codes.dropFirst()), clusters: 3, seed: 0)
    #expect(auto.method == .consensus && auto.labels == consensus)
  }

  /// Codes of a model that died, few cells, and too many clusters.
  @Test func edgeCases() throws {
    let dead = Matrix<Float>.zeros(30, 4)
    let found = try jointPartition(of: [dead, dead], clusters: 2, seed: 0)
    #expect(found.count == 30)
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
