import CellData
import DataFormats
import Tensors
import Testing

/// The folders that counting programs leave, each with the names and the orientation of its
/// program.
@Suite struct MatrixMarketFilesTests {
  private static let banner = "%%MatrixMarket matrix coordinate real general\n"
  /// Two cells × two genes, which no length distinguishes from genes × cells.
  private static let cellsByGenes = banner + "%\n2 2 3\n1 1 1\n1 2 5\n2 2 7\n"
  private static let genesByCells = banner + "2 2 3\n1 1 1\n2 1 5\n2 2 7\n"
  private static let values = Matrix<Float>([[1, 5], [0, 7]])

  private func read(_ files: [String: String], _ name: String? = nil, isPacked: Bool = false) throws
    -> CellData
  {
    let folder = try TestFolder()
    for (name, text) in files {
      let bytes = Array(text.utf8)
      _ = try folder.file(isPacked ? name + ".gz" : name, isPacked ? gzipped(bytes) : bytes)
    }
    return try DataFormats.read(path: folder.path + (name.map { "/\($0)" } ?? ""))
  }

  private static let programs: [[String: String]] = [
    ["matrix.mtx": genesByCells, "features.tsv": "E1\tA\nE2\tB\n", "barcodes.tsv": "x\ny\n"],
    ["s1_matrix.mtx": genesByCells, "s1_genes.tsv": "E1\tA\nE2\tB\n", "s1_barcodes.tsv": "x\ny\n"],
    [
      "cells_x_genes.mtx": cellsByGenes, "cells_x_genes.genes.txt": "E1\nE2\n",
      "cells_x_genes.genes.names.txt": "A\nB\n", "cells_x_genes.barcodes.txt": "x\ny\n",
      "cells_x_genes.barcodes.prefix.txt": "\n",
    ],
    [
      "output.mtx": cellsByGenes, "output.genes.txt": "E1\nE2\n",
      "output.genes.names.txt": "A\nB\n", "output.barcodes.txt": "x\ny\n",
    ],
    [
      "quants_mat.mtx": cellsByGenes, "quants_mat_cols.txt": "E1\nE2\n",
      "quants_mat_rows.txt": "x\ny\n",
    ],
  ]

  @Test(arguments: programs.indices, [false, true])
  func readAsTheirProgramsWriteThem(_ index: Int, isPacked: Bool) throws {
    let data = try read(Self.programs[index], isPacked: isPacked)
    let hasNames = !Self.programs[index].keys.contains("quants_mat.mtx")
    #expect(data.obs.index == ["x", "y"])
    #expect(data.var.index == (hasNames ? ["A", "B"] : ["E1", "E2"]))
    #expect(data.var["gene_ids"] == .strings(["E1", "E2"]))
    #expect(data.x?.dense() == Self.values && data.layers.isEmpty)
  }

  private static func matrix(_ entries: String, rows: Int = 2, columns: Int = 2) -> String {
    let lines = entries.split(separator: ",")
    return banner + "\(rows) \(columns) \(lines.count)\n" + lines.joined(separator: "\n") + "\n"
  }

  private static let spliced: [[String: String]] = [
    [
      "spliced.mtx": matrix("1 1 1,2 2 4"), "unspliced.mtx": matrix("1 1 9"),
      "ambiguous.mtx": matrix("2 1 5,2 2 3"),
      "features.tsv": "E1\tA\tGene Expression\nE2\tB\tGene Expression\n",
      "barcodes.tsv": "x\ny\n",
    ],
    [
      "cells_x_genes.mature.mtx": matrix("1 1 1,2 2 4"),
      "cells_x_genes.nascent.mtx": matrix("1 1 9"),
      "cells_x_genes.ambiguous.mtx": matrix("1 2 5,2 2 3"), "cells_x_genes.genes.txt": "E1\nE2\n",
      "cells_x_genes.barcodes.txt": "x\ny\n",
    ],
    [
      "quants_mat.mtx": matrix("1 1 1,2 2 4,1 3 9,1 6 5,2 6 3", columns: 6),
      "quants_mat_rows.txt": "x\ny\n", "quants_mat_cols.txt": "E1\nE2\nE1-U\nE2-U\nE1-A\nE2-A\n",
    ],
  ]

  @Test(arguments: spliced.indices)
  func layersOfTranscripts(_ index: Int) throws {
    let data = try read(Self.spliced[index])
    #expect(data.geneCount == 2 && data.var["gene_ids"] == .strings(["E1", "E2"]))
    #expect(data.x?.dense() == Self.values)
    #expect(data.layers["spliced"]?.dense() == Matrix([[1, 0], [0, 4]]))
    #expect(data.layers["unspliced"]?.dense() == Matrix([[9, 0], [0, 0]]))
    #expect(data.layers["ambiguous"]?.dense() == Matrix([[0, 5], [0, 3]]))
  }

  @Test func oneOfSeveralMatricesIsReadByName() throws {
    let one = try read(Self.spliced[0], "unspliced.mtx")
    #expect(one.var.index == ["A", "B"] && one.obs.index == ["x", "y"])
    #expect(one.x?.dense() == Matrix([[9, 0], [0, 0]]) && one.layers.isEmpty)
    let other = try read(Self.spliced[1], "cells_x_genes.ambiguous.mtx")
    #expect(other.var.index == ["E1", "E2"])
    #expect(other.x?.dense() == Matrix([[0, 5], [0, 3]]))
    var files = Self.programs[0]
    files["UniqueAndMult-EM.mtx"] = Self.matrix("1 1 2.5")
    #expect(try read(files).x?.dense() == Self.values)
    let shared = try read(files, "UniqueAndMult-EM.mtx")
    #expect(shared.var.index == ["A", "B"] && shared.x?.dense() == Matrix([[2.5, 0], [0, 0]]))
  }

  @Test func whatIsMissingOrDoesNotFitIsNamed() throws {
    for (index, name) in [
      (0, "barcodes.tsv"), (2, "cells_x_genes.genes.txt"), (4, "quants_mat_rows.txt"),
    ] {
      // A list of the genes' names would replace the list of their identifiers.
      var files = Self.programs[index].filter { !$0.key.hasSuffix("genes.names.txt") }
      files[name] = nil
      let found = fault { _ = try read(files) }
      #expect(found?.kind == .noInput && found?.description.contains(name) == true, "\(name)")
    }
    var files = Self.spliced[1]
    files["cells_x_genes.ambiguous.mtx"] = Self.matrix("1 1 1", rows: 3)
    #expect(fault { _ = try read(files) }?.description.contains("3 × 2") == true)
    files["cells_x_genes.ambiguous.mtx"] = nil
    #expect(fault { _ = try read(files) }?.description.contains("several matrices") == true)
  }

  /// What names the input of a run is made of exactly the files that are read.
  @Test func theFilesOfAFolder() throws {
    let folder = try TestFolder()
    for name in ["s1_matrix.mtx.gz", "s1_barcodes.tsv", "s1_genes.tsv", "other.txt"] {
      _ = try folder.file(name, "")
    }
    #expect(
      try DataFormats.files(ofFolder: folder.path).map { $0.split(separator: "/").last }
        == ["s1_barcodes.tsv", "s1_genes.tsv", "s1_matrix.mtx.gz"])
  }
}
