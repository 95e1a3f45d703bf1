import CellData
import Foundation
import Tensors
import Testing

/// sc-cluster --reference, run as a program.
@Suite(.serialized) struct MappingTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// The simulated cells named, with a change.
  private func write(
    _ name: String, cells rows: [Int], _ change: (inout CellData) -> Void = { _ in }
  ) throws {
    var cells = CellData(
      obs: Frame(index: rows.map { SimulatedCells.barcodes[$0] }),
      var: Frame(index: SimulatedCells.geneNames),
      x: .sparse(SparseMatrix(Matrix(rows.map { SimulatedCells.counts[$0] }))))
    cells.obs["type"] = .strings(rows.map { SimulatedCells.typeNames[$0 % 3] })
    change(&cells)
    try shell.write(cells, to: name)
  }

  private func train(model: String = "sctpf", cells: [Int] = Array(0..<80)) throws {
    try write("reference.st", cells: cells)
    let types = Set(cells.map { $0 % 3 }).count
    let made = try shell.run(
      "sc-preprocess -q reference.st --genes 120 | sc-knn -q --components 8 | sc-pretrain -q --model \(model) --models 1 --epochs 12 | sc-cluster -q -c \(types) --epochs 4 -o trained.st"
    )
    try #require(made.status == 0, "\(made.errors)")
  }

  @Test(
    "new cells get the clusters and types of cells like them",
    arguments: ["sctpf", "sctag", "scdsc", "scdeepcluster", "sczidesk", "desc", "scemc --rna-only"])
  func mapped(_ model: String) throws {
    try train(model: model)
    try write("new.st", cells: Array(80..<120)) { cells in
      // Other genes and another order do not matter.
      cells.x = cells.x?.selectingColumns(Array(0..<195))
      cells.var = Frame(index: Array(SimulatedCells.geneNames.prefix(195)))
    }
    let made = try shell.run(
      """
      sc-cluster --reference trained.st new.st --labels-out mapped.tsv -o mapped.st &&
      sc-cluster -q -t 3 --reference trained.st new.st -o threads.st &&
      sc-cluster --reference trained.st new.st --transfer type --key-added kind -o kinds.st &&
      sc-cluster -q --reference trained.st new.st --transfer type --use X_pca -o pca.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      made.errors.contains("genes are missing; they get the mean of the reference"),
      "\(made.errors)")
    #expect(made.errors.contains("40 cells mapped onto 3 of 3 clusters of trained.st"))
    #expect(made.errors.contains("3 classes of obs/type in trained.st"), "\(made.errors)")
    #expect(try shell.data("mapped.st") == shell.data("threads.st"))
    let cells = try shell.object("mapped.st")
    #expect(cells.geneCount == 195 && cells.obsm["X_latent"]?.rows == 40)
    let clusters = try #require(cells.obs["cluster"]?.classes)
    #expect(clusters.names == ["0", "1", "2"])
    let pairs = Set((0..<40).map { "\(clusters.codes[$0]) \(($0 + 80) % 3)" })
    #expect(pairs.count == 3, "\(pairs)")
    for name in ["confidence", "votes"] {
      let values = try #require(cells.obs[name]?.numbers)
      #expect(values.allSatisfy { (0...1).contains($0) })
    }
    let novel = try #require(cells.obs["novel"]?.numbers)
    #expect(novel.reduce(0, +) <= 4)
    let kinds = try shell.object("kinds.st").obs
    #expect(try #require(kinds["kind"]?.classes).names == SimulatedCells.typeNames)
    #expect(kinds["kind_novel"] != nil && kinds["cluster"] == nil)
    let types = try shell.object("pca.st")
    let found = try #require(types.obs["cluster"]?.classes)
    #expect((0..<40).allSatisfy { Int(found.codes[$0]) == ($0 + 80) % 3 })
    #expect(types.obsm["X_latent"] == nil && types.obsm["X_pca"] != nil)
    let lines = String(decoding: try shell.data("mapped.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 41 && lines[0] == "barcode\tcluster\tconfidence\tvotes\tnovel")
  }

  @Test("classes of the reference that have no cell are neither counted nor written")
  func unusedClasses() throws {
    try train()
    try write("new.st", cells: Array(80..<120))
    try shell.edit("trained.st", as: "unused.st") { cells in
      guard let types = cells.obs["type"]?.classes else { return }
      cells.obs["type"] = .categorical(
        Categories(codes: Buffer(types.codes.map { $0 + 1 }), names: ["absent"] + types.names))
      cells.settings["uns.type_colors"] = ##"["#000000","#111111","#222222","#333333"]"##
    }
    let made = try shell.run(
      "sc-cluster --reference unused.st new.st --transfer type --use X_pca -o mapped.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("onto 3 of 3 classes of obs/type in unused.st"), "\(made.errors)")
    let cells = try shell.object("mapped.st")
    #expect(try #require(cells.obs["cluster"]?.classes).names == SimulatedCells.typeNames)
    #expect(cells.settings["uns.cluster_colors"] == ##"["#111111","#222222","#333333"]"##)
  }

  @Test("a type that the reference has not is novel")
  func novelType() throws {
    try train(cells: (0..<120).filter { $0 % 3 != 2 && $0 < 90 })
    try write("new.st", cells: (0..<120).filter { $0 % 3 == 2 || $0 >= 90 })
    let made = try shell.run("sc-cluster --reference trained.st new.st -o mapped.st")
    #expect(made.status == 0 && made.errors.contains("most cells are novel"), "\(made.errors)")
    let cells = try shell.object("mapped.st")
    let novel = try #require(cells.obs["novel"]?.numbers)
    let isNew = try #require(cells.obs["type"]?.classes).codes.map { $0 == 2 }
    #expect(zip(novel, isNew).count { $0 == 1 && $1 } >= 36)
    #expect(zip(novel, isNew).count { $0 == 1 && !$1 } <= 2)
  }

  @Test("genes are known by another column of names too")
  func otherNames() throws {
    try train()
    try write("new.st", cells: Array(80..<120)) { cells in
      cells.var = Frame(index: (0..<200).map { "ENSG\($0)" })
      cells.var["symbol"] = .strings(SimulatedCells.geneNames)
    }
    let made = try shell.run("sc-cluster --reference trained.st new.st -o mapped.st")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("genes of the reference were found, matched by var/symbol"))
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("other.st", 65, "its genes are called 'Gene"),
      ("few.st", 65, "genes are among the 30 of the input; give the file with all genes\n"),
      ("logs.st", 65, "neither layers/counts nor X nor raw holds counts"),
      ("empty.st", 65, "cell cell-81 has no counts"),
      ("new.st --transfer nothing", 65, "trained.st: there is no column 'nothing' (--transfer)"),
      ("new.st --use X_umap", 64, "--use X_umap: cells are mapped in X_latent"),
      ("new.st -c 3", 64, "--clusters is for runs without --reference"),
      ("new.st --method kmeans", 64, "--method is for runs without --reference"),
      ("new.st --within 1", 64, "--within is for runs without --reference"),
      ("new.st --epochs 3", 64, "--epochs is for methods that train"),
      ("new.st --checkpoint c", 64, "--checkpoint is for methods that train"),
      ("new.st --reference nothing.st", 66, "nothing.st: cannot be opened"),
      ("new.st --reference bare.st", 65, "bare.st: there is no column 'cluster' of clusters"),
      ("new.st --reference raw.st", 65, "raw.st: "),
      ("trained.st", 64, "are one file"),
      ("new.st --max-memory 20M", 71, "not enough memory"),
    ])
  func badInput(_ options: String, _ status: Int32, _ words: String) throws {
    try train()
    try write("new.st", cells: Array(80..<120))
    try write("bare.st", cells: Array(0..<80))
    try write("raw.st", cells: Array(0..<80)) { cells in
      cells.obs["cluster"] = .strings((0..<80).map { "c\($0 % 3)" })
    }
    try write("other.st", cells: Array(80..<120)) { cells in
      cells.var = Frame(index: (0..<200).map { "ENSG\($0)" })
    }
    try write("few.st", cells: Array(80..<120)) { cells in
      cells.var = Frame(index: Array(SimulatedCells.geneNames.prefix(30)))
      cells.x = .sparse(
        SparseMatrix(Matrix((80..<120).map { Array(SimulatedCells.counts[$0].prefix(30)) })))
    }
    try write("logs.st", cells: Array(80..<120)) { cells in
      cells.x = .sparse(
        SparseMatrix(
          Matrix((80..<120).map { SimulatedCells.counts[$0].map { $0 * 0.37 } })))
    }
    try write("empty.st", cells: Array(80..<120)) { cells in
      cells.x = .sparse(
        SparseMatrix(
          Matrix((80..<120).map { i in SimulatedCells.counts[i].map { i == 81 ? 0 : $0 } })))
    }
    let reference = options.contains("--reference") ? "" : "--reference trained.st"
    let made = try shell.run("sc-cluster \(options) \(reference) -o out.st")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists("out.st"))
  }

  @Test func transferNeedsAReference() throws {
    try write("new.st", cells: Array(80..<120))
    let made = try shell.run("sc-cluster new.st --transfer type -c 3 -o out.st")
    #expect(made.status == 64)
    #expect(made.errors.contains("--transfer is for runs with --reference"))
  }
}
