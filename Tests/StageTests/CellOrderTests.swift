import CellData
import DataFormats
import Foundation
import Tensors
import TestSupport
import Testing

/// Files whose cells another program has put into another order, or left out: what is stored by
/// cell elsewhere than in obs follows them.
@Suite struct CellOrderTests {
  private static let order = Array((0..<SimulatedCells.cells).reversed())

  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Paired cells with a modality that is not used.
  private func paired() throws -> CellData {
    try shell.writeInput {
      $0.modalities = [PairedCells.modality(), PairedCells.modality("crispr")]
    }
    let made = try shell.run("sc-preprocess -q in.st -o p.st")
    #expect(made.status == 0, "\(made.errors)")
    return try shell.object("p.st")
  }

  private func store(_ cells: CellData, as name: String) throws {
    if name.hasSuffix(".st") { return try shell.write(cells, to: name) }
    try DataFormats.writeAnnData(cells, toPath: shell.url(name).path)
  }

  @Test("modalities follow cells in another order", arguments: ["o.h5ad", "o.st"])
  func modalities(_ name: String) throws {
    let cells = try paired()
    var turned = cells.selectingCells(Self.order)
    turned.modalities = cells.modalities
    try store(turned, as: name)
    let made = try shell.run("sc-knn -q --modalities rna \(name) -o k.st")
    #expect(made.status == 0, "\(made.errors)")
    let found = try shell.object("k.st")
    #expect(found.obs.index == turned.obs.index && found.modalities.count == 2)
    #expect(found.modalities.allSatisfy { $0.data.obs.index == found.obs.index })
    #expect(
      found.secondModality?.data.layers["counts"]?.dense()
        == Matrix(Self.order.map { PairedCells.proteins[$0] }))
  }

  @Test("cells that were left out leave a modality that is not used too")
  func fewerCells() throws {
    let cells = try paired()
    var fewer = cells.selectingCells(Array(40..<100))
    fewer.modalities[1] = cells.modalities[1]
    try store(fewer, as: "o.h5ad")
    let made = try shell.run("sc-preprocess -q o.h5ad -o q.h5mu && sc-knn -q o.h5ad -o k.st")
    #expect(made.status == 0, "\(made.errors)")
    let found = try shell.object("k.st")
    #expect(found.modalities.map(\.data.obs.index) == [fewer.obs.index, fewer.obs.index])
    #expect(
      found.modalities[1].data.x?.dense() == Matrix(Array(PairedCells.proteins[40..<100])))
  }

  @Test("modalities whose cells have other names than obs are refused", arguments: ["h5ad", "st"])
  func otherNames(_ format: String) throws {
    let cells = try paired()
    var renamed = cells
    renamed.obs.index = cells.obs.index.map { "x-" + $0 }
    try store(renamed, as: "o.\(format)")
    try shell.expectBadData(
      "sc-knn o.\(format) -o k.st",
      "o.\(format): modality 'adt': 120 of the 120 cells in obs are missing from its own table")
    #expect(!shell.exists("k.st"))
  }

  @Test("cells that get unique names keep their modalities")
  func uniqueNames() throws {
    try shell.writeInput {
      $0.modalities = [PairedCells.modality()]
      var names = $0.obs.index
      names[7] = names[6]
      $0.renameCells(names)
    }
    let made = try shell.run(
      "sc-preprocess -q --make-unique in.st -o p.st && sc-knn -q p.st -o k.st")
    #expect(made.status == 0, "\(made.errors)")
    let found = try shell.object("k.st")
    #expect(Set(found.obs.index).count == 120)
    #expect(found.modalities[0].data.obs.index == found.obs.index)
  }

  @Test("the snapshots of a training follow the cells, or are refused")
  func snapshots() throws {
    try shell.writeInput()
    let made = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-pretrain -q --models 1 --epochs 8 | sc-cluster -q -c 3 --epochs 8 --min-epochs 8 --keep last --keep-snapshots -o k.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("k.st")
    let turned = cells.selectingCells(Self.order)
    try store(turned, as: "turned.st")
    try store(turned, as: "turned.h5ad")
    func curve(_ name: String) throws -> [Double] {
      let figures = try shell.figures("sc-eval -q \(name) --labels type --diagnose --json")
      let curves = try #require(figures["gradients"] as? [String: [Double]])
      return try #require(curves["lambda_fr"]) + #require(curves["lambda_fd"])
    }
    let known = try curve("k.st")
    for name in ["turned.st", "turned.h5ad"] {
      assertClose(try curve(name), known, tolerance: 0.02)
    }
    try shell.edit("k.st", as: "renamed.st") { cells in
      cells.obs.index = cells.obs.index.map { "x-" + $0 }
    }
    try shell.expectBadData(
      "sc-eval renamed.st --labels type --diagnose --json", "the snapshots are of other cells")
  }

  @Test("the codes of a sketch follow the cells, or are refused")
  func sketch() throws {
    try shell.writeInput()
    let made = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-pretrain -q --models 1 --epochs 8 --sketch 60 -o m.st"
    )
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("m.st")
    try store(cells.selectingCells(Self.order), as: "turned.st")
    let clustered = try shell.run("sc-cluster -q -c 3 --method kmeans turned.st -o c.st")
    #expect(clustered.status == 0, "\(clustered.errors)")
    let name = "uns.sketch.X_latent"
    let codes = try #require(cells.tensors[name]?.matrix(Float.self))
    let found = try #require(shell.object("c.st").tensors[name]?.matrix(Float.self))
    #expect(found == codes.selectingRows(Array((0..<codes.rows).reversed())))
    try shell.edit("m.st", as: "renamed.st") { cells in
      cells.obs.index = cells.obs.index.map { "x-" + $0 }
    }
    try shell.expectBadData(
      "sc-cluster -c 3 renamed.st -o c.st", "are not those that the models learned from")
  }
}
