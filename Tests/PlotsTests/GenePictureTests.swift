import Plots
import Tensors
import Testing

/// Cells by value, genes in clusters, clusters in samples.
@Suite struct GenePictureTests {
  private func fields(_ svg: String) -> Int {
    svg.split(separator: "\n").count { $0.contains("fill-rule") }
  }

  private func drawn(_ panel: Panel) throws -> String {
    #expect(try Sheet([panel], caption: "").picture(.png).count > 3000)
    return try svg(Sheet([panel], caption: ""))
  }

  @Test("a dot a cell that has a place, whatever its value")
  func values() throws {
    func plot(_ values: [Double]) -> Panel {
      .values(
        ValuePlot(
          "CD3E",
          points: values.isEmpty
            ? .zeros(0, 2) : Matrix(values.indices.map { [Double($0), $0 == 2 ? .nan : 1] }),
          values: values, axes: ("x", "y")))
    }
    #expect(dots(try drawn(plot([]))) == 0)
    #expect(dots(try drawn(plot([0]))) == 1)
    #expect(dots(try drawn(plot([0, 3, 1, .nan, 2]))) == 4)
    let none = fields(try drawn(plot([.nan])))
    // The key has 24 pieces.
    #expect(fields(try drawn(plot([1, 2]))) == none + 24)
    #expect(dots(try drawn(plot((0..<2000).map { Double($0 % 7) }))) == 1999)
  }

  @Test("a dot a gene and cluster that shows it")
  func genes() throws {
    func map(_ clusters: Int, _ genes: Int) -> Panel {
      .dots(
        DotMap(
          title: "t", clusters: (0..<clusters).map { "cluster \($0)" },
          genes: (0..<genes).map { j in
            DotMap.Gene(
              name: "gene with a long name \(j)",
              shares: (0..<clusters).map { $0 == j ? 1 : $0 == j + 1 ? 0.1 : 0 },
              means: (0..<clusters).map { $0 == j ? 2 : 0 })
          }))
    }
    #expect(dots(try drawn(map(0, 0))) == 0)
    // Three in the key.
    #expect(dots(try drawn(map(1, 1))) == 1 + 3)
    #expect(dots(try drawn(map(5, 4))) == 8 + 3)
    #expect(dots(try drawn(map(40, 40))) == 79 + 3)
  }

  @Test("a field a sample and cluster that has cells")
  func composition() throws {
    func chart(_ counts: [[Int]]) -> Panel {
      .composition(
        CompositionChart(
          title: "t",
          bars: counts.enumerated().map { .init(name: "sample \($0)", counts: $1) },
          clusters: (0..<(counts.first?.count ?? 0)).map(String.init)))
    }
    let none = fields(try drawn(chart([[0, 0]])))
    #expect(fields(try drawn(chart([[3, 1]]))) == none + 2)
    #expect(fields(try drawn(chart([[3, 1], [0, 5], [0, 0]]))) == none + 3)
    // 75 clusters, and more samples than bars.
    let many = (0..<50).map { i in (0..<75).map { ($0 + i) % 5 == 0 ? 0 : 1 } }
    #expect(fields(try drawn(chart(many))) == none + 40 * 60)
  }
}
