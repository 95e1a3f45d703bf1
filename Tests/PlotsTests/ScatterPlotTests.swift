import Plots
import Tensors
import TestSupport
import Testing

@Suite struct ScatterPlotTests {
  private func sheet(
    _ points: Matrix<Double>, names: [String], classes: [Int]? = nil, panels: Int = 1
  ) -> Sheet {
    let classes = classes ?? (0..<points.rows).map { names.isEmpty ? -1 : $0 % names.count }
    let plot = ScatterPlot(
      "Title", points: points, classes: classes, names: names, isLabeled: true, axes: ("x", "y"))
    return Sheet(Array(repeating: .scatter(plot), count: panels), caption: "caption")
  }

  @Test(
    "PNG and PDF, the same bytes on every call, and SVG (where cairo counts its objects through the process)"
  )
  func formats() throws {
    let sheet = sheet(randomMatrix(50, 2, seed: 1), names: ["a", "b"])
    let png = try sheet.picture(.png)
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(size(ofPNG: png) == [3200, 2400] && png.count > 10_000)
    #expect(try sheet.picture(.png) == png)
    let svg = String(decoding: try sheet.picture(.svg), as: UTF8.self)
    #expect(svg.hasPrefix("<?xml") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("viewBox=\"0 0 1600 1200\""))
    #expect(dots(svg) == 52)
    let pdf = try sheet.picture(.pdf)
    #expect(pdf.starts(with: Array("%PDF".utf8)) && pdf.count > 2000)
    #expect(try sheet.picture(.pdf) == pdf)
    let two = try self.sheet(randomMatrix(50, 2, seed: 1), names: ["a"], panels: 2).picture(.png)
    #expect(size(ofPNG: two) == [3200, 1600])
  }

  @Test("places that are not finite are not drawn; huge ones are")
  func notFinite() throws {
    var points = randomMatrix(20, 2, seed: 2)
    let all = try dots(svg(sheet(points, names: ["a"])))
    points[3, 0] = .nan
    points[4, 1] = .infinity
    #expect(try dots(svg(sheet(points, names: ["a"]))) == all - 2)
    points[5, 0] = 1e308
    points[6, 0] = -1e308
    let huge = try svg(sheet(points, names: ["a"]))
    #expect(dots(huge) == all - 2 && !huge.contains("nan") && !huge.contains("inf"))
  }

  @Test("no cells, one cell, equal cells, cells without a class", arguments: [0, 1, 30])
  func degenerate(_ count: Int) throws {
    let points = Matrix<Double>.zeros(count, 2)
    for classes in [Array(repeating: -1, count: count), Array(repeating: 0, count: count)] {
      let sheet = sheet(points, names: ["only"], classes: classes)
      #expect(try sheet.picture(.png).count > 1000)
      #expect(try dots(svg(sheet)) == count + min(1, count))
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
      #expect(try sheet(points, names: names).picture(.png).count > 10_000)
      #expect(try sheet(points, names: names, panels: 2).picture(.svg).count > 10_000)
    }
  }

  @Test("names are shortened to their space, in characters that print")
  func shortening() {
    func width(_ text: String) -> Double { Double(text.count) }
    #expect("abc".shortened(to: 3, width: width) == "abc")
    #expect("abcdef".shortened(to: 4, width: width) == "abc…")
    #expect("ab cdef".shortened(to: 4, width: width) == "ab…")
    #expect("a\nb\u{202E}".shortened(to: 40, width: width) == "a\\x0ab\\u{202e}")
    #expect(String(repeating: "é", count: 9999).shortened(to: 10, width: width).count == 10)
    #expect("abc".shortened(to: 0, width: width) == "…")
    #expect("monocyte 1".shortenedInside(to: 10, width: width) == "monocyte 1")
    #expect("monocyte 12".shortenedInside(to: 8, width: width) == "mono… 12")
    #expect("abc".shortenedInside(to: 0, width: width) == "…")
  }

  @Test("long names that share their beginnings and ends stay distinct, and within their space")
  func distinctShortening() {
    func width(_ text: String) -> Double { Double(text.count) }
    let types = (0..<16).map {
      "kidney proximal tubule epithelial cell, segment \($0), of the adult renal cortex"
    }
    for limit in [12.0, 20, 40] {
      let short = types.shortenedApart(to: limit, width: width)
      #expect(Set(short).count == 16, "\(short)")
      #expect(short.allSatisfy { width($0) <= limit }, "\(short)")
    }
    #expect(
      ["long name a of kin", "long name b of kin"].shortenedApart(to: 9, width: width)
        == ["lon…a…kin", "lon…b…kin"])
    // Groups that differ inside, and again inside.
    let nested = ["x", "y"].flatMap { outer in
      ["1", "2"].map { "shared beginning \(outer) and middle \($0) and the shared end" }
    }
    #expect(Set(nested.shortenedApart(to: 24, width: width)).count == 4)
    #expect(["abc", "abc", "b"].shortenedApart(to: 5, width: width) == ["abc", "abc", "b"])
    #expect(["abc", "xyz"].shortenedApart(to: 0, width: width) == ["…", "…"])
    #expect(["9", "10", "11"].shortenedApart(to: 1, width: width) == ["9", "10", "11"])
  }

  @Test("a legend fits its space; more classes get smaller letters and a second column")
  func legend() {
    let space = Legend.Space(x: 0, y: 0, width: 300, height: 480)
    var last = Double.infinity
    for count in [0, 1, 8, 20, 30, 31, 40, 60, 500] {
      let legend = Legend(count: count, in: space)
      #expect(legend.fontSize <= 24 && legend.fontSize >= 11)
      #expect(legend.columns == (count <= 31 ? 1 : 2), "\(count)")
      let lines = (legend.shown + legend.columns - 1) / legend.columns
      #expect(Double(lines) * legend.fontSize * 1.4 <= 480.001)
      #expect(count <= 60 ? legend.shown == count : legend.shown == 61)
      if legend.columns == 1 { #expect(legend.fontSize <= last) }
      last = legend.fontSize
    }
  }
}
