import CellData
import Foundation
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
    #expect(outcome.errors.contains("start: consensus, agreement with the models' partitions"))
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
