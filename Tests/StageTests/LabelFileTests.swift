import CellData
import Foundation
import Tensors
import Testing

/// `--labels` with files as pandas, R and people write them.
@Suite struct LabelFileTests {
  private let shell: Shell
  private let names = SimulatedCells.barcodes
  private let kinds = (0..<SimulatedCells.cells).map { $0 % 2 == 0 ? "T cells, CD4" : "B" }

  init() throws {
    shell = try Shell()
    try shell.writeInput()
  }

  /// The labels of all cells after a run with `--labels`, and the messages.
  private func labels(_ option: String) throws -> (values: [String?], said: String) {
    let outcome = try shell.run("sc-preprocess in.st --labels '\(option)' -o out.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let column = try #require(try shell.object("out.st").obs["label"]?.classes)
    return (column.codes.map { $0 < 0 ? nil : column.names[Int($0)] }, outcome.errors)
  }

  private func table(_ line: (Int) -> String) -> String {
    names.indices.map { line($0) + "\n" }.joined()
  }

  @Test("quotes, delimiters, headers, marks, line ends and gzip")
  func forms() throws {
    let quoted = table { "\(names[$0]),\"\(kinds[$0])\"" }
    for text in [
      ",type\n" + quoted, "barcode,type\r\n" + quoted.replacing("\n", with: "\r\n"), quoted,
      "\u{FEFF}" + quoted,
      "# labels\nx;y\n" + quoted.replacing(",\"", with: ";\""),
      "type\n" + table { "\(names[$0])\t\(kinds[$0])" },
      "\"type\"\n" + table { "\"\(names[$0])\" \"\(kinds[$0])\"" },
      "a  b\n" + table { "\(names[$0])   \"\(kinds[$0])\"  " },
      table { "\(names[$0])\t\(kinds[$0])\t" },
      ",type,cell\n" + table { "\($0),\"\(kinds[$0])\",\(names[$0])" },
    ] {
      try shell.write(text, to: "l.txt")
      try shell.run("gzip -kf l.txt")
      for file in text.contains(",type,cell") ? ["l.txt:type"] : ["l.txt", "l.txt.gz"] {
        let (values, said) = try labels(file)
        #expect(values == kinds, "\(text.prefix(60))")
        #expect(said.split(separator: "\n").count == 1, "\(said)")
      }
    }
  }

  @Test("cells whose names are numbers are found beside row numbers and numeric labels")
  func numbers() throws {
    let numbers = names.indices.map { "\($0)" }
    let order = Array(names.indices.reversed())
    try shell.writeInput { $0.obs = Frame(index: numbers) }
    func rows(_ line: (Int, Int) -> String) -> String {
      order.enumerated().map { line($0, $1) + "\n" }.joined()
    }
    let parity = numbers.indices.map { "\($0 % 2)" }
    for text in [
      ",cell,type\n" + rows { "\($0),\($1),\($1 % 2)" },
      ",id,type\n" + rows { "\($0),\($1),\($1 % 2)" },
      "type,cell\n" + rows { "\($1 % 2),\($1)" },
    ] {
      try shell.write(text, to: "l.csv")
      #expect(try labels("l.csv:type").values == parity, "\(text.prefix(12))")
    }
    try shell.write("a,b,type\n" + rows { "\($1),\(($1 + 1) % order.count),x" }, to: "l.csv")
    try shell.expectBadData(
      "sc-preprocess in.st --labels l.csv:type -o no.st",
      "columns 'a' and 'b' both name the cells, but in another order")
  }

  @Test("one of several columns, by name or number")
  func columns() throws {
    try shell.write(
      ",cell,type,n\n" + table { "\($0),\(names[$0]),\"\(kinds[$0])\",7" }, to: "l.csv")
    #expect(try labels("l.csv:type").values == kinds)
    #expect(try labels("l.csv:3").values == kinds)
    try shell.write(table { "\(names[$0])\t\(kinds[$0])\t7" }, to: "plain.tsv")
    #expect(try labels("plain.tsv:2").values == kinds)
    try shell.write(table { "\(names[$0])\t\(kinds[$0])" }, to: "a:b.tsv")
    #expect(try labels("a:b.tsv").values == kinds)
    #expect(try labels("a:b.tsv:2").values == kinds)
    for (option, complaint) in [
      ("l.csv", "name one: --labels l.csv:COLUMN; there are 'type', 'n'"),
      ("l.csv:kind", "there is no column 'kind'; there are 'type', 'n'"),
      ("nosuch.csv:type", "is neither a file nor a column of obs"),
    ] {
      let outcome = try shell.run("sc-preprocess in.st --labels \(option) -o no.st")
      #expect(outcome.status == 65 && outcome.errors.contains(complaint), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("missing labels and unknown cells are counted")
  func missing() throws {
    let text = table { $0 == 0 ? "\(names[0]),NA" : $0 == 1 ? "\(names[1])," : "\(names[$0]),x" }
    try shell.write(text + "stranger,x\n", to: "l.csv")
    let (values, said) = try labels("l.csv")
    #expect(values.prefix(3) == [nil, nil, "x"])
    #expect(said.contains("2 of 120 cells have no label in l.csv"))
    #expect(said.contains("1 of 119 labels in l.csv belong to cells that are not in the input"))
  }

  @Test("what does not fit is reported with its reason")
  func refusals() throws {
    for (text, complaint) in [
      (table { "Gene\($0),x" }, "names what was read as genes"),
      (table { "\(names[$0])_2,x" }, "the names differ in their endings"),
      (table { "\(names[$0])" }, "has one column"),
      (table { "\(names[$0]),NA" }, "has no label for any"),
      ("\(names[0]),a\n\(names[0]),b\n", "line 2: 'cell-0' is labeled 'b' here and 'a' before"),
      (
        "\(names[0]),a\n\(names[1]),b\n\(names[2]),b,c\n",
        "line 3: 3 columns, where other lines have 2"
      ),
      ("", "contains none of the 120 cell names"),
    ] {
      try shell.write(text, to: "l.csv")
      let outcome = try shell.run("sc-preprocess in.st --labels l.csv -o no.st")
      #expect(outcome.status == 65 && outcome.errors.contains(complaint), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1 && !shell.exists("no.st"))
    }
  }

  @Test("a pipe gives labels too")
  func pipe() throws {
    try shell.write(table { "\(names[$0])\t\(kinds[$0])" }, to: "l.tsv")
    for command in [
      "sc-preprocess -q in.st --labels <(cat l.tsv) -o out.st",
      "cat l.tsv | sc-preprocess -q in.st --labels - -o out.st",
    ] {
      #expect(try shell.run(command).status == 0)
      #expect(try shell.object("out.st").obs["label"]?.classes?.names == ["B", "T cells, CD4"])
    }
  }
}
