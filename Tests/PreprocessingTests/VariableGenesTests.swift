import Foundation
import Preprocessing
import Tensors
import TestSupport
import Testing

@Suite struct VariableGenesTests {
  /// Genes whose variance follows their mean exactly, save two that vary more: those two must lead.
  @Test(arguments: VariableGeneFlavor.allCases)
  func genesThatVaryMoreThanTheirLikesLead(flavor: VariableGeneFlavor) throws {
    let (cells, genes) = (400, 400)
    var dense = Matrix<Float>.zeros(cells, genes)
    var generator = RandomGenerator(seed: 3)
    for j in 0..<genes {
      let mean = 1 + Double(j) / 27
      for i in 0..<cells {
        let burst = (j == 100 || j == 300) ? (i % 10 == 0 ? 10.0 : 0) : 1
        let noise = mean * burst + (mean * burst).squareRoot() * generator.normal()
        dense[i, j] = Float(max(0, noise.rounded()))
      }
    }
    var options = PreprocessingOptions()
    options.flavor = flavor
    options.genes = 2
    let result = try preprocess(counts: SparseMatrix(dense), options: options)
    #expect(result.keptGenes == [100, 300])
    #expect(result.summary.lessVariableGenes == genes - 2)
  }

  /// The definition of cell_ranger's normalised dispersion, computed here gene by gene.
  @Test func cellRangerMatchesItsDefinition() throws {
    let counts = simulatedCounts(cells: 150, genes: 200)
    var options = PreprocessingOptions()
    options.flavor = .cellRanger
    let result = try preprocess(counts: counts, options: options)
    let dense = result.logNormalized.densified()
    let n = Double(dense.rows)
    var (means, dispersions): ([Double], [Double]) = ([], [])
    for j in 0..<dense.columns {
      let column = (0..<dense.rows).map { Double(dense[$0, j]) }
      let mean = column.reduce(0, +) / n
      means.append(mean)
      dispersions.append(column.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (n - 1) / mean)
    }
    let ranked = result.variableGenes
    assertClose(ranked.means, means, tolerance: 1e-5)
    assertClose(ranked.dispersions, dispersions, tolerance: 1e-5)
    let sorted = means.sorted()
    let edges = stride(from: 10.0, through: 100, by: 5).map { percent -> Double in
      let position = percent / 100 * Double(sorted.count - 1)
      let low = Int(position)
      let high = min(low + 1, sorted.count - 1)
      return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }
    for j in means.indices {
      let bin = edges.count { means[j] > $0 }
      let others = means.indices.filter { k in edges.count { means[k] > $0 } == bin }
      let center = middle(others.map { dispersions[$0] })
      let spread = middle(others.map { abs(dispersions[$0] - center) }) / 0.6744897501960817
      assertClose(
        [ranked.normalizedDispersions[j]], [(dispersions[j] - center) / (spread > 0 ? spread : 1)],
        tolerance: 1e-4, scale: 1, "gene \(j)")
    }
  }

  private func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Equal batches agree with the whole; a gene that only one batch finds variable comes after one
  /// that both do.
  @Test(arguments: VariableGeneFlavor.allCases)
  func batchesVote(flavor: VariableGeneFlavor) throws {
    let counts = simulatedCounts(cells: 90, genes: 60)
    var options = PreprocessingOptions()
    options.flavor = flavor
    options.genes = 15
    let whole = try preprocess(counts: counts, options: options)
    let rows = Array(0..<90) + Array(0..<90)
    let doubled = counts.selecting(rows: rows, columns: Array(0..<60))
    let batched = try preprocess(
      counts: doubled, batches: (0..<180).map { $0 / 90 }, options: options)
    #expect(batched.keptGenes == whole.keptGenes)
    assertClose(
      batched.variableGenes.normalizedDispersions, whole.variableGenes.normalizedDispersions,
      tolerance: 1e-9, scale: 1)
    #expect(throws: PreprocessingFault.self) {
      try preprocess(counts: counts, batches: [1, 2], options: options)
    }
  }

  /// A gene without counts in a batch is not among those that the batch compares. Its normalized
  /// dispersion there is 0, and the others are those of the batch without it.
  @Test(arguments: VariableGeneFlavor.allCases)
  func genesAbsentFromABatchAreNotCompared(flavor: VariableGeneFlavor) throws {
    let counts = simulatedCounts(cells: 90, genes: 60, density: 3).densified()
    var (lacking, both) = (counts, Matrix<Float>.zeros(180, 60))
    for i in 0..<90 {
      for j in 0..<20 { lacking[i, 3 * j] = 0 }
      for j in 0..<60 { (both[i, j], both[90 + i, j]) = (lacking[i, j], counts[i, j]) }
    }
    var options = PreprocessingOptions()
    options.flavor = flavor
    options.genes = 15
    options.targetSum = 10_000
    func dispersions(_ counts: Matrix<Float>, _ batches: [Int]? = nil) throws -> [Int: Double] {
      let result = try preprocess(
        counts: SparseMatrix(counts), batches: batches, options: options)
      return Dictionary(
        uniqueKeysWithValues: zip(
          result.filteredGenes, result.variableGenes.normalizedDispersions))
    }
    let (first, second) = (try dispersions(lacking), try dispersions(counts))
    let found = try dispersions(both, (0..<180).map { $0 / 90 })
    #expect(first.count == 40 && second.count > 50)
    let genes = second.keys.sorted()
    assertClose(
      genes.map { found[$0] ?? .nan }, genes.map { ((first[$0] ?? 0) + (second[$0] ?? 0)) / 2 },
      tolerance: 1e-9, scale: 1)
  }

  /// Batches of few cells rank nothing; if all are small, the cells rank together.
  @Test(arguments: VariableGeneFlavor.allCases)
  func smallBatchesRankNothing(flavor: VariableGeneFlavor) throws {
    let counts = simulatedCounts(cells: 99, genes: 60)
    var options = PreprocessingOptions()
    options.flavor = flavor
    options.genes = 15
    func ranked(_ batches: [Int]?) throws -> Preprocessed {
      try preprocess(counts: counts, batches: batches, options: options)
    }
    let large = (0..<99).map { $0 < 45 ? 0 : $0 < 90 ? 1 : 2 }
    let found = try ranked(large)
    #expect(found.batchesTooSmallToRank(large) == [2])
    let without = try ranked(large.map { $0 == 2 ? -1 : $0 })
    #expect(found.keptGenes == without.keptGenes)
    #expect(found.variableGenes.ranking == without.variableGenes.ranking)
    let own = Array(0..<99)
    let single = try ranked(own)
    #expect(single.batchesTooSmallToRank(own) == own)
    #expect(single.variableGenes.ranking == (try ranked(nil)).variableGenes.ranking)
  }
}
