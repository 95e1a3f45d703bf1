import CellData
import DataFormats
import Tensors
import TestSupport
import Testing

/// What anndata 0.11, h5py, scipy and pandas read from the shared files: shape, entries that are
/// not zero, and their sum. A second sum is weighted by (31 row + 17 column) mod 1009, which
/// detects values in the wrong place.
struct Expected: Sendable, CustomTestStringConvertible {
  let path: String
  let rows: Int
  let columns: Int
  let entries: Int
  let sum: Double
  let weighted: Double
  let isTransposed: Bool

  init(
    _ path: String, _ rows: Int, _ columns: Int, _ entries: Int, _ sum: Double, _ weighted: Double,
    isTransposed: Bool = false
  ) {
    self.path = path
    self.rows = rows
    self.columns = columns
    self.entries = entries
    self.sum = sum
    self.weighted = weighted
    self.isTransposed = isTransposed
  }

  var testDescription: String { path }

  static let all = [
    Expected(
      "fixtures/anndata_archives/v0.5.0/adata.h5ad", 700, 765, 535433, -243.681057988666,
      96734.87270167656),
    Expected("fixtures/anndata_archives/v0.7.0/adata.h5ad", 30, 20, 228, 285.0, 145279.0),
    Expected("fixtures/anndata_archives/v0.7.8/adata.h5ad", 30, 20, 239, 302.0, 152588.0),
    Expected(
      "fixtures/scvi_tools/pbmc_5k_protein_v3.h5ad", 200, 16581, 387353, 1351231.0, 681823992.0),
    Expected(
      "fixtures/zellkonverter/example_anndata.h5ad", 200, 459, 53667, 144277.42675578594,
      72632706.23555279),
    Expected(
      "fixtures/zellkonverter/krumsiek11.h5ad", 640, 11, 7018, 2016.5208012731237,
      1017284.4703050265),
    Expected("rna/pbmc68k_reduced.h5ad", 700, 765, 535433, -243.681057988666, 96734.87270167656),
    Expected("fixtures/loom/Cortex.loom", 50, 10, 450, 649518.0, 268854178.0),
    Expected("fixtures/loom/L1_DRG_20_example.loom", 20, 20, 258, 1039.0, 454315.0),
    Expected("fixtures/loom/fc-dropseq.loom", 25, 1316, 1840, 2825.0, 1414067.0),
    Expected("fixtures/loom/mpfc-starmap.loom", 3704, 158, 150007, 1616247.0, 816004464.0),
    Expected("fixtures/loom/retina.loom", 25, 1316, 1840, 2825.0, 1414067.0),
    Expected("fixtures/loom/test.loom", 200, 20, 0, 0.0, 0.0),
    Expected(
      "fixtures/scanpy_10x_data/1.2.0/filtered_gene_bc_matrices_h5.h5", 12, 343, 12, 12.0, 5349.0),
    Expected(
      "fixtures/scanpy_10x_data/3.0.0/filtered_feature_bc_matrix.h5", 1107, 507, 23866, 41549.0,
      20740403.0),
    Expected(
      "fixtures/scanpy_visium_1.0.0/filtered_feature_bc_matrix.h5", 100, 100, 656, 932.0, 467505.0),
    Expected("fixtures/scprep/test_10X.h5", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/scprep/test_10X_cellranger3.h5", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/scvi_tools/brain_large.h5", 70, 4000, 18710, 42374.0, 21353490.0),
    Expected("rna/10X_PBMC_top2000.h5", 4271, 2000, 870065, 4547560.0, 2292059273.0),
    Expected("rna/human_kidney_counts_top2000.h5", 5685, 2000, 1_056_999, 4099090.0, 2065689928.0),
    Expected("rna/mouse_bladder_cell_top2000.h5", 2746, 2003, 416606, 1338672.0, 672683728.0),
    Expected("rna/worm_neuron_cell.h5", 4186, 13488, 780212, 1376141.0, 694328391.0),
    Expected("fixtures/scprep/test_small.csv", 100, 100, 1405, 7663.0, 3806230.0),
    Expected(
      "fixtures/scprep/test_small_duplicate_gene_names.csv", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/scprep/test_small.tsv", 100, 100, 1405, 7663.0, 3806230.0),
    Expected(
      "fixtures/scvi_tools/immune_control_expression_matrix.txt", 99, 99, 177, 240.0, 123848.0),
    Expected(
      "rna/sc_celseq2/sc_celseq2.count.csv.gz", 274, 28204, 1_954_979, 10321416.0, 5209066461.0,
      isTransposed: true),
    Expected(
      "fixtures/scanpy_10x_data/1.2.0/filtered_gene_bc_matrices/hg19_chr21", 12, 343, 12, 12.0,
      5349.0),
    Expected(
      "fixtures/scanpy_10x_data/3.0.0/filtered_feature_bc_matrix", 1107, 507, 23866, 41549.0,
      20740403.0),
    Expected("fixtures/scanpy_10x_data/int-ids", 5, 6, 3, 8.0, 955.0),
    Expected("fixtures/scprep/test_10X", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/scprep/test_10X_cellranger3", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/scprep/test_10X_duplicate_gene_names", 100, 100, 1405, 7663.0, 3806230.0),
    Expected("fixtures/seurat_testdata", 80, 240, 4814, 23110.0, 10919060.0),
    Expected("fixtures/seurat_testdata/cr3.0", 5, 3, 4, 5610.0, 468000.0),
    Expected(
      "fixtures/mudata_archives/v0.1.2/mdata_axis0.h5mu", 100, 30, 3000, 4801500.0, 2383525018.0),
    Expected(
      "fixtures/mudata_archives/v0.3.10/mdata_axis0.h5mu", 100, 30, 3000, 4801500.0, 2383525018.0),
    Expected(
      "fixtures/mudata_archives/v0.4.1/mdata_axis0.h5mu", 100, 30, 3000, 4801500.0, 2383525018.0),
    Expected("paired/cite_pbmc_3762.h5mu", 3762, 2000, 638338, 3104265.0, 1563576051.0),
    Expected("paired/mop_snareseq_10309.h5mu", 10309, 1677, 1_097_506, 3092017.0, 1555685555.0),
  ]
}

@Suite(.enabled(if: Reference.exists("data"), "the shared data is not here"))
struct SharedFilesTests {
  @Test(arguments: Expected.all) func valuesAreThoseOfOtherReaders(_ expected: Expected) throws {
    let path = Reference.folder.appendingPathComponent("data/\(expected.path)").path
    let data = try DataFormats.read(
      path: path, options: ReadingOptions(isTransposed: expected.isTransposed))
    let x = try #require(data.x).sparse()
    #expect(x.rows == expected.rows && x.columns == expected.columns)
    #expect(data.cellCount == expected.rows && data.geneCount == expected.columns)
    #expect(Set(data.var.index).count == expected.columns)
    var (entries, sum, weighted) = (0, 0.0, 0.0)
    for i in 0..<x.rows {
      for k in x.range(ofRow: i) where x.values[k] != 0 {
        entries += 1
        sum += Double(x.values[k])
        weighted += Double(x.values[k]) * Double((31 * i + 17 * Int(x.indices[k])) % 1009)
      }
    }
    #expect(entries == expected.entries)
    assertClose([sum, weighted], [expected.sum, expected.weighted], tolerance: 1e-9)
  }

  private func read(_ path: String, genome: String? = nil) throws -> CellData {
    try DataFormats.read(
      path: Reference.folder.appendingPathComponent("data/\(path)").path,
      options: ReadingOptions(genome: genome))
  }

  @Test func severalGenomesNeedAChoice() throws {
    let path = "fixtures/scanpy_10x_data/1.2.0/multiple_genomes.h5"
    #expect(fault { _ = try read(path) }?.kind == .usage)
    #expect(fault { _ = try read(path, genome: "mars") }?.kind == .usage)
    #expect(try read(path, genome: "hg19_chr21").geneCount == 343)
  }

  @Test(arguments: [
    "fixtures/mudata_archives/v0.3.10/mdata_axis1.h5mu", "fixtures/scprep/test_10X.zip",
    "fixtures/scprep/test_10X_invalid.zip", "fixtures/scprep/gene_symbols.csv",
    "fixtures/scprep/barcodes.tsv",
  ]) func whatIsNoMatrixOfCellsIsRefused(_ path: String) throws {
    #expect(fault { _ = try read(path) }?.kind == .badData)
  }

  @Test func legacyAnnDataKeepsItsTablesAndGraphs() throws {
    let data = try read("rna/pbmc68k_reduced.h5ad")
    #expect(data.raw?.x.sparse().entryCount == 174_400)
    #expect(data.obsm["X_umap"]?.columns == 2 && data.obsm["X_pca"]?.columns == 50)
    #expect(data.obsp["distances"]?.entryCount == 6300)
    let labels = try #require(data.obs["bulk_labels"]?.classes)
    #expect(labels.names.count == 10 && labels.names[0] == "CD4+/CD25 T Reg")
    #expect(data.obs["louvain"]?.classes?.names.count == 11)
  }

  @Test func pairedFilesGiveBothModalities() throws {
    let data = try read("paired/cite_pbmc_3762.h5mu")
    #expect(data.modalities.map(\.name) == ["adt"])
    #expect(data.modalities[0].data.geneCount == 49)
    #expect(data.obs["cell_type"]?.classes?.names.count == 16)
    let features = try read("fixtures/seurat_testdata/cr3.0")
    #expect(features.modalities.map(\.name) == ["adt"])
    #expect(features.modalities[0].data.var.index == ["CD3", "CD19"])
  }
}
