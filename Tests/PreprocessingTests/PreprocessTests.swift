import Foundation
import Preprocessing
import Tensors
import TestSupport
import Testing

private func sparse(_ rows: [[Float]]) -> SparseMatrix<Float> { SparseMatrix(Matrix(rows)) }

@Suite struct PreprocessTests {
  @Test(.enabled(if: Reference.isAvailable, "needs shared/reference"))
  func agreesWithThePublishedPrograms() throws {
    let reference = try Reference.load("preprocess")
    func values(_ name: String) throws -> Matrix<Double> { try #require(reference[name]) }
    let counts = SparseMatrix(try values("counts").converted(to: Float.self))
    var options = PreprocessingOptions()
    options.genes = 20
    let result = try preprocess(counts: counts, options: options)
    #expect(result.keptCells == (try values("kept_cells")).elements.map { Int($0) })
    #expect(result.filteredGenes == (try values("kept_genes")).elements.map { Int($0) })
    assertClose(
      result.sizeFactors, try values("scemc_size_factors").elements, tolerance: 1e-5, "factors")
    let ranked = result.variableGenes
    assertClose(ranked.means, try values("hvg_means").elements, tolerance: 1e-5, "means")
    assertClose(
      ranked.dispersions, try values("hvg_dispersions").elements, tolerance: 1e-5, "dispersions")
    assertClose(
      ranked.normalizedDispersions, try values("hvg_dispersions_norm").elements, tolerance: 1e-5,
      scale: 1, "normalized dispersions")
    let mask = try values("hvg_mask20").elements
    let chosen = mask.indices.filter { mask[$0] == 1 }.map { result.filteredGenes[$0] }
    #expect(result.keptGenes == chosen)
    assertClose(
      standardized(result), try values("sctpf_x"), tolerance: 1e-5, scale: 1, "standardized")

    options.genes = 60
    let all = try preprocess(counts: counts, options: options)
    #expect(all.keptGenes == all.filteredGenes)
    assertClose(all.logNormalized.densified(), try values("log1p"), tolerance: 1e-5, "log1p")
    assertClose(standardized(all), try values("scemc_x"), tolerance: 1e-5, scale: 1, "all genes")
  }

  private func standardized(_ result: Preprocessed) -> Matrix<Float> {
    let x = result.standardized
    var dense = x.values.densified()
    for i in 0..<dense.rows {
      for j in 0..<dense.columns {
        dense[i, j] = (dense[i, j] - x.mean[j]) / x.standardDeviation[j]
      }
    }
    return dense
  }

  @Test func filtersInOrderAndSaysWhy() throws {
    let counts = sparse([
      [5, 5, 5, 5, 0, 0],  // kept
      [0, 0, 0, 0, 0, 0],  // empty
      [9, 0, 0, 0, 0, 0],  // too few genes
      [1, 1, 0, 0, 0, 0],  // too few counts
      [1, 1, 0, 0, 9, 0],  // mitochondrial
      [2, 3, 1, 4, 1, 0],  // kept
    ])
    var options = PreprocessingOptions()
    options.minGenes = 2
    options.minCounts = 5
    options.maxMitoFraction = 0.5
    options.minCellsFraction = 0.6
    let names = AxisNames(genes: ["A", "B", "C", "D", "mt-Nd1", "Z"])
    let result = try preprocess(counts: counts, names: names, options: options)
    #expect(result.keptCells == [0, 5])
    #expect(result.keptGenes == [0, 1, 2, 3])
    #expect(
      result.summary.text
        == "kept 2 of 6 cells (dropped: 1 without counts, 1 with too few genes, 1 with too few counts, "
        + "1 with too many mitochondrial counts) and 4 of 6 genes (dropped: 1 without counts, 1 in too few cells)"
    )
    #expect(Array(result.totals) == [20, 10])
    #expect(result.geneCounts == [4, 4])
    assertClose(result.sizeFactors, [20 / 15.0, 10 / 15.0], tolerance: 1e-6)
    #expect(result.counts.densified() == Matrix([[5, 5, 5, 5], [2, 3, 1, 4]]))
    assertClose(
      result.logNormalized.values,
      [5, 5, 5, 5].map { log1p($0 / (20 / 15.0)) } + [2, 3, 1, 4].map { log1p($0 / (10 / 15.0)) },
      tolerance: 1e-6)
  }

  @Test func dropsCellsThatTheGeneFilterEmpties() throws {
    var options = PreprocessingOptions()
    options.minCellsFraction = 0.5
    let result = try preprocess(
      counts: sparse([[1, 2, 0], [2, 1, 0], [3, 3, 0], [0, 0, 7]]), options: options)
    #expect(result.keptCells == [0, 1, 2])
    #expect(result.keptGenes == [0, 1])
    #expect(result.summary.count(.empty) == 1)
  }

  @Test(arguments: VariableGeneFlavor.allCases)
  func degenerateDataIsDefined(flavor: VariableGeneFlavor) throws {
    var options = PreprocessingOptions()
    options.flavor = flavor
    let cases: [[[Float]]] = [
      [[3, 0, 1]], [[1], [2], [5]], [[2, 2], [2, 2], [2, 2]], [[0, 4, 1], [0, 4, 3], [0, 4, 0]],
      [[7]],
    ]
    for rows in cases {
      let result = try preprocess(counts: sparse(rows), options: options)
      #expect(!result.keptGenes.isEmpty)
      let (mean, deviation) = try #require(result.scaling)
      let numbers: [[Float]] = [
        Array(mean), Array(deviation), Array(result.sizeFactors),
        Array(result.logNormalized.values),
        result.variableGenes.normalizedDispersions.map { Float($0) },
        result.variableGenes.means.map { Float($0) },
        result.variableGenes.dispersions.map { Float($0) },
      ]
      #expect(numbers.joined().allSatisfy { $0.isFinite }, "\(flavor) on \(rows)")
      #expect(deviation.allSatisfy { $0 > 0 })
    }
  }

  @Test func nothingLeftIsAFault() {
    #expect(throws: PreprocessingFault.self) { try preprocess(counts: sparse([[0, 0], [0, 0]])) }
    #expect(throws: PreprocessingFault.self) {
      try preprocess(
        counts: SparseMatrix(
          rows: 0, columns: 0, indptr: Buffer([0]), indices: Buffer([]), values: Buffer([])))
    }
    var options = PreprocessingOptions()
    options.genes = 0
    #expect(throws: PreprocessingFault.self) {
      try preprocess(counts: sparse([[1, 2]]), options: options)
    }
  }

  @Test(arguments: [
    (Float.nan, "is not a number"), (.infinity, "is not finite"), (-1, "is negative"),
    (1.5, "is not an integer"), (33_554_432, "is 2^24 or larger"),
    (16_777_216, "is 2^24 or larger"),
  ])
  func wrongCountsAreNamed(value: Float, reason: String) throws {
    let counts = sparse([[1, 2], [3, value]])
    let names = AxisNames(cells: ["a", "b\n"], genes: ["G1", "G2"])
    let fault = #expect(throws: PreprocessingFault.self) {
      try validateCounts(counts, names: names)
    }
    #expect(fault?.kind == .badData)
    #expect(fault?.description.hasPrefix("cell 'b\\n', gene 'G2': value") == true)
    #expect(fault?.description.contains(reason) == true)
    #expect(throws: Never.self) {
      try validateCounts(sparse([[1.5, 2]]), names: names, allowingNonInteger: true)
    }
  }

  @Test func aDrawIsSeededAndSorted() throws {
    let counts = simulatedCounts(cells: 200, genes: 40)
    var options = PreprocessingOptions()
    options.subsample = 50
    let first = try preprocess(counts: counts, options: options)
    #expect(first.keptCells.count <= 50 && first.summary.count(.notDrawn) > 100)
    #expect(first.keptCells == first.keptCells.sorted())
    #expect(try preprocess(counts: counts, options: options).keptCells == first.keptCells)
    options.seed = 1
    #expect(try preprocess(counts: counts, options: options).keptCells != first.keptCells)
  }

  @Test(arguments: VariableGeneFlavor.allCases)
  func theNumberOfThreadsDoesNotMatter(flavor: VariableGeneFlavor) throws {
    let counts = simulatedCounts(cells: 3000, genes: 50)
    var options = PreprocessingOptions()
    options.genes = 20
    options.flavor = flavor
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = try preprocess(counts: counts, options: options)
    Threads.count = 3
    let three = try preprocess(counts: counts, options: options)
    #expect(one.logNormalized == three.logNormalized && one.counts == three.counts)
    #expect(
      one.variableGenes.normalizedDispersions == three.variableGenes.normalizedDispersions)
    #expect(one.scaling?.mean == three.scaling?.mean)
  }
}
