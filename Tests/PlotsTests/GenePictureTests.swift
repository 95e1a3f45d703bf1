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

  /// Gene j is 2 or more in every other cell of cluster j, and 0 elsewhere.
  private func cells(_ clusters: Int, _ genes: Int, _ count: Int) -> [GeneCells] {
    func value(_ gene: Int, _ cluster: Int, _ cell: Int) -> Double {
      cluster == gene && cell % 2 == 0 ? 2 + Double(cell) / 10 : 0
    }
    return (0..<genes).map { gene in
      var values: [[Double]] = []
      for cluster in 0..<clusters { values.append((0..<count).map { value(gene, cluster, $0) }) }
      return GeneCells(name: "gene with a long name \(gene)", values: values)
    }
  }

  private func names(_ clusters: Int) -> [String] { (0..<clusters).map { "cluster \($0)" } }

  @Test("a violin a gene and cluster that has cells")
  func violins() throws {
    func chart(_ clusters: Int, _ genes: Int, _ count: Int = 9) -> Panel {
      .violins(
        ViolinChart(
          title: "t", clusters: names(clusters), genes: cells(clusters, genes, count)))
    }
    let none = fields(try drawn(chart(0, 0)))
    #expect(fields(try drawn(chart(1, 1))) == none + 1)
    #expect(fields(try drawn(chart(5, 4))) == none + 20)
    #expect(fields(try drawn(chart(5, 4, 1))) == none + 20)
    #expect(fields(try drawn(chart(5, 4, 0))) == none)
    #expect(fields(try drawn(chart(40, 20))) == none + 800)
  }

  @Test("a field a cell that shows a gene, before one ground a cluster, and a strip over it")
  func heat() throws {
    func map(_ clusters: Int, _ genes: Int, _ count: Int = 9) -> Panel {
      .heat(
        HeatMap(title: "t", clusters: names(clusters), genes: cells(clusters, genes, count)))
    }
    let none = fields(try drawn(map(0, 0)))
    // The key has 24 pieces.
    #expect(fields(try drawn(map(1, 1))) == none + 5 + 2 + 24)
    #expect(fields(try drawn(map(5, 4))) == none + 4 * 5 + 5 * 2 + 24)
    #expect(fields(try drawn(map(5, 4, 0))) == none)
    #expect(fields(try drawn(map(40, 60))) == none + 40 * 5 + 40 * 2 + 24)
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

  @Test("a shape a cluster that has cells, at most sixty")
  func silhouettes() throws {
    func chart(_ counts: [Int]) -> Panel {
      .silhouettes(
        SilhouetteChart(
          title: "t",
          clusters: counts.enumerated().map { cluster, count in
            .init(
              name: "cluster \(cluster)", color: cluster,
              widths: (0..<count).map { 0.5 - Double($0) / 50 })
          }, mean: 0.25))
    }
    let none = fields(try drawn(chart([])))
    #expect(fields(try drawn(chart([1]))) == none + 1)
    #expect(fields(try drawn(chart([40, 0, 3, 1000]))) == none + 3)
    #expect(fields(try drawn(chart((0..<75).map { $0 + 1 }))) == none + 60)
  }

  @Test("a square a cluster, and as many lines as branches and nodes")
  func tree() throws {
    func chart(_ leaves: Int) -> Panel {
      .tree(
        TreeChart(
          title: "t", axis: "distance",
          leaves: (0..<leaves).map { .init(name: "cluster \($0)", cells: 1000 + $0, color: $0) },
          order: Array((0..<leaves).reversed()),
          nodes: (0..<max(0, leaves - 1)).map { place in
            .init(
              place == 0 ? 0 : leaves + place - 1, place + 1, height: Double(place + 1),
              labels: ("CD3E, CD3D", ""))
          }))
    }
    let none = fields(try drawn(chart(0)))
    func lines(_ picture: String) -> Int {
      picture.split(separator: "\n").count { $0.contains("stroke-width:2") }
    }
    for leaves in [1, 2, 5, 16, 75] {
      let picture = try drawn(chart(leaves))
      #expect(fields(picture) == none + leaves, "\(leaves)")
      // A line a node and two branches each.
      #expect(lines(picture) == 3 * (leaves - 1), "\(leaves)")
    }
  }

  @Test("a band a pair of classes that share cells, and a field a class")
  func alluvial() throws {
    func chart(_ counts: [[Int]]) -> Panel {
      .alluvial(
        AlluvialChart(
          title: "t", .init(name: "types", classes: names(counts.count)),
          .init(name: "clusters", classes: names(counts.first?.count ?? 0)), counts: counts))
    }
    let none = fields(try drawn(chart([[0, 0]])))
    #expect(fields(try drawn(chart([[3, 1]]))) == none + 2 + 3)
    #expect(fields(try drawn(chart([[3, 1], [0, 5], [0, 0]]))) == none + 3 + 4)
    let many = (0..<75).map { i in (0..<75).map { $0 == i ? 5 : 0 } }
    #expect(fields(try drawn(chart(many))) == none + 60 + 120)
  }
}
