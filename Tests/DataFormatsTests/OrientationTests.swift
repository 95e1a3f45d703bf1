import CellData
import DataFormats
import Tensors
import Testing

/// Which way a matrix lies, by what the names look like.
@Suite struct OrientationTests {
  @Test(
    "names that show",
    arguments: [
      (["AAACCTGAGAAACCAT-1", "AAACCTGAGAAACCGC-1"], Orientation.cells),
      (["s1_AAACATACAACCAC", "s2_AAACATACCCCGTA"], .cells),
      (["AACGTGAT_AACGTGAT", "CGCTGATC_TGGTGGTA"], .cells), (["01_01_02", "01_22_96"], .cells),
      (["cell_1", "cell_2"], .cells), (["CELL00-1", "CELL01-1"], .cells),
      (["ENSG00000141510", "ENSG00000146648.12"], .genes),
      (["ENSMUSG00000000001", "ENSMUSG00000000003"], .genes),
      (["MT-CO1", "GAPDH", "X", "Y"], .genes), (["mt-Nd1", "Actb"], .genes),
      (["mt-Cytb", "mt:ND1", "MT-TL1"], .genes),
      (["Rpl13a", "RPS27", "Foo"], .genes), (["FBgn0000008", "FBgn0000014"], .genes),
      (["AT1G01010", "AT1G01020"], .genes), (["YAL001C", "YAL002W"], .genes),
      (["GRCh38_GAPDH", "mm10___Actb"], .genes), (["GRCh38-GAPDH", "mm10---Actb"], .genes),
      (["chr1:1000-2000", "chrX:5000-6000"], .genes),
      (["gene_1", "gene_2"], .genes), (["Gene0", "Gene1"], .genes),
    ])
  func evidence(_ names: [String], _ kind: Orientation) {
    #expect(NameEvidence(names).kind == kind)
  }

  @Test(
    "names that do not",
    arguments: [
      ["G01", "G02"], ["1", "2"], ["A1", "B7"], ["SRR1033853", "SRR1033854"], ["P1", "P2"],
      ["CD4", "CD8"], ["A549_12", "HCC827_3"], ["TGAC", "ACGT"], ["H1_Exp1.001", "DEC_Exp1.002"],
      ["A1-B003290-3_38_F-1-1", "A1-B003290-3_39_F-1-1"], ["cellulose", "wellness"],
      ["H1-A01", "H2-A01", "H2-A02"], ["MT-Tumor1", "MT-Tumor2"],
      ["1:1101:1234", "1:1102:1234"], ["", " "], [],
    ])
  func untold(_ names: [String]) {
    #expect(NameEvidence(names).kind == nil, "\(names)")
  }

  private func written(_ folder: TestFolder, _ data: CellData) throws -> String {
    let path = folder.path + "/t.h5ad"
    try DataFormats.writeAnnData(data, toPath: path)
    return path
  }

  private var upsideDown: CellData {
    var data = CellData(
      obs: Frame(index: ["GAPDH", "MT-ND1", "odd"]), var: Frame(index: ["cell_a", "cell_b"]),
      x: .sparse(SparseMatrix(Matrix([[1, 0], [0, 2], [3, 4]]))))
    data.layers["counts"] = .dense(Matrix([[1, 0], [0, 2], [3, 4]]))
    data.obs["length"] = .integer(Buffer([5, 6, 7]))
    data.obsm["loadings"] = Matrix([[1], [2], [3]])
    data.varm["X_pca"] = Matrix([[8], [9]])
    return data
  }

  @Test("an AnnData file with genes for cells: refused, said, kept or turned")
  func annData() throws {
    let folder = try TestFolder()
    let path = try written(folder, upsideDown)
    var options = ReadingOptions()
    options.isOrientationChecked = true
    let refused = fault { _ = try DataFormats.read(path: path, options: options) }
    #expect(refused?.kind == .badData && refused?.problem.contains("GAPDH") == true)
    #expect(refused?.advice.contains("--orientation genes") == true)
    let lines = Announcements()
    options.isOrientationChecked = false
    options.announce = lines.options().announce
    #expect(try DataFormats.read(path: path, options: options).cellCount == 3)
    #expect(lines.all.count == 1)
    options.orientation = .cells
    #expect(try DataFormats.read(path: path, options: options).cellCount == 3)
    #expect(
      lines.all.count == 2 && lines.all[1].hasSuffix("the rows were treated as cells, as asked"))
    options.orientation = .genes
    let turned = try DataFormats.read(path: path, options: options)
    #expect(lines.all.count == 2)
    #expect(turned.obs.index == ["cell_a", "cell_b"] && turned.var.index[1] == "MT-ND1")
    #expect(turned.x?.dense() == Matrix([[1, 0, 3], [0, 2, 4]]))
    #expect(turned.layers["counts"]?.dense() == Matrix([[1, 0, 3], [0, 2, 4]]))
    #expect(turned.var["length"] == .integer(Buffer([5, 6, 7])))
    #expect(turned.obsm["X_pca"] == Matrix([[8], [9]]) && turned.varm["loadings"]?.rows == 3)
    let again = try DataFormats.read(path: path, options: ReadingOptions(isTransposed: true))
    #expect(again.obs.index == turned.obs.index && again.x?.dense() == turned.x?.dense())
  }

  @Test("a sound file, and one of names that do not show, are read as they are")
  func sound() throws {
    let folder = try TestFolder()
    var options = ReadingOptions()
    options.isOrientationChecked = true
    for (cells, genes) in [
      (["AAACCTGAGAAACCAT-1", "AAACCTGAGAAACCGC-1"], ["GAPDH", "ACTB"]),
      (["GAPDH", "ACTB"], ["TP53", "EGFR"]), (["x", "y"], ["p", "q"]),
      (["cell-0", "cell-1"], ["Gene0", "Gene1"]),
    ] {
      let data = CellData(
        obs: Frame(index: cells), var: Frame(index: genes), x: .dense(Matrix([[1, 2], [3, 4]])))
      let read = try DataFormats.read(path: written(folder, data), options: options)
      #expect(read.obs.index == cells && read.x?.dense() == Matrix([[1, 2], [3, 4]]))
    }
  }

  @Test("in loom files genes are the rows by rule")
  func loom() throws {
    let folder = try TestFolder()
    let path = try folder.hdf5("a.loom") { root in
      try root.write(Buffer([1, 2, 3, 4, 5, 6] as [Float]), "matrix", shape: [2, 3])
      try root.create("row_attrs", encoding: "").write(["cell_1", "cell_2"], "Gene")
      try root.create("col_attrs", encoding: "").write(["GAPDH", "ACTB", "odd"], "CellID")
    }
    var options = ReadingOptions()
    options.isOrientationChecked = true
    #expect(
      fault { _ = try DataFormats.read(path: path, options: options) }?.advice.contains(
        "--orientation cells") == true)
    options.orientation = .cells
    let turned = try DataFormats.read(path: path, options: options)
    #expect(
      turned.obs.index == ["cell_1", "cell_2"] && turned.var.index == ["GAPDH", "ACTB", "odd"])
    options.orientation = .genes
    #expect(
      try DataFormats.read(path: path, options: options).obs.index == ["GAPDH", "ACTB", "odd"])
  }
}
