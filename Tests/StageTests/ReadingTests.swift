import CellData
import DataFormats
import Foundation
import Tensors
import TestSupport
import Testing

/// What sc-preprocess makes of files as other programs write them: it reads them correctly, or
/// reports a fault.
@Suite struct ReadingTests {
  private let shell: Shell
  private static let counts = MatrixValues.sparse(SparseMatrix(Matrix(SimulatedCells.counts)))

  init() throws { shell = try Shell() }

  /// Puts `in.h5ad` there: the simulated cells, and what `change` makes of them.
  private func write(_ change: (inout CellData) -> Void) throws {
    try DataFormats.writeAnnData(
      SimulatedCells.object(change), toPath: shell.url("in.h5ad").path)
  }

  private func run(_ options: String) throws -> Outcome {
    try shell.run("sc-preprocess in.h5ad -o out.st --min-cells-fraction 0 \(options)")
  }

  private func expectCounts(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let counts = try #require(try shell.object("out.st").layers["counts"])
    #expect(counts.dense() == Self.counts.dense(), sourceLocation: sourceLocation)
  }

  /// The counts with something in X that is no number.
  private var broken: MatrixValues {
    var matrix = Self.counts.dense()
    matrix[3, 5] = .nan
    return .dense(matrix)
  }

  @Test("an X with NaN does not matter where the counts stand elsewhere")
  func brokenX() throws {
    let places: [(String, (inout CellData) -> Void)] = [
      ("", { $0.layers["counts"] = Self.counts }),
      ("--layer umi", { $0.layers["umi"] = Self.counts }),
      ("", { $0.raw = RawValues(x: Self.counts, var: $0.var) }),
    ]
    for (options, change) in places {
      try write {
        $0.x = broken
        change(&$0)
      }
      let outcome = try run(options)
      #expect(outcome.status == 0 && outcome.errors.contains("in.h5ad: X: cell cell-3, gene Gene5"))
      #expect(outcome.errors.contains("X is not used"), "\(outcome.errors)")
      try expectCounts()
    }
    try write { $0.x = broken }
    let refused = try run("")
    #expect(refused.status == 65 && refused.errors.contains("the value is nan"))
    try write {
      $0.x = broken
      $0.layers["counts"] = Self.counts
    }
    #expect(try shell.run("sc-knn in.h5ad -o knn.st").status == 65)
  }

  @Test("matrices that no count needs may hold NaN: they are left out and named")
  func brokenOthers() throws {
    try write { cells in
      cells.layers["scaled"] = broken
      cells.raw = RawValues(x: broken, var: cells.var)
      cells.obsm["X_spatial"] = Matrix(repeating: .nan, rows: 120, columns: 2)
      cells.obsm["X_umap"] = Matrix(repeating: 1, rows: 120, columns: 2)
      cells.varm["PCs"] = Matrix(repeating: .nan, rows: cells.geneCount, columns: 2)
    }
    let outcome = try run("")
    #expect(
      outcome.errors.contains("are not finite: layers/scaled, obsm/X_spatial, varm/PCs, raw"),
      "\(outcome.errors)")
    // A part that is left out is not called replaced too.
    #expect(!outcome.errors.contains("replaced"), "\(outcome.errors)")
    try expectCounts()
    #expect(try shell.object("out.st").obsm.keys.sorted() == ["X_umap"])
    // Other stages that read such a file do the same, if they write a stream.
    let stream = try shell.run("sc-knn in.h5ad --use X_umap -o knn.st")
    #expect(
      stream.status == 0
        && stream.errors.contains("are not finite: layers/scaled, obsm/X_spatial, varm/PCs, raw"),
      "\(stream.errors)")
    #expect(try shell.object("knn.st").obsm.keys.sorted() == ["X_umap"])
    let file = try shell.run("sc-knn in.h5ad --use X_umap -o knn.h5ad")
    #expect(file.status == 0 && !file.errors.contains("left out"), "\(file.errors)")
  }

  @Test("--layer takes the counts from a layer; messages list the layers")
  func namedLayer() throws {
    let halves = MatrixValues.dense(Matrix(SimulatedCells.counts.map { $0.map { $0 * 0.37 - 1 } }))
    try write { cells in
      cells.x = halves
      cells.layers = ["umi": Self.counts, "scaled": halves]
    }
    #expect(try run("--layer umi").status == 0)
    try expectCounts()
    #expect(try shell.object("out.st").history[0].settings["layer"] == "\"umi\"")
    for (options, word) in [
      ("", "name the layer of the counts with --layer: 'scaled', 'umi'"),
      ("--layer nosuch", "--layer nosuch: there is no such layer; there are 'scaled', 'umi'"),
      ("--layer scaled", "is negative"),
    ] {
      let outcome = try run(options)
      #expect(outcome.status == 65 && outcome.errors.contains(word), "\(outcome.errors)")
    }
  }

  @Test("log-normalized batches are not doubled where the totals are known")
  func knownTotals() throws {
    let totals = SimulatedCells.counts.map { $0.reduce(0, +) }
    let logs = SimulatedCells.counts.enumerated().map { i, row in
      row.map { log1p($0 / totals[i] * (i < 80 ? 50 : 100)) }
    }
    for name in ["total_counts", "nCount_RNA", "n_counts"] {
      try write {
        $0.x = .dense(Matrix(logs))
        $0.obs[name] = .float64(Buffer(totals.map(Double.init)))
      }
      #expect(try run("").status == 0)
      try expectCounts()
    }
    try write {
      $0.x = .dense(Matrix(logs))
      $0.obs["n_counts"] = .float64(Buffer(totals.map { _ in 50.0 }))
    }
    let outcome = try run("")
    #expect(outcome.errors.contains("obs/n_counts does not agree with the restored counts"))
    try expectCounts()
  }

  @Test("proteins among the genes become a modality")
  func featureTypes() throws {
    try write { cells in
      cells.var["feature_types"] = .strings(
        (0..<200).map { $0 < 150 ? "Gene Expression" : "Antibody Capture" })
    }
    let outcome = try run("")
    #expect(outcome.errors.contains("150 of type 'Gene Expression', 50 of type 'Antibody Capture'"))
    #expect(
      outcome.errors.contains("also 50 of 50 proteins (adt, clr)"), "\(outcome.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.geneCount == 150 && cells.secondModality?.name == "adt")
    let totals = SimulatedCells.counts.map { $0.prefix(150).reduce(0, +) }
    #expect(cells.obs["n_counts"]?.numbers == totals.map(Double.init))
  }

  @Test("--make-unique gives cells of the same name names of their own")
  func makeUnique() throws {
    try write { $0.obs.index[7] = "cell-3" }
    let refused = try run("")
    #expect(refused.status == 65 && refused.errors.contains("use sc-preprocess --make-unique"))
    let outcome = try run("--make-unique")
    #expect(outcome.status == 0 && outcome.errors.contains("1 cell has a duplicate name"))
    #expect(try shell.object("out.st").obs.index[7] == "cell-3-1")
    try shell.writeInput { $0.obs.index[7] = "cell-3" }
    #expect(try shell.run("sc-preprocess in.st -o no.st").status == 65)
    #expect(try shell.run("sc-preprocess in.st --make-unique -o stream.st").status == 0)
    #expect(try shell.object("stream.st").obs.index[7] == "cell-3-1")
    let table = SimulatedCells.table.replacingOccurrences(of: "\ncell-7,", with: "\ncell-3,")
    try shell.write(table, to: "in.csv")
    #expect(try shell.run("sc-preprocess in.csv -o no.st").status == 65)
    #expect(try shell.run("sc-preprocess in.csv --make-unique -o text.st").status == 0)
    #expect(try shell.object("text.st").obs.index[7] == "cell-3-1")
  }

  @Test(
    "mitochondrial genes are found by other names, marks or the chromosome; else the filter is refused"
  )
  func mitochondria() throws {
    let columns: [(String, Column)] = [
      ("feature_name", .strings((0..<200).map { $0 == 0 ? "MT-CO1" : "G\($0)" })),
      ("gene_short_name", .strings((0..<200).map { $0 == 0 ? "mm10___mt-Nd1" : "G\($0)" })),
      ("gene_ids", .strings((0..<200).map { $0 == 0 ? "ENSG00000198804.2" : "E\($0)" })),
      ("mt", .boolean(Buffer((0..<200).map { $0 == 0 }))),
      ("chromosome", .categorical(Categories((0..<200).map { $0 == 0 ? "chrM" : "chr1" }))),
    ]
    for (name, column) in columns {
      try write { cells in
        var rows = SimulatedCells.counts
        rows[5][0] = 5000
        cells.x = .dense(Matrix(rows))
        cells.var[name] = column
      }
      let outcome = try run("--max-mito-fraction 0.5")
      #expect(
        outcome.errors.contains("detected from var/\(name), because no gene is called MT-…: 1"),
        "\(outcome.errors)")
      #expect(outcome.errors.contains("1 with too many mitochondrial counts"))
    }
    try write { _ in }
    let refused = try run("--max-mito-fraction 0.5")
    #expect(refused.status == 65 && refused.errors.contains("no gene is known to be mitochondrial"))
  }

  @Test("columns keep their types from file to file, and numbers with gaps are labels")
  func columnTypes() throws {
    let gaps = Buffer((0..<120).map { $0.isMultiple(of: 10) })
    let days = Categories(
      codes: Buffer((0..<120).map { Int32($0 % 3) }), values: .integer(Buffer([0, 1, 2])),
      isOrdered: false)
    try write { cells in
      cells.obs["day"] = days.map { .categorical($0) }
      cells.obs["grade"] = .nullable(
        .integer(Buffer((0..<120).map { $0.isMultiple(of: 10) ? 0 : $0 % 3 })), missing: gaps)
      cells.obs["score"] = .float64(
        Buffer((0..<120).map { $0.isMultiple(of: 10) ? .nan : Double($0 % 3) }))
      cells.obs["hash"] = .unsigned(Buffer((0..<120).map { UInt64.max - UInt64($0) }))
    }
    let expected = try DataFormats.read(path: shell.url("in.h5ad").path).obs
    #expect(
      try shell.run(
        "sc-preprocess -q in.h5ad | sc-knn -q -o out.h5ad && sc-knn -q out.h5ad -o k.st"
      )
      .status == 0)
    let file = try DataFormats.read(path: shell.url("out.h5ad").path).obs
    let stream = try shell.object("k.st").obs
    for name in ["day", "grade", "hash"] {
      #expect(file[name] == expected[name] && stream[name] == expected[name], "\(name)")
    }
    for name in ["grade", "score"] {
      let outcome = try shell.run("sc-eval k.st --clusters-column day --labels \(name)")
      #expect(
        outcome.status == 0
          && outcome.errors.contains("left out 12 of 120 cells, which have no label"))
      #expect(outcome.text.contains("ari\t1"), "\(outcome.text)")
    }
  }
}
