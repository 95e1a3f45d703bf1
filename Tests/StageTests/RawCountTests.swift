import CellData
import Foundation
import Tensors
import Testing

/// Counts that are taken from raw: what the file says of the genes of X goes with them.
@Suite struct RawCountTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Cells with scaled values in X, of the genes named, and the counts of all genes in raw.
  private func write(_ genes: [Int], to name: String) throws {
    try shell.write(
      try SimulatedCells.stream { data in
        var all = data.var
        all["length"] = .integer(Buffer((0..<SimulatedCells.genes).map { $0 }))
        data.raw = RawValues(x: .dense(Matrix(SimulatedCells.counts)), var: all)
        let scaled = SimulatedCells.counts.map { row in genes.map { row[$0] - 1.5 } }
        data.x = .dense(Matrix(scaled))
        data.layers["mine"] = .sparse(SparseMatrix(Matrix(scaled)))
        data.var = Frame(index: genes.map { SimulatedCells.geneNames[$0] })
        data.var["rank"] = .integer(Buffer(genes.map { 1000 + $0 }))
        data.var["note"] = .categorical(Categories(genes.map { "gene \($0)" }))
        data.var["score"] = .float32(Buffer(genes.map { Float($0) }))
        data.var["length"] = .integer(Buffer(genes.map { -$0 }))
        data.varm["PCs"] = Matrix(genes.map { [Float($0), 1] })
      }, to: name)
  }

  @Test("all columns, layers and matrices of the genes come along, in any order of the genes")
  func sharedGenes() throws {
    try write((0..<SimulatedCells.genes).reversed(), to: "in.st")
    let made = try shell.run("sc-preprocess in.st --genes 50 -o a.st")
    #expect(made.status == 0 && !made.errors.contains("left out"), "\(made.errors)")
    let data = try shell.object("a.st")
    let genes = data.var.index.compactMap { Int($0.dropFirst(4)) }
    #expect(genes.count == 50 && data.geneCount == 50)
    #expect(data.var["rank"] == .integer(Buffer(genes.map { 1000 + $0 })))
    #expect(data.var["note"]?.classes?.names.count == SimulatedCells.genes)
    #expect(data.var["length"] == .integer(Buffer(genes.map { -$0 })))
    #expect(data.varm["PCs"] == Matrix(genes.map { [Float($0), 1] }))
    let expected = SimulatedCells.counts.map { row in genes.map { row[$0] - 1.5 } }
    #expect(data.layers["mine"]?.dense() == Matrix(expected))
    #expect(data.raw?.var["length"] == .integer(Buffer((0..<SimulatedCells.genes).map { $0 })))
  }

  @Test("genes that only raw has get no value, and what cannot have gaps is named")
  func furtherGenes() throws {
    try write(Array(0..<20), to: "in.st")
    let made = try shell.run("sc-preprocess in.st --min-cells-fraction 0 -o a.st")
    #expect(made.status == 0)
    #expect(made.errors.contains("not in var: var/length, layers/mine, varm/PCs\n"))
    #expect(!made.errors.contains("replaced"), "\(made.errors)")
    #expect(made.errors.contains("only raw has: var/rank, var/note, var/score\n"))
    let data = try shell.object("a.st")
    #expect(data.geneCount == SimulatedCells.genes)
    let rank = try #require(data.var["rank"]?.numbers)
    #expect(rank[19] == 1019 && rank[20].isNaN)
    #expect(data.var["note"]?.classes?.codes[20] == -1)
    #expect(data.var["score"]?.numbers?[20].isNaN == true)
    #expect(data.var["length"] == .integer(Buffer((0..<SimulatedCells.genes).map { $0 })))
    #expect(data.layers.keys.sorted() == ["counts"] && data.varm.isEmpty)
  }

  @Test("mitochondrial genes may be marked in var alone")
  func marks() throws {
    try shell.write(
      try SimulatedCells.stream { data in
        data.raw = RawValues(x: .dense(Matrix(SimulatedCells.counts)), var: data.var)
        data.x = .dense(Matrix(SimulatedCells.counts.map { $0.map { $0 - 1 } }))
        data.var["mt"] = .boolean(Buffer((0..<SimulatedCells.genes).map { $0 < 100 }))
      }, to: "in.st")
    let made = try shell.run("sc-preprocess in.st --max-mito-fraction 0.9 -o a.st")
    #expect(made.status == 0 && made.errors.contains("detected from var/mt"))
  }
}
