import CellData
import Foundation
import Tensors
import Testing

/// Several models in sc-pretrain, and what sc-cluster makes of them.
@Suite struct ConsensusStageTests {
  private static func pipe(_ pretrain: String, _ cluster: String, knn: String = "") throws -> (
    Shell, Outcome
  ) {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 \(knn) | sc-pretrain -q --epochs 4 \(pretrain) -o p.st && sc-cluster p.st --clusters 3 \(cluster) -o out.st"
    )
    return (shell, outcome)
  }

  @Test func furtherModelsSeeOtherGenes() throws {
    let (shell, outcome) = try Self.pipe("--models 4", "-v")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let trained = try shell.object("p.st")
    let codes = trained.obsm.keys.filter { $0.hasPrefix("X_latent") }.sorted()
    #expect(codes == ["X_latent", "X_latent_1", "X_latent_2", "X_latent_3"])
    #expect(Set(codes.compactMap { trained.obsm[$0] }.map { $0.row(0)[0] }).count == 4)
    #expect(trained.obsm["X_latent_3"]?.rows == trained.cellCount)
    #expect(outcome.errors.contains("start: joint"))
    let found = try shell.object("out.st")
    #expect(found.obs["confidence"]?.numbers?.allSatisfy { (0...1).contains($0) } == true)
  }

  @Test func oneModelIsWhatThereWas() throws {
    let (shell, outcome) = try Self.pipe("--models 1", "-v")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let trained = try shell.object("p.st")
    #expect(trained.obsm["X_latent_1"] == nil)
    #expect(outcome.errors.contains("modularity on the input graph"))
    let again = try Self.pipe("--models 2", "-q").0.object("p.st")
    #expect(trained.obsm["X_latent"] == again.obsm["X_latent"])
  }

  /// Codes of an earlier run with more models do not stay behind.
  @Test func laterRunsReplaceEarlierCodes() throws {
    let (shell, _) = try Self.pipe("--models 3", "-q")
    let outcome = try shell.run("sc-pretrain -q --epochs 2 --models 2 p.st -o again.st")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = try shell.object("again.st").obsm.keys.filter { $0.hasPrefix("X_latent") }
    #expect(Set(names) == ["X_latent", "X_latent_1"])
  }

  @Test("a second kind of model keeps the codes of the first, and a consensus is of both")
  func kindsOfModels() throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st
      sc-pretrain -q knn.st --model scdeepcluster --epochs 4 --models 2 -o a.st
      sc-pretrain -q a.st --epochs 4 --models 2 -o b.st
      sc-pretrain -q knn.st --epochs 4 --models 2 -o alone.st
      sc-cluster b.st --clusters 3 --method consensus -o both.st
      sc-cluster -q a.st --clusters 3 --method consensus -o one.st
      sc-pretrain -q b.st --model scdeepcluster --epochs 4 --models 2 -o c.st
      sc-cluster -q b.st --clusters 3 --method scdeepcluster --epochs 1 -o d.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let said =
      "obsm/X_latent, obsm/X_latent_1, obsm/X_latent_scdeepcluster, obsm/X_latent_scdeepcluster_1"
    #expect(outcome.errors.contains("the consensus combines \(said)"), "\(outcome.errors)")
    let (a, b, alone) = (
      try shell.object("a.st"), try shell.object("b.st"), try shell.object("alone.st")
    )
    for number in ["", "_1"] {
      #expect(b.obsm["X_latent_scdeepcluster\(number)"] == a.obsm["X_latent\(number)"])
      #expect(b.obsm["X_latent\(number)"] == alone.obsm["X_latent\(number)"])
    }
    #expect(!alone.obsm.keys.contains { $0.hasPrefix("X_latent_sc") })
    let (both, one) = (try shell.object("both.st"), try shell.object("one.st"))
    #expect(both.obs["cluster"]?.classes?.names.count == 3)
    #expect(both.history.last?.settings["codes"]?.contains("X_latent_scdeepcluster_1") == true)
    #expect(one.history.last?.settings["codes"] == nil)
    // The kind that is trained again, or goes on with clusters, is in front; the other keeps its
    // codes.
    let (c, d) = (try shell.object("c.st"), try shell.object("d.st"))
    #expect(c.obsm["X_latent_sctpf_1"] == b.obsm["X_latent_1"] && c.obsm["X_latent"]?.columns == 32)
    #expect(!c.obsm.keys.contains { $0.hasPrefix("X_latent_scdeep") })
    #expect(d.obsm["X_latent_sctpf"] == b.obsm["X_latent"] && d.obsm["X_latent"]?.columns == 32)
    #expect(d.obsm["X_latent_1"] == a.obsm["X_latent_1"])
  }

  @Test(
    "codes of another program are not treated as those of a model, and sketches stay with their codes"
  )
  func kindsBesideOthers() throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st
      sc-pretrain -q knn.st --model scdeepcluster --epochs 2 --sketch 80 -o a.st
      sc-pretrain -q a.st --epochs 2 --models 2 --sketch 80 -o same.st
      sc-cluster -q same.st -c 3 --method consensus -o c.st
      sc-cluster -q same.st -c 3 --epochs 1 -o t.st
      sc-pretrain -q a.st --epochs 2 --models 2 --sketch 60 -o other.st
      """, timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let kept = "uns.sketch.X_latent_scdeepcluster"
    let (a, same) = (try shell.object("a.st"), try shell.object("same.st"))
    #expect(same.tensors[kept] == a.tensors["uns.sketch.X_latent"] && same.tensors[kept] != nil)
    #expect(same.obsm["X_latent_scdeepcluster"] == a.obsm["X_latent"])
    #expect(try shell.object("t.st").tensors[kept] == same.tensors[kept])
    #expect(try shell.object("c.st").obs["cluster"] != nil)
    // With another sketch the codes of all cells remain.
    let other = try shell.object("other.st")
    #expect(other.tensors[kept] == nil && other.obsm["X_latent_scdeepcluster"] != nil)
    var foreign = a
    foreign.obsm["X_latent"] = Matrix((0..<120).map { [Float($0), 1] })
    try shell.write(foreign, to: "foreign.st")
    let replaced = try shell.run("sc-pretrain foreign.st --epochs 2 -o f.st")
    #expect(replaced.status == 0 && replaced.errors.contains("written by another program"))
    #expect(try !shell.object("f.st").obsm.keys.contains { $0.hasPrefix("X_latent_sc") })
  }

  @Test func consensusNeedsNoTraining() throws {
    let (shell, outcome) = try Self.pipe("--models 3", "-q --method consensus")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try shell.object("out.st")
    guard case .categorical(let clusters) = found.obs["cluster"] else {
      Issue.record("no clusters")
      return
    }
    #expect(Set(clusters.codes) == [0, 1, 2])
    #expect(found.obs["confidence"] != nil && found.obs["reliability"] == nil)
  }

  /// A graph that was not made of principal components is the user's: no model builds another.
  @Test func threadsAndOwnGraphs() throws {
    let options = "--models 3 -t"
    let one = try Self.pipe("\(options) 1", "-q -t 1").0
    let two = try Self.pipe("\(options) 2", "-q -t 2").0
    #expect(try one.data("out.st") == two.data("out.st"))
    let own = try Shell()
    try own.writeInput()
    let outcome = try own.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-knn -q --use X_pca | sc-pretrain -q --epochs 2 --models 2 -o p.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try own.object("p.st").obsm["X_latent_1"] != nil)
  }

  @Test func noModelsAreWrongUsage() throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-pretrain in.st --models 0 -o out.st")
    #expect(outcome.status == 64 && outcome.errors.contains("--models"))
  }
}
