import CellData
import DataFormats
import Foundation
import Tensors
import Testing

/// Stored models whose genes another program has sorted, or given other names.
@Suite struct GeneOrderTests {
  /// A model in `m.st`, its clusters in `c.st`, and a model of paired cells in `paired.st`.
  private static let prepared: Result<Shell, any Error> = Result {
    let shell = try Shell()
    try shell.writeInput()
    try shell.write(PairedCells.object(), to: "both.st")
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st --genes 100 | sc-knn -q --components 8 |
        sc-pretrain -q --models 1 --epochs 8 -o m.st &&
      \(cluster) m.st -o c.st &&
      sc-preprocess -q both.st | sc-pretrain -q --model scmdc --models 1 --epochs 4 -o paired.st
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private static let cluster = "sc-cluster -c 3 --epochs 4 --keep last"
  private static let line =
    "the genes are in another order than in the model, and are reordered"

  private let shell: Shell

  init() throws { shell = try Self.prepared.get() }

  private func turned(_ cells: CellData) -> CellData {
    cells.selectingGenes(Array((0..<cells.geneCount).reversed()))
  }

  @Test("a training with clusters takes the genes by name", arguments: ["g.st", "g.h5ad"])
  func clusters(_ name: String) throws {
    let cells = turned(try shell.object("m.st"))
    if name == "g.st" {
      try shell.write(cells, to: name)
    } else {
      try DataFormats.writeAnnData(cells, toPath: shell.url(name).path)
    }
    let made = try shell.run("\(Self.cluster) \(name) -o \(name).c.st")
    #expect(made.status == 0 && made.errors.contains(Self.line), "\(made.errors)")
    let (found, known) = (try shell.object("\(name).c.st"), try shell.object("c.st"))
    #expect(found.var.index == known.var.index && found.x == known.x)
    #expect(found.obsm["X_latent"] == known.obsm["X_latent"])
    #expect(found.obs["cluster"] == known.obs["cluster"])
    let silent = try shell.run("\(Self.cluster) m.st -o same.\(name).st")
    #expect(!silent.errors.contains(Self.line), "\(silent.errors)")
  }

  @Test("cells are mapped onto a reference by the names of the model's genes")
  func mapping() throws {
    try shell.write(turned(try shell.object("c.st")), to: "turned.st")
    try shell.write(SimulatedCells.object().selectingCells(Array(80..<120)), to: "new.st")
    let made = try shell.run(
      """
      sc-cluster -q --reference c.st new.st -o a.st &&
      sc-cluster -q --reference turned.st new.st -o b.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let (a, b) = (try shell.object("a.st"), try shell.object("b.st"))
    #expect(a.obsm["X_latent"] == b.obsm["X_latent"] && a.obs == b.obs)
    try shell.edit("c.st", as: "renamed.st") { $0.var.index[3] = "Other" }
    try shell.expectBadData(
      "sc-cluster --reference renamed.st new.st -o x.st",
      "renamed.st: the model was trained on 100 genes, but the data have 100 (missing: 'Gene")
    #expect(!shell.exists("x.st"))
    let components = try shell.run(
      "sc-cluster -q --reference renamed.st new.st --use X_pca -o x.st")
    #expect(components.status == 0, "\(components.errors)")
  }

  @Test("the diagnosis takes the genes by name")
  func diagnosis() throws {
    try shell.write(turned(try shell.object("c.st")), to: "turned-c.st")
    let options = "--labels type --diagnose --json"
    let (known, found) = (
      try shell.figures("sc-eval -q c.st \(options)"),
      try shell.figures("sc-eval -q turned-c.st \(options)")
    )
    for name in ["lambda_fr", "lambda_fd"] {
      #expect(found[name] as? Double == known[name] as? Double && found[name] != nil)
    }
  }

  @Test("other genes are refused; models of earlier versions have no names")
  func otherGenes() throws {
    try shell.edit("m.st", as: "other.st") { $0.var.index[0] = "Other" }
    try shell.expectBadData(
      "\(Self.cluster) other.st -o none.st",
      "; new: 'Other'); give them the names that they had, or run sc-pretrain on these data")
    #expect(!shell.exists("none.st"))
    try shell.edit("other.st", as: "old.st") { $0.settings["uns.sctpf.genes"] = nil }
    let old = try shell.run("\(Self.cluster) old.st -o old-c.st")
    #expect(old.status == 0 && !old.errors.contains(Self.line), "\(old.errors)")
  }

  @Test("values that were changed since are named, cells that were left out are not")
  func changedValues() throws {
    let line = "X was changed after sc-pretrain trained the model; run sc-pretrain on these values"
    let cells = try shell.object("m.st")
    var halved = cells
    halved.x = halved.x.map { .sparse($0.sparse().mapValues { $0 / 2 }) }
    try shell.write(halved, to: "halved.st")
    let changed = try shell.run("\(Self.cluster) halved.st -o x1.st")
    #expect(changed.status == 0 && changed.errors.contains(line), "\(changed.errors)")
    let fewer = turned(cells).selectingCells(Array((20..<110).reversed()))
    try shell.write(fewer, to: "fewer.st")
    let kept = try shell.run("\(Self.cluster) fewer.st -o x2.st")
    #expect(kept.status == 0 && !kept.errors.contains(line), "\(kept.errors)")
  }

  @Test("the features of a second modality are taken by name too")
  func features() throws {
    let cells = try shell.object("paired.st")
    var second = try #require(cells.secondModality)
    second.data = turned(second.data)
    var other = cells
    other.setSecondModality(second)
    try shell.write(other, to: "features.st")
    let made = try shell.run(
      "\(Self.cluster) -q paired.st -o pa.st && \(Self.cluster) features.st -o pb.st")
    #expect(made.status == 0 && made.errors.contains(Self.line), "\(made.errors)")
    let (a, b) = (try shell.object("pa.st"), try shell.object("pb.st"))
    #expect(a.obsm["X_latent"] == b.obsm["X_latent"])
    #expect(b.secondModality?.data.var.index == cells.secondModality?.data.var.index)
    second.data.var.index[2] = "Other"
    other.setSecondModality(second)
    try shell.write(other, to: "features.st")
    try shell.expectBadData(
      "\(Self.cluster) features.st -o none2.st", "the model was trained on 12 features of 'adt'")
  }
}
