import CellData
import Foundation
import Tensors
import TestSupport
import Testing

/// Paired measurements, from the files to the graph.
@Suite struct PairedTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private static let proteinNames = PairedCells.proteinNames
  private static let proteins = PairedCells.proteins

  private static func modality(
    _ name: String, _ counts: [[Float]] = proteins, features: [String] = proteinNames
  ) -> Modality {
    PairedCells.modality(name, counts, features: features)
  }

  /// Comma-separated text of the proteins, the cells in the order given.
  private static func table(_ cells: [Int], suffix: String = "") -> String {
    "," + proteinNames.joined(separator: ",") + "\n"
      + cells.map { i in
        SimulatedCells.barcodes[i] + suffix + ","
          + proteins[i].map { String(Int($0)) }.joined(separator: ",") + "\n"
      }.joined()
  }

  @Test("proteins of the same file become centered log-ratios with counts and size factors")
  func proteins() throws {
    try shell.writeInput { $0.modalities = [Self.modality("adt")] }
    let outcome = try shell.run("sc-preprocess in.st -o p.st")
    #expect(outcome.errors.hasSuffix("; also 12 of 12 proteins (adt, clr)\n"))
    let second = try #require(try shell.object("p.st").secondModality)
    #expect(second.name == "adt" && second.data.featureKind == .proteins)
    #expect(second.data.featureTransform == "clr")
    let x = try #require(second.data.x).dense()
    for i in [0, 57, 119] {
      let logs = Self.proteins[i].map { log(1 + Double($0)) }
      let mean = logs.reduce(0, +) / 12
      assertClose((0..<12).map { Double(x[i, $0]) }, logs.map { $0 - mean }, tolerance: 1e-5)
    }
    #expect(try #require(second.data.layers["counts"]).dense() == Matrix(Self.proteins))
    let totals = Self.proteins.map { $0.reduce(0, +) }
    let middle = (totals.sorted()[59] + totals.sorted()[60]) / 2
    assertClose(
      try #require(second.data.obs["size_factors"]?.numbers), totals.map { Double($0 / middle) },
      tolerance: 1e-6)
    #expect(second.data.var["mean"] != nil && second.data.var["std"] != nil)
  }

  @Test("a second file is matched by barcode, whatever its order; what one lacks is dropped")
  func secondFile() throws {
    try shell.writeInput()
    let cells = Array((10..<120).reversed())
    try shell.write(
      Self.table(cells) + "stranger" + String(repeating: ",1", count: 12) + "\n", to: "adt.csv")
    let outcome = try shell.run("sc-preprocess in.st --second adt.csv -o p.st")
    #expect(outcome.errors.contains("kept 110 of 120 cells"))
    #expect(outcome.errors.contains("10 cells only in the RNA, 1 cells only in adt"))
    let result = try shell.object("p.st")
    #expect(result.obs.index == Array(SimulatedCells.barcodes[10...]))
    let counts = try #require(result.secondModality?.data.layers["counts"]).dense()
    #expect(counts == Matrix(Array(Self.proteins[10...])))
    #expect(result.history[0].settings["second_crc"]?.count == 10)
  }

  @Test("barcodes that differ in their endings are shown")
  func noCommonCells() throws {
    try shell.writeInput { $0.obs.index = $0.obs.index.map { $0 + "-1" } }
    try shell.write(Self.table(Array(0..<120), suffix: "-2"), to: "adt.csv")
    let outcome = try shell.run("sc-preprocess in.st --second adt.csv -o p.st")
    #expect(outcome.status == 65 && !shell.exists("p.st"))
    #expect(outcome.errors.contains("adt.csv: no barcode is common with the RNA's"))
    #expect(
      outcome.errors.contains("'cell-0-1' there, 'cell-0-2' here; they differ in their endings"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("peaks are recognized by their names, weighted by frequency and the most variable kept")
  func peaks() throws {
    let names = (0..<SimulatedCells.genes).map { "chr1:\(100 * $0)-\(100 * $0 + 50)" }
    var counts = SimulatedCells.counts
    counts[5] = counts[5].map { _ in 0 }
    try shell.writeInput { $0.modalities = [Self.modality("things", counts, features: names)] }
    let outcome = try shell.run("sc-preprocess in.st -o p.st --second-features 30")
    #expect(outcome.errors.contains("30 of 200 peaks (things, tfidf, dropped: 170 less variable)"))
    #expect(outcome.errors.contains("1 cells without counts in things"))
    let result = try shell.object("p.st")
    let second = try #require(result.secondModality?.data)
    #expect(result.cellCount == 119 && second.geneCount == 30)
    counts.remove(at: 5)
    let j = try #require(names.firstIndex(of: second.var.index[4]))
    let (total, cells) = (counts[7].reduce(0, +), counts.count { $0[j] > 0 })
    let expected = log(1 + 1e4 * Double(counts[7][j] / total) * 119 / Double(cells))
    assertClose([Double(try #require(second.x).dense()[7, 4])], [expected], tolerance: 1e-5)
  }

  @Test("values that are no counts stay what they are, and models report missing counts")
  func transformedValues() throws {
    let values = Self.proteins.map { row in row.map { $0 / 7 - 2.3 } }
    try shell.writeInput { $0.modalities = [Self.modality("prot", values)] }
    let outcome = try shell.run("sc-preprocess in.st -o p.st")
    #expect(outcome.errors.contains("prot: the values are not counts"))
    let second = try #require(try shell.object("p.st").secondModality?.data)
    #expect(second.layers["counts"] == nil && second.obs["size_factors"] == nil)
    #expect(try #require(second.x).dense() == Matrix(values))
    let clr = try shell.run("sc-preprocess in.st -o q.st --second-transform clr")
    #expect(clr.status == 65 && clr.errors.contains("holds no counts, and clr needs counts"))
  }

  @Test("a modality that holds nothing, or something that is no number, ends with 65")
  func badModalities() throws {
    let zeros = Self.proteins.map { $0.map { _ in Float(0) } }
    try shell.writeInput { $0.modalities = [Self.modality("adt", zeros)] }
    let empty = try shell.run("sc-preprocess in.st -o p.st")
    #expect(empty.status == 65 && empty.errors.contains("modality 'adt': all counts are zero"))
    try shell.write(
      Self.table(Array(0..<120)).replacingOccurrences(of: "\ncell-3,", with: "\ncell-3,nan"),
      to: "adt.csv")
    try shell.writeInput()
    let broken = try shell.run("sc-preprocess in.st --second adt.csv -o p.st")
    #expect(broken.status == 65 && broken.errors.hasPrefix("sc-preprocess: adt.csv: line 5"))
    try shell.writeInput { $0.modalities = [Self.modality("adt")] }
    let unknown = try shell.run("sc-preprocess in.st --second-modality atac -o p.st")
    #expect(unknown.status == 64 && unknown.errors.contains("there are 'adt'"))
    #expect(!shell.exists("p.st"))
  }

  @Test("RNA alone gives the same as a file without the modality")
  func rnaAlone() throws {
    try shell.writeInput()
    try shell.run("sc-preprocess -q in.st -o a.st && sc-knn -q a.st -o a.k.st")
    try shell.writeInput { $0.modalities = [Self.modality("adt")] }
    try shell.run(
      "sc-preprocess -q in.st --second-modality none -o b.st && sc-knn -q b.st -o b.k.st")
    let (a, b) = (try shell.object("a.k.st"), try shell.object("b.k.st"))
    #expect(a.obsp == b.obsp && a.x == b.x && a.obsm == b.obsm && b.secondModality == nil)
  }

  @Test("the graph is built from both; a modality of noise gets no weight")
  func graph() throws {
    try shell.writeInput { $0.modalities = [Self.modality("adt")] }
    try shell.run("sc-preprocess -q in.st -o p.st")
    let outcome = try shell.run("sc-knn p.st --components 10 -o k.st")
    #expect(outcome.errors.contains(": the RNA, and 'adt' with weight "))
    let result = try shell.object("k.st")
    let joint = try #require(result.obsm["X_joint"])
    #expect(result.obsm["X_pca"]?.columns == 10 && result.obsm["X_second"]?.columns == 10)
    #expect(joint.columns == 20)
    let weight = try #require(Double(result.settings["uns.joint.second_weight"] ?? ""))
    let (left, right) = (variance(joint, 0..<10), variance(joint, 10..<20))
    assertClose([right / left], [weight], tolerance: 1e-4)
    #expect(weight > 0.2)
    let shuffled = (0..<120).map { Self.proteins[($0 * 49) % 120] }.map { $0.shuffledCyclic() }
    try shell.writeInput { $0.modalities = [Self.modality("adt", shuffled)] }
    try shell.run("sc-preprocess -q in.st -o noise.st")
    let noise = try shell.run("sc-knn noise.st --components 10 -o noise.k.st")
    #expect(noise.errors.contains("in 10 dimensions: the RNA alone, 'adt' with weight 0"))
    try shell.run("sc-knn -q noise.st --components 10 --modalities rna -o rna.k.st")
    #expect(try shell.object("noise.k.st").obsp == shell.object("rna.k.st").obsp)
  }

  private func variance(_ points: Matrix<Float>, _ columns: Range<Int>) -> Double {
    columns.reduce(0) { sum, j in
      let values = (0..<points.rows).map { Double(points[$0, j]) }
      let mean = values.reduce(0, +) / Double(values.count)
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
  }

  @Test("every container keeps everything between stages", arguments: ["h5mu", "h5ad", "zarr"])
  func files(_ format: String) throws {
    try shell.writeInput { $0.modalities = [Self.modality("adt")] }
    try shell.run("sc-preprocess -q in.st -o p.st && sc-knn -q p.st -o direct.st")
    try shell.run("sc-preprocess -q in.st -o p.\(format) && sc-knn -q p.\(format) -o k.\(format)")
    try shell.run("sc-knn -q k.\(format) -o again.st")
    let (a, b) = (try shell.object("direct.st"), try shell.object("again.st"))
    #expect(a.obsp == b.obsp && a.obsm == b.obsm && a.x == b.x && a.layers == b.layers)
    let (c, d) = (try #require(a.secondModality), try #require(b.secondModality))
    #expect(c.name == d.name && c.data.x == d.data.x && c.data.layers == d.data.layers)
    #expect(c.data.obs == d.data.obs && c.data.var == d.data.var)
    #expect(c.data.settings == d.data.settings)
    #expect(b.history.map(\.tool) == ["sc-preprocess", "sc-knn", "sc-knn"])
    let said = try shell.run("sc-knn p.st -o x.\(format)").errors
    #expect(said.contains("the values of 'adt' are in obsm") == (format == "h5ad"))
  }
}

extension [Float] {
  /// The values moved round by an amount that they themselves give: no two cells by the same
  /// pattern.
  fileprivate func shuffledCyclic() -> [Float] {
    let shift = Int(reduce(0) { ($0 * 31 + $1).truncatingRemainder(dividingBy: 9973) }) % count
    return Array(self[shift...] + self[..<shift])
  }
}
