import CellData
import DataFormats
import Tensors
import Testing

/// Lists beside a Matrix Market file that no program calls so, and the folders of Parse
/// Biosciences.
@Suite struct FoundListsTests {
  private static let banner = "%%MatrixMarket matrix coordinate integer general\n"
  private static let genesByCells = banner + "3 2 3\n1 1 1\n3 1 5\n2 2 7\n"
  private static let cellsByGenes = banner + "2 3 3\n1 1 1\n1 3 5\n2 2 7\n"
  private static let genes = "E1\tA\nE2\tB\nE3\tC\n"
  private static let cells = "x\ny\n"

  private func read(
    _ files: [String: String], _ name: String? = nil, _ options: ReadingOptions = ReadingOptions()
  ) throws -> (data: CellData, said: [String]) {
    let folder = try TestFolder()
    for (name, text) in files {
      let bytes = Array(text.utf8)
      _ = try folder.file(name, name.hasSuffix(".gz") ? gzipped(bytes) : bytes)
    }
    let lines = Announcements()
    var options = options
    options.announce = lines.options().announce
    options.isOrientationChecked = true
    let path = folder.path + (name.map { "/\($0)" } ?? "")
    return (try DataFormats.read(path: path, options: options), lines.all)
  }

  @Test(
    "lists are found by the words in their names",
    arguments: [
      ("counts.mtx", "genes.tsv", "barcodes.tsv"),
      ("GSM1_matrix_S1.mtx", "GSM1_genes_S1.tsv", "GSM1_barcodes_S1.tsv"),
      ("GSM1_s.mtx.gz", "GSM1_s_features.tsv.gz", "GSM1_s_cells.txt.gz"),
      ("expression.mtx", "gene_names.txt", "cell_names.txt"),
      ("gene_counts.mtx", "gene_list.tsv", "cell_list.tsv"),
      ("only.mtx", "other_genes.tsv", "other_barcodes.tsv"),
    ])
  func byName(_ matrix: String, _ genes: String, _ cells: String) throws {
    for turned in [false, true] {
      let (data, said) = try read(
        [
          matrix: turned ? Self.cellsByGenes : Self.genesByCells, genes: Self.genes,
          cells: Self.cells, "._\(matrix)": "x", "readme.txt": "one\ntwo\n",
        ], matrix)
      #expect(data.obs.index == ["x", "y"] && data.var.index == ["A", "B", "C"])
      #expect(data.var["gene_ids"] == .strings(["E1", "E2", "E3"]))
      #expect(data.x?.dense() == Matrix([[1, 0, 5], [0, 7, 0]]))
      #expect(said == ["genes are named by \(genes), cells are named by \(cells)"])
    }
  }

  @Test("of several matrices each has its own lists")
  func ofSeveral() throws {
    let files = [
      "a.mtx": Self.genesByCells, "a_genes.tsv": Self.genes, "a_barcodes.tsv": Self.cells,
      "b.mtx": Self.genesByCells, "b_barcodes.tsv": "p\nq\n",
    ]
    #expect(try read(files, "a.mtx").data.obs.index == ["x", "y"])
    let (data, said) = try read(files, "b.mtx")
    #expect(data.obs.index == ["p", "q"] && data.var.index == ["gene_1", "gene_2", "gene_3"])
    #expect(said.contains("no list of names fits beside it: genes are called gene_1, gene_2, …"))
  }

  @Test("a list that fits no axis is not used, and that is said")
  func unfitting() throws {
    let (data, said) = try read(
      ["m.mtx": Self.genesByCells, "genes.tsv": "A\nB\nC\nD\nE\n", "cells.tsv": Self.cells], "m.mtx"
    )
    #expect(data.var.index[0] == "gene_1" && data.obs.index == ["x", "y"])
    #expect(said.contains("genes.tsv is not used: its 5 names fit no axis of the matrix"))
  }

  @Test("names that are made up and a layout that is assumed are said")
  func alone() throws {
    let (data, said) = try read(["m.mtx": Self.genesByCells], "m.mtx")
    #expect(data.obs.index == ["cell_1", "cell_2"] && data.geneCount == 3)
    #expect(said.count == 2 && said[0].contains("3 rows are treated as genes"))
    #expect(said[1].contains("gene_1") && said[1].contains("cell_1"))
    var options = ReadingOptions()
    options.orientation = .cells
    let turned = try read(["m.mtx": Self.genesByCells], "m.mtx", options)
    #expect(turned.data.cellCount == 3 && turned.said.count == 1)
  }

  @Test("headers, numbers of rows and further columns of a list")
  func columns() throws {
    let (data, _) = try read([
      "matrix.mtx": Self.genesByCells,
      "genes.csv": "\"\",\"x\"\n\"1\",\"A\"\n\"2\",\"B\"\n\"3\",\"C\"\n",
      "cell_metadata.csv": "sample,barcode,n\ns1,x,4\ns2,y,5\n",
    ])
    #expect(data.obs.index == ["x", "y"] && data.var.index == ["A", "B", "C"])
    #expect(data.obs["sample"]?.classes?.names == ["s1", "s2"])
    #expect(data.obs["n"] == .integer(Buffer([4, 5])))
    let headed = try read([
      "matrix.mtx": Self.genesByCells, "features.tsv": "gene\nA\nB\nC\n",
      "barcodes.tsv": "barcode\nx\ny\n",
    ])
    #expect(headed.data.obs.index == ["x", "y"] && headed.data.var.index == ["A", "B", "C"])
  }

  @Test("rows and columns by their names alone")
  func rowsAndColumns() throws {
    let barcodes = "AAACCTGAGAAACCAT\nAAACCTGAGAAACCGC\n"
    let files = ["rownames.txt": barcodes, "colnames.txt": "ACTB\nGAPDH\nODD\n"]
    let (data, _) = try read(files.merging(["m.mtx": Self.cellsByGenes]) { $1 }, "m.mtx")
    #expect(data.obs.index[0] == "AAACCTGAGAAACCAT" && data.var.index[1] == "GAPDH")
    #expect(data.x?.dense() == Matrix([[1, 0, 5], [0, 7, 0]]))
  }

  private static let parse = [
    "all_genes.csv": "gene_id,gene_name,genome\nE1,A,hg38\nE2,B,hg38\nE3,,mm10\n",
    "cell_metadata.csv": "bc_wells,sample,tscp_count\n01_01_01,s1,6\n01_01_02,s2,7\n",
  ]

  @Test(
    "Parse Biosciences", arguments: ["DGE.mtx", "count_matrix.mtx", "s1_DGE.mtx.gz"], [true, false])
  func parseBiosciences(_ name: String, isFolder: Bool) throws {
    let prefix = name.hasPrefix("s1_") ? "s1_" : ""
    var files = [name: Self.cellsByGenes]
    for (list, text) in Self.parse { files[prefix + list] = text }
    let (data, said) = try read(files, isFolder ? nil : name)
    #expect(data.obs.index == ["01_01_01", "01_01_02"] && data.var.index == ["A", "B", "E3"])
    #expect(data.var["gene_ids"] == .strings(["E1", "E2", "E3"]))
    #expect(data.var["genome"]?.classes?.names == ["hg38", "mm10"])
    #expect(data.obs["tscp_count"] == .integer(Buffer([6, 7])))
    #expect(data.x?.dense() == Matrix([[1, 0, 5], [0, 7, 0]]) && said.isEmpty)
  }

  @Test("what is said about the layout against the lists")
  func against() throws {
    let files = ["m.mtx": Self.genesByCells, "genes.tsv": Self.genes, "cells.tsv": Self.cells]
    var options = ReadingOptions()
    options.orientation = .cells
    #expect(
      fault { _ = try read(files, "m.mtx", options) }?.problem.contains("rows are genes") == true)
    let (data, said) = try read(files, "m.mtx", ReadingOptions(isTransposed: true))
    #expect(data.obs.index == ["x", "y"])
    #expect(said.contains { $0.hasPrefix("--transpose changes nothing") })
    let exchanged = [
      "matrix.mtx": Self.banner + "2 2 1\n1 1 1\n", "genes.tsv": "AAACCTGAGAAACC\nAAACCTGAGAAAGG\n",
      "barcodes.tsv": "ACTB\nGAPDH\n",
    ]
    #expect(fault { _ = try read(exchanged) }?.advice.hasPrefix("exchange the lists") == true)
  }

  @Test func listsThatCountTheRowsAreSaid() throws {
    let files = [
      "matrix.mtx": Self.genesByCells, "genes.tsv": Self.genes, "barcodes.tsv": "1\n2\n",
    ]
    let (data, said) = try read(files)
    #expect(data.obs.index == ["1", "2"])
    #expect(said == ["its cells have numbers as names: 1, 2"])
  }

  @Test("a layout that is asked for against the names is taken, and said")
  func askedForAgainstTheNames() throws {
    let lists = [
      "matrix.mtx": Self.banner + "2 2 1\n1 1 1\n", "genes.tsv": "ACTB\nGAPDH\n",
      "barcodes.tsv": "AAACCTGAGAAACC\nAAACCTGAGAAAGG\n",
    ]
    #expect(try read(lists, nil, ReadingOptions(isTransposed: true)).said.isEmpty)
    let table = "cell,MT-CO1,ACTB,GAPDH\nAAACCTGAGAAACC-1,1,2,3\nAAACCTGAGAAAGG-1,0,1,4\n"
    #expect(try read(["t.csv": table], "t.csv").said.isEmpty)
    var genes = ReadingOptions()
    genes.orientation = .genes
    for options in [genes, ReadingOptions(isTransposed: true)] {
      let (data, said) = try read(["t.csv": table], "t.csv", options)
      #expect(data.obs.index == ["MT-CO1", "ACTB", "GAPDH"])
      #expect(said.count == 1 && said[0].hasSuffix("the rows were treated as genes, as asked"))
    }
  }
}
