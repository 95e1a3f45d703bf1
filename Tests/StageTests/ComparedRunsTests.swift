import CellData
import Foundation
import Tensors
import Testing

/// Which files sc-eval --compare takes for seeds of one run.
@Suite struct ComparedRunsTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  /// Cells with one history, in whose column the first `flips` cells are in the wrong cluster.
  private func write(
    _ name: String, column: String, seed: UInt64 = 0, flips: Int,
    _ change: (inout CellData) -> Void = { _ in }
  ) throws {
    var cells = SimulatedCells.object()
    cells.obs[column] = .integer(Buffer((0..<120).map { $0 < flips ? 0 : $0 % 3 }))
    cells.history = [
      Provenance(
        tool: "sc-cluster", version: "1", settings: ["clusters": "3"], seed: seed,
        inputCRC: "0000abcd")
    ]
    change(&cells)
    try shell.write(cells, to: name)
  }

  /// The numbers of runs in the rows of the table, and the messages.
  private func rows(_ command: String) throws -> (runs: [String], errors: String) {
    let made = try shell.run(command)
    #expect(made.status == 0, "\(made.errors)")
    let lines = made.text.split(separator: "\n").dropFirst()
    return (lines.map { String($0.split(separator: "\t")[1]) }, made.errors)
  }

  @Test("a note names figures that only some seeds have")
  func incompleteMeans() throws {
    for (seed, name) in ["a", "b", "c"].enumerated() {
      try write("\(name).st", column: "cluster", seed: UInt64(seed), flips: seed) { cells in
        if seed == 2 { return }
        cells.obsm["X_latent"] = Matrix((0..<120).map { [Float($0 * 5 % 13), Float($0 % 7)] })
      }
    }
    let (runs, errors) = try rows("sc-eval --compare a.st b.st c.st --labels type")
    #expect(runs == ["3"])
    #expect(
      errors.contains(
        "in the row of 'a.st', 'silhouette', 'davies_bouldin', 'calinski_harabasz' of 2 of 3 runs only: the others lack them"
      ), "\(errors)")
  }

  @Test("a further run of a program, and another embedding, set runs apart")
  func furtherRuns() throws {
    func entry(_ tool: String, _ settings: [String: String]) -> Provenance {
      Provenance(tool: tool, version: "1", settings: settings, seed: 0, inputCRC: "0000abcd")
    }
    try write("a.st", column: "cluster", flips: 0)
    try write("b.st", column: "cluster", flips: 2) { cells in
      cells.history.append(
        entry("sc-cluster", ["method": "\"editing\"", "within": "\"0\"", "rename": "null"]))
      cells.obsm["X_pca"] = Matrix((0..<120).map { [Float($0 * 7 % 11), Float($0 * 3 % 5)] })
    }
    try write("c.st", column: "cluster", flips: 1) { cells in
      cells.obsm["X_latent"] = Matrix((0..<120).map { [Float($0 * 5 % 13), Float($0 % 7)] })
    }
    let made = try shell.run("sc-eval --compare a.st b.st c.st --labels type")
    let lines = made.text.split(separator: "\n")
    #expect(
      lines.contains { $0.contains("sc-cluster#2 sc-cluster#2.method=\"editing\"") }
        && lines.contains { $0.contains("sc-cluster#2.within=\"0\"") }, "\(made.text)")
    #expect(!made.text.contains("rename"))
    #expect(
      made.errors.contains(
        "use different embeddings: 'a.st' in none, 'b.st' in X_pca, 'c.st' in X_latent"),
      "\(made.errors)")
  }

  @Test("clusterings that the history did not write have rows of their own")
  func foreignClusters() throws {
    for (number, flips) in [0, 30, 60].enumerated() {
      try write("f\(number).st", column: "leiden", flips: flips)
    }
    let command = "sc-eval --compare f0.st f1.st f2.st --labels type --clusters-column leiden"
    let found = try rows(command)
    #expect(found.runs == ["1", "1", "1"])
    #expect(
      found.errors.contains(
        "the clusters of 'f0.st', 'f1.st', 'f2.st' are not those that the history shows, so each file has its own row"
      ), "\(found.errors)")
  }

  @Test("a setting that an older version did not record is shown only where others differ in it")
  func recordedLater() throws {
    try write("old.st", column: "cluster", flips: 0)
    for preset in ["paper", "released"] {
      try write("\(preset).st", column: "cluster", flips: 30) {
        $0.history[0].settings["preset"] = "\"\(preset)\""
      }
    }
    let two = try shell.run("sc-eval --compare old.st paper.st --labels type")
    #expect(two.status == 0 && !two.text.contains("preset"), "\(two)")
    let three = try shell.run("sc-eval --compare old.st paper.st released.st --labels type")
    let rows = three.text.split(separator: "\n").dropFirst().map(String.init)
    #expect(three.status == 0 && rows.count == 3 && !rows[0].contains("preset"), "\(three)")
    #expect(rows[1].contains("sc-cluster.preset=\"paper\""))
    #expect(rows[2].contains("sc-cluster.preset=\"released\""))
  }

  @Test("files of other cells have rows of their own, and other orders of the same cells do not")
  func otherCells() throws {
    try write("a.st", column: "cluster", flips: 0)
    try write("turned.st", column: "cluster", seed: 1, flips: 30) {
      $0 = $0.selectingCells((0..<120).reversed())
    }
    try write("half.st", column: "cluster", seed: 2, flips: 0) {
      $0 = $0.selectingCells(Array(0..<60))
    }
    let same = try rows("sc-eval --compare a.st turned.st --labels type")
    #expect(same.runs == ["2"] && same.errors.isEmpty, "\(same.errors)")
    let found = try rows("sc-eval --compare a.st turned.st half.st --labels type")
    #expect(found.runs == ["2", "1"])
    #expect(
      found.errors.contains("'half.st' and 'a.st' have the same history but different cells"),
      "\(found.errors)")
  }
}
