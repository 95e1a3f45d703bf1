import CellData
import DataFormats
import Tensors
import Testing

/// Lines of a table that are no genes and no cells.
@Suite struct SummaryLinesTests {
  private let genes = (0..<7).map { "g\($0)" }
  private let cells = (0..<8).map { "c_\($0)" }
  private let counts = (0..<8).map { i in (0..<7).map { j in Float((i * 5 + j * 3) % 7) } }

  private func read(
    _ rows: [(name: String, values: [Float])], _ header: [String], turned: Bool = false
  )
    throws -> (data: CellData, said: [String])
  {
    let folder = try TestFolder()
    let lines = rows.map { $0.name + "," + $0.values.map { "\(Int($0))" }.joined(separator: ",") }
    let text = "," + header.joined(separator: ",") + "\n" + lines.joined(separator: "\n") + "\n"
    let said = Announcements()
    let data = try DataFormats.read(
      path: try folder.file("t.csv", text), options: said.options { $0.isTransposed = turned })
    return (data, said.all)
  }

  @Test("sums of genes and of cells, once or twice, are left out and named", arguments: [1, 2])
  func sums(times: Int) throws {
    let names = (1...times).map { "Total_\($0)" }
    var rows = zip(cells, counts).map { name, row in
      (name, row + names.map { _ in row.reduce(0, +) })
    }
    let total = (0..<7 + times).map { j in rows.reduce(0) { $0 + $1.1[j] } }
    rows.append(("all", total))
    let (data, said) = try read(rows, genes + names)
    #expect(data.var.index == genes && data.obs.index == cells)
    #expect(data.x?.dense() == Matrix(counts))
    #expect(
      said.contains(
        "these lines are not genes, but the sums of all others; left out: \(names.joined(separator: ", "))"
      ))
    #expect(said.contains("these lines are not cells, but the sums of all others; left out: all"))
  }

  @Test(
    "statistics of reads without a gene or antibody are no genes",
    arguments: [
      ["__no_feature", "__ambiguous", "__not_aligned", "N_unmapped"],
      ["unmapped", "no_match", "bad_struct", "ambiguous"],
      ["Unassigned_Unmapped", "Unassigned_NoFeatures", "Unassigned_Ambiguity"],
    ])
  func linesOfPrograms(names: [String]) throws {
    let rows =
      genes.indices.map { j in (genes[j], counts.map { $0[j] }) }
      + names.map { ($0, [Float](repeating: 500, count: 8)) }
    let (data, said) = try read(rows, cells, turned: true)
    #expect(data.var.index == genes && data.x?.dense() == Matrix(counts))
    #expect(said.contains { $0.hasSuffix("left out: \(names.joined(separator: ", "))") })
  }

  @Test("genes that are no sum stay, whatever they are called")
  func others() throws {
    let rows = zip(cells, counts).map { name, row in (name, row + [row.reduce(1, +)]) }
    #expect(try read(rows, genes + ["Total"]).data.geneCount == 8)
  }
}
