import CellData
import Foundation
import Tensors
import Testing

/// sc-eval --markers-of, run as a program.
@Suite(.serialized) struct TypeTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let made = try shell.run(
      """
      sc-preprocess -q in.st --genes 90 | sc-knn -q --components 8 | sc-cluster -q --method kmeans -c 3 -o c.st
      """)
    try #require(made.status == 0, "\(made.errors)")
  }

  private func lines(_ name: String) throws -> [[String]] {
    String(decoding: try shell.data(name), as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Ten genes of each simulated type, and some that mark none.
  private static let known = [
    ("Alpha cell", 0..<10), ("Beta cell", 60..<70), ("Gamma cell", 120..<130),
  ]

  private func table(_ row: (String, String) -> String) -> String {
    Self.known.flatMap { type, genes in genes.map { row(type, "Gene\($0)") } }.joined()
  }

  @Test("clusters get the names of their types, which sc-cluster --rename reads")
  func names() throws {
    try shell.write(
      table { "\($0)\t\($1)\n" } + "Other\tGene185\nOther\tGene190\nVoid cell\tXYZ\n"
        + "\tGene7\nAlpha cell\t\n", to: "t.tsv")
    let run = try shell.run(
      """
      sc-eval c.st --markers-of t.tsv --type-scores s.tsv --type-names n.tsv --report r.html >/dev/null &&
      sc-eval -q -t 1 c.st --markers-of t.tsv --type-scores s1.tsv >/dev/null &&
      sc-cluster -q c.st --rename n.tsv -o named.st
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("--markers-of: the data has no gene of 'Void cell'"))
    #expect(
      run.errors.contains(
        "--markers-of: left out 2 lines without a type or a gene (the first is line 34)"))
    #expect(try shell.data("s.tsv") == shell.data("s1.tsv"))
    let rows = try lines("s.tsv")
    #expect(
      rows[0] == [
        "cluster", "rank", "type", "score", "margin", "deviations", "listed", "found", "genes",
      ])
    #expect(rows.count == 1 + 3 * 4)
    for place in stride(from: 1, to: rows.count, by: 4) {
      let (best, second) = (rows[place], rows[place + 1])
      #expect(best[1] == "1" && second[1] == "2" && best[6] == "10")
      let (score, next) = (try #require(Double(best[3])), try #require(Double(second[3])))
      #expect(score > 0.5 && abs(score - next - (Double(best[4]) ?? 0)) < 1e-9)
      #expect(try #require(Double(best[5])) > 2)
      let genes = best[8].split(separator: ",").map(String.init)
      let own = try #require(Self.known.first { $0.0 == best[2] }?.1)
      #expect(genes.count > 7 && genes.allSatisfy { own.contains(Int($0.dropFirst(4)) ?? -1) })
      #expect(rows[place + 3][4] == "")
    }
    let named = try shell.object("named.st")
    let clusters = try #require(named.obs["cluster"]?.classes)
    #expect(Set(clusters.names) == ["Alpha cell", "Beta cell", "Gamma cell"])
    let types = ["Alpha cell", "Beta cell", "Gamma cell"]
    let right = (0..<120).count { clusters.names[Int(clusters.codes[$0])] == types[$0 % 3] }
    #expect(right > 110)
    let page = String(decoding: try shell.data("r.html"), as: UTF8.self)
    #expect(page.contains("Types of the clusters") && page.contains("Gamma cell"))
  }

  @Test(
    "tables of all kinds give the same scores",
    arguments: [
      "gene,type", "no header", "lists", "cellmarker", "cellmarker2", "panglaodb", "lower case",
    ])
  func kinds(_ kind: String) throws {
    try shell.write("type\tgene\n" + table { "\($0)\t\($1)\n" }, to: "plain.tsv")
    let text: String
    switch kind {
    case "gene,type": text = "gene,type\n" + table { "\($1),\($0)\n" }
    case "no header": text = table { "\($0)\t\($1)\n" }
    case "lists":
      text = Self.known.map { type, genes in
        "\(type)\t\(genes.map { "Gene\($0)" }.joined(separator: ", "))\n"
      }.joined()
    case "cellmarker":
      text =
        "speciesType\ttissueType\tcellType\tcellName\tcellMarker\tgeneSymbol\n"
        + Self.known.map { type, genes in
          let names = genes.map { "Gene\($0)" }
          return
            "Human\tBlood\tNormal cell\t\(type)\tCD3\t\(names[0]), [\(names[1]), \(names[2])], \(names.dropFirst(3).joined(separator: ", ")), NA\n"
        }.joined()
    case "cellmarker2":
      text =
        "species,tissue_type,cell_name,marker,Symbol,GeneID\n"
        + table { "Human,Blood,\($0),old-\($1),\($1),7\n" }
    case "panglaodb":
      text =
        "species\tofficial gene symbol\tcell type\tnicknames\n"
        + table { "Mm Hs\t\($1)\t\($0)\tA|B\n" }
    default: text = table { "\($0)\t\($1.uppercased())\n" }
    }
    try shell.write(text, to: "other.tsv")
    let run = try shell.run(
      """
      sc-eval -q c.st --markers-of plain.tsv --type-scores a.tsv >/dev/null &&
      sc-eval -q c.st --markers-of other.tsv --type-scores b.tsv >/dev/null
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try shell.data("a.tsv") == shell.data("b.tsv"))
  }

  @Test("a table with a column for each type has the same scores as one with a line for each gene")
  func typesInColumns() throws {
    try shell.write(
      "Alpha cell,Beta cell\nGene3,Gene70\nGene5,Gene75\nGene7,\nNoGene,\n", to: "wide.csv")
    try shell.write(
      "Alpha cell,Gene3\nAlpha cell,Gene5\nAlpha cell,Gene7\nAlpha cell,NoGene\nBeta cell,Gene70\nBeta cell,Gene75\n",
      to: "long.csv")
    let run = try shell.run(
      """
      sc-eval -q c.st --markers-of wide.csv --type-scores wide.tsv > /dev/null &&
      sc-eval -q c.st --markers-of long.csv --type-scores long.tsv > /dev/null
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try lines("wide.tsv") == lines("long.tsv"))
    #expect(try lines("wide.tsv").contains { $0.contains("Beta cell") })
  }

  @Test("a type without support gives no name, and two clusters never the same one")
  func unknown() throws {
    try shell.write("Alpha cell\tGene3\nAlpha cell\tGene5\nAlpha cell\tGene7\n", to: "t.tsv")
    let run = try shell.run("sc-eval -q c.st --markers-of t.tsv --type-names n.tsv")
    #expect(run.status == 0, "\(run.errors)")
    let names = try lines("n.tsv").map { $0[1] }
    #expect(names.sorted() == ["Alpha cell", "Unknown", "Unknown 2"])
  }

  @Test("genes go by another column where that has them")
  func otherNames() throws {
    try shell.writeInput { cells in
      cells.var = Frame(index: (0..<200).map { "ENSG\($0)" })
      cells.var["gene_symbols"] = .strings((0..<200).map { "Gene\($0)" })
    }
    try shell.write(table { "\($0)\t\($1)\n" }, to: "t.tsv")
    let run = try shell.run(
      """
      sc-preprocess -q in.st --genes 90 -o p.st &&
      sc-eval -q p.st --clusters-column type --markers-of t.tsv --type-names n.tsv
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try lines("n.tsv") == [
        ["alpha", "Alpha cell"], ["beta", "Beta cell"], ["gamma", "Gamma cell"],
      ])
  }

  @Test(
    "what is no table of types is named in one line",
    arguments: [
      ("", 65, "t.tsv: names no types; write a type and a gene per line"),
      ("type\tgene\n", 65, "t.tsv: names no types below its header"),
      ("T cell\tCD3D\n", 65, "t.tsv: none of its genes, such as 'CD3D', is among the"),
      ("a\tb\tc\nx\ty\tz\n", 65, "t.tsv: it is not known which columns have types and genes"),
      ("Gene3\nGene4\n", 65, "t.tsv: "), ("a\tGene3\nb\tGene4\tGene5\n", 65, "t.tsv: "),
      ("a\tGe\0ne\n", 65, "t.tsv: "),
    ])
  func wrong(_ text: String, _ status: Int32, _ words: String) throws {
    try shell.write(text, to: "t.tsv")
    let run = try shell.run("sc-eval -q c.st --markers-of t.tsv --type-names n.tsv -o f.tsv")
    #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(!shell.exists("n.tsv") && !shell.exists("f.tsv"))
  }

  @Test(
    "options that go with nothing",
    arguments: [
      ("--markers-of t.tsv", 64, "--markers-of is for runs with --type-scores, --type-names or"),
      ("--type-scores s.tsv", 64, "--type-scores is for runs with --markers-of"),
      ("--type-names n.tsv", 64, "--type-names is for runs with --markers-of"),
      ("--markers-of t.tsv --type-names n.png", 64, "n.png"),
      ("--markers-of t.tsv --type-names t.tsv", 64, "t.tsv"),
      ("--markers-of none.tsv --type-names n.tsv", 66, "none.tsv: cannot be opened"),
      ("--markers-of t.tsv --type-names n.tsv --compare in.st", 64, "without --compare"),
    ])
  func usage(_ options: String, _ status: Int32, _ words: String) throws {
    try shell.write(table { "\($0)\t\($1)\n" }, to: "t.tsv")
    let run = try shell.run("sc-eval c.st \(options)")
    #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
    #expect(!shell.exists("n.tsv"))
  }
}
