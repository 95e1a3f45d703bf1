import Preprocessing
import Tensors
import Testing

@Suite struct MitochondrialGenesTests {
  @Test(arguments: [
    "MT-CO1", "mt-Nd1", "Mt-co2", "mt:CoI", "MT.ND4", "GRCh38_MT-CO1", "mm10___mt-Nd1",
    "GRCh38-MT-CO1", "mm10---mt-Nd1", "HUMAN-MT-ND1",
    "hg19_MT-ND1",
    "ENSG00000198888", "ENSG00000210082.2", "GRCh38_ENSG00000198804", "ENSMUSG00000064341.1",
    "ENSMUSG00000065947",
  ]) func areKnown(name: String) { #expect(isMitochondrial(name)) }

  @Test(arguments: [
    "MT1A", "MTOR", "mt", "MT-", "ENSG00000198889", "ENSMUSG00000064362", "SMT-3", "",
    "GRCh38_MTOR",
  ]) func othersAreNot(name: String) { #expect(!isMitochondrial(name)) }

  @Test func aFilterThatCannotFilterIsRefused() throws {
    let counts = SparseMatrix(Matrix<Float>([[5, 1], [1, 5]]))
    var options = PreprocessingOptions()
    options.maxMitoFraction = 0.5
    let names = AxisNames(genes: ["A", "B"])
    let refused = #expect(throws: PreprocessingFault.self) {
      try preprocess(counts: counts, names: names, options: options)
    }
    #expect(refused?.description.hasPrefix("--max-mito-fraction: no gene") == true)
    let kept = try preprocess(
      counts: counts, names: names,
      kinds: GeneKinds(mitochondrial: [true, false], ribosomal: [false, false]),
      options: options)
    #expect(kept.keptCells == [1])
  }
}
