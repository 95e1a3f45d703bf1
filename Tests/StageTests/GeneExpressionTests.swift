import CellData
import Foundation
import Tensors
import Testing

/// The values that genes are ranked in, whatever form they have in the file.
@Suite struct GeneExpressionTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// `scale` times the counts, each cell divided by its sum over their median. (120, 200)
  private static func normalized(_ scale: Double = 1) -> [[Double]] {
    let sums = SimulatedCells.counts.map { row in row.reduce(0.0) { $0 + Double($1) } }
    let sorted = sums.sorted()
    let middle = (sorted[59] + sorted[60]) / 2
    return zip(SimulatedCells.counts, sums).map { row, sum in
      row.map { scale * Double($0) / (sum / middle) }
    }
  }

  /// Natural logarithms of 1 + these.
  private static func logarithms(_ scale: Double = 1) -> [[Double]] {
    normalized(scale).map { $0.map { log1p($0) } }
  }

  private static func matrix(_ values: [[Double]]) -> MatrixValues {
    .dense(Matrix(values.map { $0.map { Float($0) } }))
  }

  /// The log2 fold change of every gene of every cluster, from cells with this X and the result of
  /// `change` for them, and the messages.
  private func foldChanges(
    _ x: [[Double]], _ change: (inout CellData) -> Void = { _ in }
  ) throws -> (values: [String: Double], errors: String) {
    try shell.writeInput { cells in
      cells.x = Self.matrix(x)
      change(&cells)
    }
    let made = try shell.run("sc-eval in.st --clusters-column type --markers m.tsv")
    try #require(made.status == 0, "\(made.errors)")
    let lines = String(decoding: try shell.data("m.tsv"), as: UTF8.self).split(separator: "\n")
    let fields = lines.dropFirst().map { $0.split(separator: "\t").map(String.init) }
    let pairs = fields.map { ("\($0[0]) \($0[2])", Double($0[6]) ?? .nan) }
    return (Dictionary(uniqueKeysWithValues: pairs), made.errors)
  }

  private func expectSame(
    _ values: [String: Double], as expected: [String: Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isSame =
      values.count == expected.count
      && values.allSatisfy { abs($0.value - (expected[$0.key] ?? .nan)) < 1e-3 }
    #expect(isSame, sourceLocation: sourceLocation)
  }

  @Test("counts in X are normalized and get a logarithm")
  func counts() throws {
    let expected = try foldChanges(Self.logarithms())
    #expect(expected.values.count == 600 && !expected.errors.contains("X has"))
    let found = try foldChanges(SimulatedCells.counts.map { $0.map { Double($0) } })
    expectSame(found.values, as: expected.values)
    #expect(
      found.errors.contains("X holds counts: their log-normalized values are used"),
      "\(found.errors)")
  }

  @Test("normalized values without a logarithm get one")
  func linear() throws {
    let expected = try foldChanges(Self.logarithms(10))
    let found = try foldChanges(Self.normalized(10))
    expectSame(found.values, as: expected.values)
    #expect(found.errors.contains("which are no logarithms"), "\(found.errors)")
  }

  @Test("logarithms to the base in uns/log1p/base become natural ones, in X and in raw")
  func bases() throws {
    let expected = try foldChanges(Self.logarithms())
    let binary = Self.logarithms().map { $0.map { $0 / log(2) } }
    let found = try foldChanges(binary) { $0.settings["uns.log1p.base"] = "2" }
    expectSame(found.values, as: expected.values)
    #expect(found.errors.contains("X has logarithms to base 2"), "\(found.errors)")
    let raw = try foldChanges(binary.map { $0.map { $0 - 1 } }) { cells in
      cells.settings["uns.log1p.base"] = "2"
      cells.raw = RawValues(x: Self.matrix(binary), var: cells.var)
    }
    expectSame(raw.values, as: expected.values)
    #expect(raw.errors.contains("raw has logarithms to base 2"), "\(raw.errors)")
    let natural = try foldChanges(Self.logarithms()) { $0.settings["uns.log1p.base"] = "null" }
    #expect(natural.values == expected.values && !natural.errors.contains("base"))
  }

  @Test("of scaled cells, raw of the same genes is read, else layers/counts")
  func scaled() throws {
    let expected = try foldChanges(Self.logarithms())
    let scaled = Self.logarithms().map { $0.map { $0 - 0.7 } }
    let raw = try foldChanges(scaled) { cells in
      cells.raw = RawValues(x: Self.matrix(Self.logarithms()), var: cells.var)
    }
    #expect(raw.values == expected.values)
    #expect(raw.errors.contains("genes are read from raw"), "\(raw.errors)")
    let layer = try foldChanges(scaled) { cells in
      cells.layers["counts"] = .dense(Matrix(SimulatedCells.counts))
    }
    expectSame(layer.values, as: expected.values)
    #expect(layer.errors.contains("genes are read from layers/counts"), "\(layer.errors)")
  }

  @Test("scaled values alone are refused, and a page does without")
  func refused() throws {
    try shell.writeInput { cells in
      cells.x = Self.matrix(Self.logarithms().map { $0.map { $0 - 0.7 } })
    }
    try shell.write("type,gene\nalpha,Gene1\nbeta,Gene70\n", to: "t.csv")
    for option in [
      "--markers m.tsv", "--plot d.svg --figures dotplot", "--markers-of t.csv --type-scores m.tsv",
    ] {
      let refused = try shell.run("sc-eval in.st --clusters-column type \(option)")
      #expect(refused.status == 65 && refused.output.isEmpty, "\(option): \(refused.errors)")
      #expect(refused.errors.contains("X has negative values, as scaled data have"))
      #expect(!shell.exists("m.tsv") && !shell.exists("d.svg"))
    }
    let page = try shell.run("sc-eval in.st --clusters-column type --report r.html")
    #expect(page.status == 0 && page.errors.contains("no genes are ranked"), "\(page.errors)")
  }
}
