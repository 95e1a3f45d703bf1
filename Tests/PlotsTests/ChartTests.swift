import Foundation
import Plots
import Tensors
import Testing

/// The panels beside the scatter plots.
@Suite struct ChartTests {
  private func fields(_ svg: String) -> Int {
    svg.split(separator: "\n").count { $0.contains("fill-rule") }
  }

  private func drawn(_ panel: Panel) throws -> String {
    #expect(try Sheet([panel], caption: "").picture(.png).count > 3000)
    return try svg(Sheet([panel], caption: ""))
  }

  private func confusion(_ rows: Int, _ columns: Int, _ count: (Int, Int) -> Int) -> Panel {
    .confusion(
      ConfusionMap(
        title: "t", classes: (0..<rows).map { "class \($0)" },
        clusters: (0..<columns).map { "cluster with a long name \($0)" },
        counts: (0..<rows).map { row in (0..<columns).map { count(row, $0) } }))
  }

  @Test("a field for each class and cluster that have cells, and the largest forty of many")
  func confusionMaps() throws {
    // The paper and the key's 24 pieces too.
    let one = fields(try drawn(confusion(1, 1) { _, _ in 3 }))
    #expect(fields(try drawn(confusion(4, 5) { $0 + $1 + 1 })) == one + 4 * 5 - 1)
    #expect(fields(try drawn(confusion(4, 5) { $0 == 2 || $1 == 3 ? 0 : 1 })) == one + 3 * 4 - 1)
    #expect(fields(try drawn(confusion(60, 45) { $0 + $1 + 1 })) == one + 40 * 40 - 1)
    #expect(fields(try drawn(confusion(3, 3) { _, _ in 0 })) < one)
    #expect(fields(try drawn(confusion(0, 0) { _, _ in 0 })) < one)
  }

  @Test("columns of a confusion matrix have their whole names, upright, where a third is enough")
  func columnNames() throws {
    func glyphs(_ clusters: [String]) throws -> Int {
      let map = ConfusionMap(
        title: "t", classes: ["a", "b"], clusters: clusters,
        counts: [clusters.map { _ in 1 }, clusters.map { _ in 2 }])
      return try drawn(.confusion(map)).split(separator: "\n").count { $0.contains("<use") }
    }
    let short = try glyphs(["1", "2"])
    let names = ["CD14+monocytes", "CD16+monocytes"]
    #expect(try glyphs(names) == short - 2 + names.reduce(0) { $0 + $1.count })
    // Names that would take more than a third are shortened.
    let endless = names.map { String(repeating: $0, count: 9) }
    #expect(try glyphs(endless) < short + 9 * 2 * 14 - 2)
  }

  @Test("a piece of a bar for each kind that has cells")
  func sizeCharts() throws {
    func chart(_ counts: [[Int]], _ kinds: [String]) -> Panel {
      .sizes(
        SizeChart(
          title: "t", bars: counts.enumerated().map { SizeChart.Bar(name: "\($0)", counts: $1) },
          kinds: kinds))
    }
    let none = fields(try drawn(chart([], ["a"])))
    #expect(fields(try drawn(chart([[5], [0], [7]], ["a"]))) == none + 2)
    // Two squares of the key.
    #expect(fields(try drawn(chart([[5, 1], [3, 0]], ["a", "b"]))) == none + 3 + 2)
    #expect(
      fields(try drawn(chart((0..<90).map { [$0 + 1] }, ["a"]))) == none + SizeChart.limit)
    #expect(fields(try drawn(chart([[0], [0]], ["a"]))) == none)
  }

  @Test("a sheet of sizes alone is as high as its bars need")
  func sizeSheets() {
    func height(_ bars: Int) -> Double {
      let bars = (0..<bars).map { SizeChart.Bar(name: "\($0)", counts: [$0 + 1]) }
      return Sheet([.sizes(SizeChart(title: "t", bars: bars, kinds: ["a"]))], caption: "").height
    }
    #expect(height(3) == 500 && height(30) == 1200)
    #expect(height(3) < height(8) && height(8) < height(12))
  }

  private func losses(_ values: [[Double]]) -> Panel {
    .losses(
      LossChart(
        title: "t",
        phases: values.enumerated().map { number, values in
          .init(
            title: "phase \(number)", terms: [("total", values), ("half", values.map { $0 / 2 })])
        }))
  }

  /// How many open lines of three points or more an SVG has: grids have two, frames are closed.
  private func curves(_ svg: String) -> Int {
    svg.split(separator: "\n").count { line in
      (line.contains("fill:none") || line.contains("fill=\"none\"")) && !line.contains("Z")
        && line.components(separatedBy: " L ").count > 2
    }
  }

  @Test("epochs that are named stand at the ends of the axis, and values to be shown on the other")
  func namedEpochs() throws {
    let values = [0.9, 0.001, 0.5]
    func chart(_ epochs: [Int]?, _ showing: [Double]) throws -> String {
      try drawn(
        .losses(
          LossChart(
            title: "t",
            phases: [.init(title: "p", terms: [("a", values)], epochs: epochs, showing: showing)])))
    }
    let (plain, named) = (try chart(nil, []), try chart([0, 4, 1234], [0, 1]))
    #expect(curves(plain) == 1 && curves(named) == 1)
    #expect(plain != named)
    #expect(try chart([0, 4, 1234], []) != named)
    // The second state lies near the first.
    #expect(try chart([0, 4, 1234], [0, 1]) != chart([0, 617, 1234], [0, 1]))
  }

  @Test("a curve a term and phase, broken where a value is not finite; any range has an axis")
  func lossCharts() throws {
    let falling = (0..<100).map { 3 / (1 + Double($0)) }
    #expect(curves(try drawn(losses([falling]))) == 2)
    #expect(curves(try drawn(losses([falling, falling]))) == 4)
    var broken = falling
    broken[50] = .nan
    #expect(curves(try drawn(losses([broken]))) == 4)
    for values in [
      [], [0], [1], [5, 5], [-3, 2], [1e-300, 1e300], [1e300, -1e300], [0, 1e-12], [.nan],
      [.infinity, 1],
    ] as [[Double]] {
      let text = try drawn(losses([values]))
      #expect(!text.contains("nan") && !text.contains("inf"), "\(values)")
    }
    #expect(curves(try drawn(losses([]))) == 0)
  }

  @Test("curves of several runs end where they end, and stay visible below each other")
  func overlaidCurves() throws {
    func chart(_ lengths: [Int]) throws -> String {
      try drawn(
        .losses(
          LossChart(
            title: "t",
            phases: [
              .init(
                title: "p",
                curves: lengths.enumerated().map { number, length in
                  .init(
                    name: "\(number)", epochs: (0..<length).map { 4 * $0 },
                    values: (0..<length).map { 1 / Double($0 + 1) })
                })
            ])))
    }
    #expect(try curves(chart([9, 9, 4])) == 3)
    #expect(try curves(chart([])) == 0)
    // Equal ones take turns in one place; others are whole. All are equally wide.
    func marks(_ lengths: [Int]) throws -> (dashed: Int, widths: Int) {
      let text = try chart(lengths)
      let widths = text.matches(of: /stroke-width[:=]"?([\d.]+)/).map(\.1)
      return (text.matches(of: /stroke-dasharray[:=]"?\d/).count, Set(widths).count)
    }
    #expect(try marks([9, 4]).dashed == 0)
    #expect(try marks([9, 9]).dashed == 1)
    #expect(try marks([9, 9, 9, 4, 4]).dashed == 3)
    #expect(try marks([9, 9, 9, 4, 4]).widths == marks([9]).widths)
  }

  private func surface(_ values: [[Double]]) -> Panel {
    .surface(
      SurfaceMap(
        title: "t",
        columns: .init(name: "x", values: (0..<(values.first?.count ?? 0)).map { "\($0)" }),
        rows: .init(name: "y", values: values.indices.map { "\($0)" }), values: values))
  }

  @Test("a field for each pair that has a value; any range has its shades")
  func surfaces() throws {
    // The paper and the key's 24 pieces too.
    let one = fields(try drawn(surface([[0.5]])))
    #expect(fields(try drawn(surface([[1, 2, 3], [4, 5, .nan]]))) == one + 4)
    for values in [[], [[.nan]]] as [[[Double]]] {
      #expect(fields(try drawn(surface(values))) < one)
    }
    let large = (0..<60).map { row in (0..<60).map { Double(row * $0) } }
    #expect(fields(try drawn(surface(large))) == one + 3599)
    for values in [[[1e300, -1e300]], [[0, 0]], [[-0.0001, 12_345_678]], [[.infinity, 1]]] {
      let text = try drawn(surface(values))
      #expect(!text.contains("nan") && !text.contains("inf"), "\(values)")
    }
  }

  @Test("a bar for each run and figure that has a value, as many as there is room for")
  func scoreCharts() throws {
    func chart(_ means: [Double?], _ deviation: Double?) -> Panel {
      let scores = means.map { ScoreChart.Score(mean: $0, deviation: deviation) }
      return .scores(
        ScoreChart(
          title: "t", runs: means.indices.map { "run \($0)" },
          figures: [("ACC", scores), ("ARI", scores)]))
    }
    let none = fields(try drawn(chart([], nil)))
    #expect(fields(try drawn(chart([0.5, nil, -0.2], nil))) == none + 4)
    #expect(fields(try drawn(chart([0.5, .nan], 0.1))) == none + 2)
    #expect(
      fields(try drawn(chart((0..<90).map { Double($0) }, 3))) == none + 2 * ScoreChart.limit)
    for means in [[0], [1e300, -1e300], [.infinity], [1e-300]] as [[Double]] {
      let text = try drawn(chart(means, 1e300))
      #expect(!text.contains("nan") && !text.contains("inf"), "\(means)")
    }
    func height(_ runs: Int) -> Double {
      Sheet([chart((0..<runs).map { Double($0) }, nil)], caption: "").height
    }
    #expect(height(2) < height(6) && height(6) < 1200 && height(60) == 1200)
  }

  @Test("numbers have the decimals and the sign that tables give them")
  func numbers() throws {
    #expect((-0.00234).pictured == "-0.0023" && (-0.00234).fourDecimals == "-0.0023")
    #expect((-0.00001).pictured == "0.0000" && 0.81236.pictured == "0.8124")
    #expect((-12_345_678.0).pictured == "-1.23e7" && 12_345_678.0.fourDecimals == "12345678.0000")
  }

  @Test("scatter plots without legends share a key, three in a row where there are many")
  func keys() throws {
    func sheet(_ count: Int, _ names: Int) -> Sheet {
      let plot = Panel.scatter(
        ScatterPlot(
          "t", points: Matrix([[0, 0], [1, 1]]), classes: [0, names - 1],
          names: (0..<names).map { "type \($0)" }, hasLegend: false, axes: ("x", "y")))
      let key = ColorKey(
        title: "k", names: (0..<names).map { "type \($0)" },
        counts: (0..<names).map { $0 == 1 ? 0 : 3 })
      return Sheet(Array(repeating: plot, count: count) + [.key(key)], caption: "")
    }
    // Two cells a plot, and a dot a class that has cells.
    #expect(dots(try svg(sheet(5, 4))) == 5 * 2 + 3)
    #expect(dots(try svg(sheet(1, 2))) == 2 + 1)
    #expect(sheet(5, 4).height == 1200 && sheet(8, 4).height == 1800)
    #expect(try sheet(2, 900).picture(.png).count > 3000)
  }

  @Test("a key of colors without the numbers of cells")
  func keysWithoutCounts() throws {
    func glyphs(_ counts: [Int], _ countsCells: Bool) throws -> Int {
      let key = ColorKey(
        title: "k", names: ["a", "b", "c"], counts: counts, countsCells: countsCells)
      let drawn = try svg(Sheet([.key(key)], caption: ""))
      #expect(dots(drawn) == 2)
      return drawn.split(separator: "\n").count { $0.contains("<use") }
    }
    #expect(try glyphs([17, 0, 4], false) == 3)
    #expect(try glyphs([17, 0, 4], true) >= 6)
  }

  @Test("panels of all kinds share a sheet that grows with the rows")
  func sheets() throws {
    let panels = [
      confusion(3, 3) { $0 == $1 ? 9 : 1 }, losses([[3, 2, 1]]),
      .sizes(SizeChart(title: "t", bars: [], kinds: ["a"])),
    ]
    #expect(size(ofPNG: try Sheet(panels, caption: "c").picture(.png)) == [3200, 1600])
    #expect(size(ofPNG: try Sheet(panels + panels, caption: "").picture(.png)) == [3200, 2400])
    #expect(
      size(ofPNG: try Sheet(panels + panels + panels, caption: "").picture(.png)) == [3200, 3600])
    #expect(size(ofPNG: try Sheet([], caption: "").picture(.png)) == [3200, 2400])
  }
}
