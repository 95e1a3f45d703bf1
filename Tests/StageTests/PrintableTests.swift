import CellData
import Foundation
import Tensors
import Testing

/// Names of cells, genes, types, programs and settings may hold any characters. Text that leaves a
/// program is still one line a line, and moves no cursor.
@Suite struct PrintableTests {
  private static let evil = "a\tb\nc\u{1B}[31md\u{202E}e\u{85}f\u{7F}<g>&\u{2028}h"
  private static let shown = #"a\x09b\x0ac\x1b[31md\u{202e}e\x85f\x7f<g>&\u{2028}h"#

  private func prepared() throws -> Shell {
    let shell = try Shell()
    try shell.writeInput { cells in
      cells.obs.index[0] = Self.evil
      cells.var.index[0] = Self.evil
      cells.obs["type"] = .strings(
        (0..<120).map { $0 % 3 == 0 ? Self.evil : SimulatedCells.typeNames[$0 % 3] })
      cells.obs["same"] = cells.obs["type"]
      cells.obsm["X_pca"] = Matrix(SimulatedCells.counts.map { Array($0.prefix(120)) })
      cells.history = [
        Provenance(
          tool: Self.evil, version: Self.evil, settings: [Self.evil: "\"x\u{202E}\u{9B}\""],
          seed: 1, inputCRC: "")
      ]
    }
    return shell
  }

  /// Whether a text holds nothing that does not print but the ends of its lines and the tabs
  /// between its fields.
  private func isClean(_ text: String, allowing: String = "\n\t") -> Bool {
    text.unicodeScalars.allSatisfy { $0.isPrintable || allowing.unicodeScalars.contains($0) }
  }

  @Test("the function itself")
  func function() {
    #expect(Self.evil.printable == Self.shown)
    #expect("\u{10FFFF}\u{E000}é漢🙂".printable == #"\xff\u{e000}é漢🙂"#)
    #expect("[\"a\u{202E}\u{E0001}\",\n1]".printableJSON == #"["a\u202e\udb40\udc01", 1]"#)
  }

  @Test("tables, one field a field")
  func tables() throws {
    let shell = try prepared()
    let made = try shell.run(
      """
      sc-cluster -q in.st --method kmeans --clusters 3 --labels-out l.tsv -o c.st
      sc-eval -q c.st --labels same --clusters-column type --markers m.tsv --report r.html --plot p.svg --multiqc q.json \
        --use X_pca -o f.tsv
      """)
    #expect(made.status == 0, "\(made.errors)")
    let labels = String(decoding: try shell.data("l.tsv"), as: UTF8.self)
    #expect(isClean(labels))
    let rows = labels.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(rows.count == 122 && rows[1].hasPrefix(Self.shown + "\t"))
    let markers = String(decoding: try shell.data("m.tsv"), as: UTF8.self)
    #expect(isClean(markers) && markers.contains(Self.shown))
    #expect(markers.split(separator: "\n").allSatisfy { $0.split(separator: "\t").count == 9 })
    for name in ["r.html", "p.svg", "q.json", "f.tsv"] {
      #expect(isClean(String(decoding: try shell.data(name), as: UTF8.self)), "\(name)")
    }
  }

  @Test(
    "history and comparison",
    arguments: [
      "--history", "--history --json", "--compare c.st d.st", "--compare c.st d.st --json",
    ])
  func texts(_ options: String) throws {
    let shell = try prepared()
    let outcome = try shell.run(
      """
      sc-cluster -q in.st --method kmeans --clusters 3 -o c.st; sc-cluster -q in.st --method kmeans --clusters 4 -o d.st
      sc-eval -q \(options.hasPrefix("--history") ? "c.st" : "") \(options)
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(isClean(outcome.text), "\(outcome.text)")
    if options.hasSuffix("--json") {
      let parsed = try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]]
      if options.hasPrefix("--history") { #expect(parsed?.first?["tool"] as? String == Self.evil) }
      #expect(outcome.text.split(separator: "\n").count == 1)
    } else if options == "--history" {
      #expect(outcome.text.split(separator: "\n").count == 3 && outcome.text.contains(Self.shown))
    }
  }

  @Test("the log, in both forms", arguments: ["text", "json"])
  func log(_ format: String) throws {
    let shell = try prepared()
    let outcome = try shell.run(
      "sc-eval in.st --clusters-column type --labels same --ignore none -q --log-format \(format)")
    #expect(outcome.status == 65 && isClean(outcome.errors), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }
}
