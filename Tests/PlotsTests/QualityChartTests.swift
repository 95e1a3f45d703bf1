import Plots
import Testing

/// Histograms, and one value of every cell against another.
@Suite struct QualityChartTests {
  private func fields(_ svg: String) -> Int {
    svg.split(separator: "\n").count { $0.contains("fill-rule") }
  }

  private func drawn(_ panel: Panel) throws -> String {
    #expect(try Sheet([panel], caption: "").picture(.png).count > 3000)
    return try svg(Sheet([panel], caption: ""))
  }

  private func histogram(_ values: [Double], _ kinds: [Int], _ names: [String]) -> Panel {
    .histogram(
      Histogram(
        title: "t", axis: "value", values: values, kinds: kinds, names: names, marks: [2, .nan]))
  }

  @Test("a field for each bar and kind that have cells")
  func histograms() throws {
    let none = fields(try drawn(histogram([], [], ["kept"])))
    #expect(fields(try drawn(histogram([5], [0], ["kept"]))) == none + 1)
    #expect(
      fields(try drawn(histogram([1, 1, 2, 4, .nan], [0, 0, 0, 0, 0], ["kept"]))) == none + 3)
    // Two squares of the key; the bar at 4 has both kinds.
    let both = histogram([1, 2, 4, 4], [0, 0, 0, 1], ["kept", "dropped"])
    #expect(fields(try drawn(both)) == none + 4 + 2)
    #expect(fields(try drawn(histogram([0, 0], [0, 0], ["kept"]))) == none + 1)
    let wide = try drawn(histogram([1, 1e5], [0, 0], ["kept"]))
    #expect(fields(wide) == none + 2)
  }

  @Test("a dot for each cell with both values")
  func points() throws {
    func chart(_ xs: [Double], _ ys: [Double]) -> Panel {
      .points(
        PointChart(
          title: "t", x: .init(name: "x", values: xs), y: .init(name: "y", values: ys),
          kinds: xs.indices.map { $0 % 2 }, names: ["kept", "dropped"]))
    }
    #expect(dots(try drawn(chart([1, 2, 3], [1, .infinity, 3]))) == 2)
    #expect(dots(try drawn(chart([], []))) == 0)
    #expect(dots(try drawn(chart([0, 0], [0, 0]))) == 2)
  }
}
