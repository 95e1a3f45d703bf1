import CellData
import Foundation
import Tensors
import Testing

/// sc-eval --plot, run as a program.
@Suite struct PlotTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      let types = (0..<120).map { $0 % 3 }
      cells.obs["cluster"] = .integer(Buffer(types))
      cells.obsm["X_latent"] = Matrix(
        types.enumerated().map { i, type in
          (0..<4).map { Float($0 == type ? 9 : 0) + Float((i * ($0 + 7)) % 11) / 10 }
        })
    }
  }

  @Test(
    "PNG and SVG beside the figures, with labels and without", arguments: ["", "--labels type"])
  func pictures(_ labels: String) throws {
    let plain = try shell.run("sc-eval in.st \(labels)")
    for (name, magic) in [
      ("a.png", [0x89, 0x50, 0x4E, 0x47]), ("a.SVG", Array("<?xm".utf8)),
      ("a.pdf", Array("%PDF".utf8)),
    ] {
      let outcome = try shell.run("sc-eval in.st \(labels) --plot \(name)")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output == plain.output)
      let picture = try shell.data(name)
      #expect(picture.starts(with: magic) && picture.count > 5000)
    }
    let header = try shell.data("a.png").dropFirst(16).prefix(8)
    // 3,200 × 2,400: two pixels a unit.
    #expect(Array(header) == [0, 0, 12, 128, 0, 0, 9, 96])
    #expect(try shell.leftovers.isEmpty)
  }

  @Test("the threads change no byte, the seed does", arguments: ["png", "svg", "pdf", "html"])
  func repeatable(_ format: String) throws {
    let options = "in.st --labels type --plot"
    try shell.run("sc-eval -t 1 \(options) 1.\(format); sc-eval -t 2 \(options) 2.\(format)")
    #expect(try shell.data("1.\(format)") == shell.data("2.\(format)"))
    try shell.run("sc-eval --seed 5 \(options) 3.\(format)")
    #expect(try shell.data("1.\(format)") != shell.data("3.\(format)"))
  }

  @Test("what cannot be drawn or written is reported, and nothing is left")
  func failures() throws {
    try FileManager.default.createSymbolicLink(
      atPath: shell.url("full.png").path, withDestinationPath: "/dev/full")
    try FileManager.default.createDirectory(
      at: shell.url("folder.svg"), withIntermediateDirectories: true)
    for (options, status, complaint) in [
      ("--plot a.jpg", 64, "a.jpg: name a file that ends in .png, .svg, .pdf or .html"),
      ("--plot -", 64, "--plot and -o both go to standard output"),
      ("--plot a.png --history", 64, "without --history"),
      ("--plot missing/a.png", 73, "cannot create a file in missing"),
      ("--plot folder.svg", 73, "is a folder"), ("--plot full.png", 74, "No space left"),
      ("--plot a.png --use X_none", 65, "X_none"),
      ("--plot a.png --figures confusion", 65, "confusion needs --labels"),
      ("--plot a.png --figures confidence", 65, "confidence needs --labels and obs/confidence"),
      ("--figures sizes", 64, "--figures is for runs with --plot"),
      ("--plot a.png --layout umap --layout-from graph", 65, "no graph 'connectivities'"),
      ("--layout-from graph --plot a.png", 64, "is for a UMAP"),
      ("--min-dist 0.1 --plot a.png", 64, "is for a UMAP"),
      ("--layout umap --perplexity 9 --plot a.png", 64, "is for a t-SNE"),
      ("--min-dist 2", 64, "from 0 to 1"), ("--perplexity 0", 64, "from 1 to 1,000"),
      ("--plot a.png -o a.png", 64, "the ending .png is not known"),
    ] as [(String, Int32, String)] {
      let outcome = try shell.run("sc-eval in.st \(options)")
      #expect(outcome.status == status, "\(options): \(outcome.errors)")
      #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    let limited = try shell.run("ulimit -f 8; sc-eval in.st --plot a.png")
    #expect(limited.status == 74 && limited.errors.contains("a.png: "))
    #expect(try !shell.exists("a.png") && shell.leftovers.isEmpty)
    try shell.writeInput { $0.obs["cluster"] = .integer(Buffer(repeating: 0, count: 120)) }
    let without = try shell.run("sc-eval in.st --plot a.png")
    #expect(without.status == 65 && without.errors.contains("no embedding 'X_latent' to draw"))
  }

  @Test("cells without a cluster or label are drawn in grey; one cluster is enough")
  func holes() throws {
    try shell.writeInput { cells in
      let codes = (0..<120).map { Int32($0 % 5) - 1 }
      cells.obs["some"] = .categorical(
        Categories(codes: Buffer(codes), names: ["a", "b", "c", "d"]))
      cells.obs["same"] = cells.obs["some"]
      cells.obsm["X_latent"] = Matrix(repeating: 1, rows: 120, columns: 1)
    }
    let outcome = try shell.run("sc-eval in.st --clusters-column some --labels same --plot a.svg")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(String(decoding: try shell.data("a.svg"), as: UTF8.self).contains("85.09"))
  }

  @Test("genes and columns on the layout, genes of the clusters, clusters of the samples")
  func genes() throws {
    try shell.run("sc-preprocess -q in.st --genes 100 -o p.st")
    var cells = try shell.object("p.st")
    cells.obs["sample"] = .strings((0..<120).map { $0 < 40 ? "a" : "b" })
    try shell.write(cells, to: "p.st")
    let gene = cells.var.index[0]
    let made = try shell.run(
      """
      sc-eval p.st --plot one.svg --figures layout &&
      sc-eval p.st --plot all.svg --color \(gene) n_counts sample &&
      sc-eval p.st --plot dots.svg --figures dotplot &&
      sc-eval p.st --plot violins.svg --figures violin &&
      sc-eval p.st --plot heat.svg --figures heatmap &&
      sc-eval p.st --plot shares.svg --figures composition &&
      sc-eval p.st --plot types.svg --figures composition --batch-key type
      """)
    #expect(made.status == 0, "\(made.errors)")
    func svg(_ name: String) throws -> String {
      String(decoding: try shell.data(name), as: UTF8.self)
    }
    func dots(_ name: String) throws -> Int {
      try svg(name).split(separator: "\n").count { $0.contains("stroke-linecap:round") }
    }
    let legend = try dots("one.svg") - 120
    #expect(legend == 3)
    // Four layouts; the samples have a legend of two.
    #expect(try dots("all.svg") == 4 * 120 + 3 + 2)
    #expect(try dots("dots.svg") > 3 * 3)
    func fields(_ name: String) throws -> Int {
      try svg(name).split(separator: "\n").count { $0.contains("fill-rule") }
    }
    // Two genes of each of three clusters.
    #expect(try fields("violins.svg") >= 6 * 3)
    #expect(try fields("heat.svg") > 300)
    #expect(try svg("shares.svg") != svg("types.svg"))
  }

  @Test("components, silhouettes, tree and types of the clusters; genes of the branches")
  func structure() throws {
    let made = try shell.run(
      """
      sc-preprocess -q in.st --genes 100 | sc-knn -q --components 5 -o p.st &&
      sc-eval p.st --use X_pca --labels type --plot all.svg \
        --figures scree silhouette tree alluvial &&
      sc-eval p.st --use X_pca --plot tree.svg --figures tree &&
      sc-eval p.st --use X_pca --branch-genes genes.tsv --marker-count 3
      """)
    #expect(made.status == 0 && !made.errors.contains("draws nothing"), "\(made.errors)")
    let lines = String(decoding: try shell.data("genes.tsv"), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t").map(String.init) }
    let nodes = Set(lines.dropFirst().map { $0[0] })
    #expect(nodes == ["1", "2"] && lines[0][2...3] == ["branch", "sibling"])
    for line in lines.dropFirst() {
      // Higher in the branch, and at most three of each.
      #expect(line.count == 12 && (Double(line[6]) ?? 0) > 0 && (Double(line[8]) ?? 1) <= 0.05)
      #expect((1...3).contains(Int(line[4]) ?? 0))
    }
    for (options, status, words) in [
      (
        "in.st --plot a.png --figures scree", 65,
        "there is nothing to draw (--figures): scree needs "
      ),
      (
        "in.st --plot a.png --figures sizes alluvial", 0,
        "alluvial draws nothing: it needs --labels"
      ),
      ("p.st --branch-genes a.tsv --use X_none", 65, "X_none"),
      ("p.st --branch-genes a.png", 64, "branch-genes"),
      ("p.st --plot a.png --figures tree --compare p.st", 64, "is for one run"),
    ] as [(String, Int32, String)] {
      let outcome = try shell.run("sc-eval --clusters-column type \(options)")
      #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test(
    "a color that is nothing, and what goes with no picture",
    arguments: [
      ("--plot a.png --color nothing", 65, "--color nothing: is neither a column of obs nor one"),
      ("--color cluster", 64, "--color is for runs with --plot"),
      ("--plot a.html --color cluster", 64, "--color is for pictures"),
      ("--plot a.png --color cluster --compare in.st", 64, "--color is for runs without --compare"),
      ("--plot a.png --figures composition", 65, "composition needs --batch-key"),
      ("--plot a.png --figures dotplot --compare in.st", 64, "--figures dotplot is for one run"),
      ("--plot a.png --figures violin --compare in.st", 64, "--figures violin is for one run"),
      ("--plot a.png --figures composition --batch-key no", 65, "there is no column 'no'"),
    ])
  func wrongColors(_ options: String, _ status: Int32, _ words: String) throws {
    let made = try shell.run("sc-eval in.st \(options)")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("a.png") && !shell.exists("a.html"))
  }
}
