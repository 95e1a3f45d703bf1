import Plots
import Tensors
import TestSupport
import Testing

@Suite struct ScatterPlotTests {
  private func plot(
    _ points: Matrix<Double>, names: [String], classes: [Int]? = nil, panels: Int = 1
  ) -> ScatterPlot {
    let classes = classes ?? (0..<points.rows).map { names.isEmpty ? -1 : $0 % names.count }
    let panel = ScatterPlot.Panel(title: "Title", classes: classes, names: names, isLabeled: true)
    return ScatterPlot(
      points, panels: Array(repeating: panel, count: panels), axes: ("x", "y"), caption: "caption")
  }

  /// Width and height in a PNG's header.
  private func size(_ png: [UInt8]) -> [Int] {
    [16, 20].map { start in png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
  }

  /// How many dots an SVG has: lines with round ends.
  private func dots(_ svg: [UInt8]) -> Int {
    String(decoding: svg, as: UTF8.self).split(separator: "\n").count {
      $0.contains("stroke-linecap:round") || $0.contains("stroke-linecap=\"round\"")
    }
  }

  @Test(
    "PNG, the same bytes on every call, and SVG (where cairo counts its objects through the process)"
  )
  func formats() throws {
    let plot = plot(randomMatrix(50, 2, seed: 1), names: ["a", "b"])
    let png = try plot.picture(.png)
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(size(png) == [1600, 1000] && png.count > 10_000)
    #expect(try plot.picture(.png) == png)
    let svg = try plot.picture(.svg)
    let text = String(decoding: svg, as: UTF8.self)
    #expect(text.hasPrefix("<?xml") && text.hasSuffix("</svg>\n"))
    #expect(dots(svg) == 52)
    let two = try self.plot(randomMatrix(50, 2, seed: 1), names: ["a"], panels: 2).picture(.png)
    #expect(size(two) == [2500, 1000])
  }

  @Test("places that are not finite are not drawn; huge ones are")
  func notFinite() throws {
    var points = randomMatrix(20, 2, seed: 2)
    let all = try dots(plot(points, names: ["a"]).picture(.svg))
    points[3, 0] = .nan
    points[4, 1] = .infinity
    #expect(try dots(plot(points, names: ["a"]).picture(.svg)) == all - 2)
    points[5, 0] = 1e308
    points[6, 0] = -1e308
    let huge = try plot(points, names: ["a"]).picture(.svg)
    let text = String(decoding: huge, as: UTF8.self)
    #expect(dots(huge) == all - 2 && !text.contains("nan") && !text.contains("inf"))
  }

  @Test("no cells, one cell, equal cells, cells without a class", arguments: [0, 1, 30])
  func degenerate(_ count: Int) throws {
    let points = Matrix<Double>.zeros(count, 2)
    for classes in [Array(repeating: -1, count: count), Array(repeating: 0, count: count)] {
      let plot = plot(points, names: ["only"], classes: classes)
      #expect(try plot.picture(.png).count > 1000)
      #expect(try dots(plot.picture(.svg)) == count + min(1, count))
    }
  }

  @Test("many classes and odd names")
  func oddNames() throws {
    let odd = [
      "", "<&\"'>", "a\u{0}b\nc", "\u{202E}reversed", String(repeating: "long ", count: 5000),
      "細胞 😀",
    ]
    for names in [odd, (0..<45).map { "class number \($0)" }, (0..<300).map(String.init)] {
      let points = randomMatrix(600, 2, seed: 3)
      #expect(try plot(points, names: names).picture(.png).count > 10_000)
      #expect(try plot(points, names: names).picture(.svg).count > 10_000)
    }
  }

  @Test("names are shortened to their space, in characters that print")
  func shortening() {
    func width(_ text: String) -> Double { Double(text.count) }
    #expect("abc".shortened(to: 3, width: width) == "abc")
    #expect("abcdef".shortened(to: 4, width: width) == "abc…")
    #expect("ab cdef".shortened(to: 4, width: width) == "ab…")
    #expect("a\nb\u{202E}".shortened(to: 40, width: width) == "a\\u{a}b\\u{202e}")
    #expect(String(repeating: "é", count: 9999).shortened(to: 10, width: width).count == 10)
    #expect("abc".shortened(to: 0, width: width) == "…")
  }

  @Test("a legend fits its space; more classes get smaller letters and a second column")
  func legend() {
    let space = Legend.Space(x: 0, y: 0, width: 300, height: 800)
    var last = Double.infinity
    for count in [0, 1, 8, 25, 40, 70, 500] {
      let legend = Legend(count: count, in: space)
      #expect(legend.fontSize <= 24 && legend.fontSize >= 14)
      #expect(legend.columns == (count <= 29 ? 1 : 2), "\(count)")
      let lines = (legend.shown + legend.columns - 1) / legend.columns
      #expect(Double(lines) * legend.fontSize * 1.5 <= 800)
      #expect(count <= 70 ? legend.shown == count : legend.shown == 75)
      if legend.columns == 1 { #expect(legend.fontSize <= last) }
      last = legend.fontSize
    }
  }
}
