import Neighbors
import Tensors
import Testing

@Suite struct CellSketchTests {
  @Test func drawsSoManyDifferentCellsTheSameForASeed() throws {
    let points = clouds(1000, 5)
    let drawn = try CellSketch(of: points, count: 101, seed: 3)
    #expect(drawn.uniform.count == 51 && drawn.geometric.count == 50)
    #expect(zip(drawn.cells, drawn.cells.dropFirst()).allSatisfy(<))
    #expect(try CellSketch(of: points, count: 101, seed: 3) == drawn)
    #expect(try CellSketch(of: points, count: 101, seed: 4) != drawn)
  }

  @Test func keepsRareCellsThatUniformDrawsWouldLose() throws {
    var points = clouds(4000, 2, groups: 1)
    // 20 cells spread as far as the others, far away.
    for i in 0..<20 { points[200 * i, 0] += 50 }
    let drawn = try CellSketch(of: points, count: 400, seed: 1)
    #expect(drawn.uniform.count { $0 % 200 == 0 } <= 4)
    #expect(drawn.geometric.count { $0 % 200 == 0 } >= 8)
  }

  @Test func cellsThatAreAllEqualAreDrawnUniformly() throws {
    let drawn = try CellSketch(of: Matrix<Float>.zeros(300, 4), count: 30, seed: 0)
    #expect(drawn.cells.count == 30)
    #expect((drawn.cells.last ?? 0) > 200 && (drawn.cells.first ?? 300) < 100)
  }

  @Test func ofNoMoreCellsThanWantedAllAreDrawn() throws {
    for count in [20, 50] {
      #expect(try CellSketch(of: clouds(20, 2), count: count, seed: 0).cells == Array(0..<20))
    }
  }

  @Test func coordinatesThatAreNotFiniteAreRefused() {
    var points = clouds(50, 3)
    points[7, 1] = .nan
    #expect(throws: NeighborsFault.self) { try CellSketch(of: points, count: 10, seed: 0) }
  }
}
