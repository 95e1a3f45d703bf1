import Neighbors
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct SupportedCountsTests {
  /// Groups of cells in twelve dimensions, as several models see them, and the graph of one more
  /// view.
  private func views(
    groups: Int, cells: Int, models: Int = 4, distance: Double = 8
  ) throws -> (codes: [Matrix<Float>], graph: SparseMatrix<Float>) {
    var generator = RandomGenerator(seed: 3)
    let centers = (0..<groups).map { _ in (0..<12).map { _ in distance * generator.normal() / 3.5 }
    }
    let views = (0...models).map { _ in
      var view = Matrix<Float>.zeros(cells, 12)
      for i in 0..<cells {
        for j in 0..<12 { view[i, j] = Float(centers[i % groups][j] + generator.normal()) }
      }
      return view
    }
    let neighbors = try NearestNeighbors(of: views[models], count: 15)
    return (Array(views.prefix(models)), NeighborGraph(neighbors).connectivities)
  }

  @Test(arguments: [2, 5, 9]) func plantedNumbersAreFound(groups: Int) throws {
    let (codes, graph) = try views(groups: groups, cells: 60 * groups)
    let found = try SupportedCounts(of: codes, graph: graph, seed: 0)
    #expect(found.clusters == groups && found.peak == groups)
    let own = found.candidates.first { $0.clusters == groups }
    #expect(own?.isSupported == true && own?.stability ?? 0 > 0.95)
    #expect(found.candidates.map(\.clusters) == Array(2...30))
  }

  @Test func cellsOfOneTypeAreOneCluster() throws {
    let (codes, graph) = try views(groups: 1, cells: 300)
    let found = try SupportedCounts(of: codes, graph: graph, seed: 0)
    #expect(found.clusters == 1)
    #expect(found.candidates.allSatisfy { !$0.isSupported && $0.modularity < 0.3 })
  }

  @Test func threadsChangeNothing() throws {
    let (codes, graph) = try views(groups: 4, cells: 160, models: 3, distance: 5)
    defer { Threads.count = 1 }
    let reference = try SupportedCounts(of: codes, graph: graph, seed: 2)
    for threads in [2, 3] {
      Threads.count = threads
      let again = try SupportedCounts(of: codes, graph: graph, seed: 2)
      #expect(again.candidates == reference.candidates && again.clusters == reference.clusters)
    }
  }

  @Test func veryFewCellsAreOneCluster() throws {
    let two = Matrix<Float>(rows: 2, columns: 1, elements: Buffer([0, 1]))
    let graph = SparseMatrix<Float>(
      rows: 2, columns: 2, indptr: Buffer([0, 1, 2]), indices: Buffer([1, 0]),
      values: Buffer([1, 1]))
    #expect(try SupportedCounts(of: [two, two], graph: graph, seed: 0).clusters == 1)
  }
}
