import CellData
import Foundation
import Tensors
import Testing

/// sc-cluster --within, --merge, --rename and --tree, run as a program.
@Suite struct EditingTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput { cells in
      // Four groups: gamma has two kinds of cells.
      let counts = SimulatedCells.counts.enumerated().map { i, row in
        row.enumerated().map { j, x in j >= 180 && i % 3 == 2 && i % 2 == 0 ? x + 9 : x }
      }
      cells.x = .sparse(SparseMatrix(Matrix(counts)))
      cells.obs["leiden"] = .strings((0..<120).map { "\($0 % 3)" })
    }
    let made = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 8 | sc-cluster -q -c 3 -o clustered.st")
    try #require(made.status == 0, "\(made.errors)")
  }

  private func names(_ file: String, _ column: String = "cluster") throws -> [String] {
    try #require(try shell.object(file).obs[column]?.classes).names
  }

  private func labels(_ file: String, _ column: String = "cluster") throws -> [String] {
    let classes = try #require(try shell.object(file).obs[column]?.classes)
    return classes.codes.map { $0 < 0 ? "" : classes.names[Int($0)] }
  }

  @Test("one cluster is divided, and the others stay", arguments: ["kmeans", "leiden", "spectral"])
  func within(_ method: String) throws {
    let before = try labels("clustered.st")
    let gamma = before[2]
    let made = try shell.run(
      """
      sc-cluster clustered.st --within \(gamma) -c 2 --method \(method) -o out.st &&
      sc-cluster -q -t 3 clustered.st --within \(gamma) -c 2 --method \(method) -o threads.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("out.st") == shell.data("threads.st"))
    let after = try labels("out.st")
    #expect(try names("out.st").count == 4)
    for i in after.indices where before[i] != gamma { #expect(after[i] == before[i]) }
    let parts = Set((0..<120).filter { $0 % 3 == 2 }.map { "\(after[$0]) \($0 % 2)" })
    #expect(parts.count == 2 && parts.allSatisfy { $0.hasPrefix("\(gamma).") }, "\(parts)")
    let confidence = try #require(try shell.object("out.st").obs["confidence"]?.numbers)
    #expect(confidence.count == 120)
  }

  @Test("clusters become one, and get names")
  func mergedAndNamed() throws {
    let before = try labels("clustered.st")
    try shell.write("cluster\tname\n0\tT cells\n2\tB cells\n", to: "names.tsv")
    let made = try shell.run(
      """
      sc-cluster -q clustered.st --merge 1,0 -o merged.st &&
      sc-cluster clustered.st --rename names.tsv --labels-out l.tsv -o named.st &&
      printf '0,same\\n1,same\\n' | sc-cluster clustered.st --rename - -o same.st &&
      sc-cluster -q named.st --within 'T cells' -c 2 --method kmeans -o finer.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try names("merged.st") == ["1", "2"])
    #expect(try labels("merged.st") == before.map { $0 == "0" ? "1" : $0 })
    #expect(try names("named.st") == ["T cells", "1", "B cells"])
    #expect(try labels("named.st") == before.map { ["0": "T cells", "2": "B cells"][$0] ?? $0 })
    let confidence = try #require(try shell.object("named.st").obs["confidence"]?.numbers)
    #expect(try shell.object("clustered.st").obs["confidence"]?.numbers == confidence)
    #expect(try names("same.st") == ["same", "2"])
    #expect(made.errors.contains("2 clusters are called 'same' now and become one"))
    #expect(try names("finer.st") == ["T cells.0", "T cells.1", "1", "B cells"])
    let lines = String(decoding: try shell.data("l.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 121 && lines[1].split(separator: "\t")[0] == "cell-0")
  }

  @Test("a column of another program stays, and ours stands beside it")
  func foreignColumn() throws {
    let made = try shell.run(
      "sc-cluster clustered.st --key-added leiden --merge 0,1 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try labels("out.st", "leiden") == (0..<120).map { "\($0 % 3)" })
    #expect(try names("out.st", "leiden_sc") == ["0", "2"])
  }

  @Test("the tree has a leaf a cluster, in the file and in uns")
  func tree() throws {
    let made = try shell.run(
      """
      sc-cluster -q clustered.st --within 0 -c 2 --method kmeans --tree tree.nwk -o out.st &&
      sc-cluster -q clustered.st --method kmeans -c 3 --tree three.nwk -o three.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let text = String(decoding: try shell.data("tree.nwk"), as: UTF8.self)
    for name in ["'0.0':", "'0.1':", "'1':", "'2':"] { #expect(text.contains(name), "\(text)") }
    #expect(text.hasSuffix(";\n") && text.count { $0 == "(" } == 3)
    // The parts of one cluster are nearest to each other.
    #expect(text.contains("('0.0'") && text.contains(",'0.1'"))
    let cells = try shell.object("out.st")
    let linkage = try #require(cells.tensors["uns.dendrogram.linkage"]?.matrix(Float.self))
    #expect(linkage.rows == 3 && linkage.columns == 4)
    #expect(cells.settings["uns.dendrogram.names"] == #"["0.0","0.1","1","2"]"#)
    #expect(shell.exists("three.nwk"))
  }

  @Test("alone, --tree takes the clusters of the file, which stay as they are")
  func treeAlone() throws {
    try shell.write("0\tT cells\n1\tB cells\n", to: "names.tsv")
    let made = try shell.run(
      """
      sc-cluster -q clustered.st --rename names.tsv --tree renamed.nwk -o named.st &&
      sc-cluster named.st --tree alone.nwk --labels-out l.tsv -o out.st &&
      sc-cluster -q out.st --tree again.nwk --use X_pca -t 2 -o again.h5ad
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("the tree of the clusters in obs/cluster: 3 clusters of"))
    #expect(try shell.data("alone.nwk") == shell.data("renamed.nwk"))
    #expect(try shell.data("again.nwk") == shell.data("renamed.nwk"))
    let (before, after) = (try shell.object("named.st"), try shell.object("out.st"))
    #expect(after.obs == before.obs && after.settings == before.settings)
    #expect(try names("out.st") == ["T cells", "B cells", "2"])
    let lines = String(decoding: try shell.data("l.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 121 && lines.dropFirst().contains { $0.contains("\tT cells\t") })
  }

  @Test("the tree goes with its clusters, and each column has its own definition of confidence")
  func staleTree() throws {
    try shell.write("0\tT cells\n", to: "names.tsv")
    let made = try shell.run(
      """
      sc-cluster -q clustered.st --rename names.tsv --tree t.nwk -o tree.h5ad &&
      sc-cluster tree.h5ad --merge 1,2 -o merged.st && sc-cluster tree.h5ad --method kmeans -c 2 -o two.st &&
      sc-cluster tree.h5ad --method kmeans -c 2 --use X_pca --key-added my -o my.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let note = "removed uns/dendrogram, the tree of the earlier clusters"
    #expect(made.errors.split(separator: "\n").count { $0.contains(note) } == 2, "\(made.errors)")
    for file in ["merged.st", "two.st"] {
      #expect(try shell.object(file).settings["uns.dendrogram.names"] == nil)
    }
    let mine = try shell.object("my.st")
    #expect(mine.settings["uns.dendrogram.names"] != nil)
    #expect(mine.settings["uns.my_confidence"]?.contains("X_pca") == true)
    let before = try shell.object("two.st").settings["uns.confidence"]
    #expect(mine.settings["uns.confidence"] != nil && before != nil)
  }

  @Test("--tree finds clusters where an option, or a stage since, asks for new ones")
  func treeOfNewClusters() throws {
    try shell.write("0\tT cells\n1\tB cells\n", to: "names.tsv")
    let made = try shell.run(
      """
      sc-cluster -q clustered.st --rename names.tsv -o named.st &&
      sc-cluster -q named.st --tree a.nwk -c 2 -o two.st &&
      sc-knn -q named.st --components 8 | sc-cluster -q --tree b.nwk -o new.st &&
      sc-cluster -q named.st --key-added other --tree c.nwk -o other.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try names("two.st") == ["0", "1"])
    #expect(try !names("new.st").contains("T cells"))
    #expect(try !names("other.st", "other").contains("T cells"))
    #expect(try names("other.st") == ["T cells", "B cells", "2"])
    for file in ["a.nwk", "b.nwk", "c.nwk"] {
      let text = String(decoding: try shell.data(file), as: UTF8.self)
      #expect(text.hasSuffix(";\n") && !text.contains("T cells"), "\(file)")
    }
  }

  @Test("clusters beside a column of another program have their tree too")
  func treeBesideForeignColumn() throws {
    try shell.edit("clustered.st", as: "in2.st") { cells in
      cells.obs["cluster"] = .strings((0..<120).map { "mine \($0 % 2)" })
      cells.history.removeAll { $0.tool == "sc-cluster" }
    }
    let made = try shell.run(
      """
      sc-cluster -q in2.st -c 3 -o beside.st && sc-cluster -q beside.st --tree t.nwk -o out.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try names("out.st", "cluster_sc").count == 3)
    #expect(try names("out.st") == ["mine 0", "mine 1"])
    let text = String(decoding: try shell.data("t.nwk"), as: UTF8.self)
    #expect(text.contains("'2':") && !text.contains("mine"))
  }

  @Test("a name that the user has too is that of the clusters beside it, if sc-cluster wrote such")
  func treeOfNamedColumn() throws {
    try shell.edit("clustered.st", as: "in3.st") { cells in
      cells.obs["mine"] = .strings((0..<120).map { "mine \($0 % 2)" })
    }
    let made = try shell.run(
      """
      sc-cluster in3.st --tree mine.nwk --key-added mine -o mine.st &&
      sc-cluster -q in3.st -c 3 --key-added mine -o named.st &&
      sc-cluster named.st --tree t.nwk --key-added mine --labels-out l.tsv -o out.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("the tree of the clusters in obs/mine: 2 clusters of"))
    #expect(made.errors.contains("the tree of the clusters in obs/mine_sc: 3 clusters of"))
    #expect(try shell.object("mine.st").obs == shell.object("in3.st").obs)
    #expect(try shell.object("out.st").obs == shell.object("named.st").obs)
    let trees = try ["mine.nwk", "t.nwk"].map {
      String(decoding: try shell.data($0), as: UTF8.self)
    }
    #expect(trees[0].contains("mine 1") && !trees[1].contains("mine") && trees[1].contains("'2':"))
    #expect(try String(decoding: shell.data("l.tsv"), as: UTF8.self).contains("confidence"))
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("clustered.st --within 7", 65, "--within 7: there is no cluster '7'; there are '0', '1'"),
      ("clustered.st --merge 0,9", 65, "--merge 0,9: there is no cluster '9'; there are"),
      ("clustered.st --merge 0", 64, "'0' is invalid for '--merge"),
      ("clustered.st --merge 0,0", 64, "'0,0' is invalid for '--merge"),
      ("clustered.st --rename nothing.tsv", 66, "nothing.tsv: cannot be opened"),
      ("clustered.st --rename wrong.tsv", 65, "wrong.tsv: line 2: there is no cluster '9'"),
      (
        "clustered.st --rename first.tsv", 65,
        "first.tsv: line 1: there is no cluster 'B cell' (a header begins with 'cluster' or 'old'); there are '0', '1', '2'"
      ),
      ("clustered.st --rename number.tsv", 65, "number.tsv: line 1: there is no cluster '9'"),
      (
        "clustered.st --within 0 --method kmeans -c 1", 65,
        "--within 0: --clusters asks for one part, which divides nothing; give 2 or more"
      ),
      ("clustered.st --rename one.tsv", 65, "one.tsv: has 1 column; give two"),
      ("clustered.st --rename twice.tsv", 65, "twice.tsv: line 2: the cluster '0' appears twice"),
      ("clustered.st --rename gap.tsv", 65, "gap.tsv: line 1: the new name of '0' is missing"),
      ("in.st --merge 0,1", 65, "there is no column 'cluster' of clusters; run sc-cluster first"),
      ("clustered.st --within 0 --method sctpf", 64, "--within divides by consensus, kmeans"),
      ("clustered.st --within 0 --epochs 3", 64, "--epochs is for methods that train"),
      ("clustered.st --within 0 -c 100", 65, "100 clusters (--clusters) for"),
      (
        "clustered.st --merge 0,1 -c 3", 64,
        "--clusters is for runs that divide cells, but what changes is which clusters are one"
      ),
      ("clustered.st --merge 0,1 --epochs 3", 64, "--epochs is for methods that train"),
      ("clustered.st --merge 0,1 --tree out.st", 64, "are one file"),
      ("parts.st --within 0 -c 2", 65, "there is a cluster '0.0' already"),
    ])
  func badInput(_ options: String, _ status: Int32, _ words: String) throws {
    try shell.write("0\ta\n9\tb\n", to: "wrong.tsv")
    try shell.write("0\n1\n", to: "one.tsv")
    try shell.write("B cell\tB\n0\tT\n", to: "first.tsv")
    try shell.write("9\ta\n0\tb\n", to: "number.tsv")
    try shell.write("0\ta\n0\tb\n", to: "twice.tsv")
    try shell.write("0,\n1,b\n", to: "gap.tsv")
    try shell.write("1\t0.0\n", to: "parts.tsv")
    try shell.run("sc-cluster -q clustered.st --rename parts.tsv -o parts.st")
    let made = try shell.run("sc-cluster \(options) -o out.st")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("out.st"))
  }
}
