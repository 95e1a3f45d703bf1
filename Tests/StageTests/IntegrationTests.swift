import CellData
import Foundation
import Tensors
import Testing

/// sc-knn --integrate and sc-eval --batch-key, run as programs.
@Suite struct IntegrationTests {
  private let shell: Shell

  init() throws { shell = try Shell() }

  private func figures(_ file: String, _ options: String = "") throws -> [String: Double] {
    let outcome = try shell.run("sc-eval \(file) --batch-key sample --json \(options)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    return (object ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
  }

  @Test("batches lie together in X_pca_harmony, where neighbors are searched, and types stay apart")
  func integrates() throws {
    try shell.writeBatches()
    let made = try shell.run(
      """
      sc-preprocess -q in.st -o p.st && sc-knn -q p.st --components 10 -o plain.st &&
      sc-knn p.st --components 10 --batch-key sample --integrate harmony -o joined.st &&
      sc-knn -q p.st --components 10 --batch-key sample --integrate harmony -t 3 -o again.st &&
      for name in plain joined; do sc-cluster -q $name.st --method kmeans -c 3 -o $name.c.st || exit; done
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("2 batches of obs/sample integrated by harmony"))
    #expect(try shell.data("joined.st") == shell.data("again.st"))
    let cells = try shell.object("joined.st")
    #expect(cells.obsm["X_pca_harmony"]?.columns == 10 && cells.obsm["X_pca"]?.columns == 10)
    #expect(cells.history.last?.settings["integrated"] == "\"X_pca_harmony\"")
    let plain = try figures("plain.c.st", "--labels type")
    let joined = try figures("joined.c.st", "--labels type")
    for name in ["ilisi", "kbet", "silhouette_batch", "integration"] {
      #expect((joined[name] ?? 0) > (plain[name] ?? 1), "\(name): \(plain) \(joined)")
    }
    #expect((joined["clisi"] ?? 0) > 0.9 && (joined["ari"] ?? 0) > 0.9)
    #expect(joined["batches"] == 2)
    // Without labels there is what batches alone show.
    let alone = try figures("joined.c.st")
    #expect(alone["ilisi"] == joined["ilisi"] && alone["clisi"] == nil)
    // A later graph without integration takes ours out.
    #expect(try shell.run("sc-knn -q joined.st -o later.st").status == 0)
    #expect(try shell.object("later.st").obsm["X_pca_harmony"] == nil)
  }

  @Test("an embedding that is named is integrated beside itself")
  func named() throws {
    let rows = (0..<120).map { i -> [Float] in
      let shift = (i / 3) % 2
      return (0..<4).map { j in Float((i * 7 + j * 5) % 11 + shift * j) }
    }
    try shell.writeBatches { $0.obsm["X_mine"] = Matrix(rows) }
    let made = try shell.run(
      "sc-knn -q in.st --use X_mine --batch-key sample --integrate harmony --theta 1 -o out.st")
    #expect(made.status == 0, "\(made.errors)")
    let cells = try shell.object("out.st")
    #expect(cells.obsm["X_mine_harmony"]?.columns == 4 && cells.obsm["X_pca"] == nil)
    #expect(cells.history.last?.settings["theta"] == "1")
  }

  @Test("models learn over the integrated graph, also those after the first")
  func models() throws {
    try shell.writeBatches()
    let made = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --batch-key sample --integrate harmony --components 10 |
      sc-pretrain -q --models 2 --epochs 3 | sc-cluster -q -c 3 --epochs 3 -o out.st
      """)
    #expect(made.status == 0, "\(made.errors)")
  }

  @Test(
    "bad input ends with one line and no file",
    arguments: [
      ("sc-knn in.st --integrate harmony", 64, "--integrate is for runs with --batch-key"),
      ("sc-knn in.st --batch-key sample", 64, "--batch-key is for runs with --integrate"),
      ("sc-knn in.st --theta 1", 64, "--theta is for runs with --integrate"),
      ("sc-knn in.st --integrate nosuch --batch-key sample", 64, "nosuch"),
      (
        "sc-knn in.st --integrate harmony --batch-key nothing", 65,
        "there is no column 'nothing' (--batch-key)"
      ),
      (
        "sc-knn in.st --integrate harmony --batch-key one", 65,
        "--batch-key: all cells are of one batch in obs/one; name another column"
      ),
      (
        "sc-knn in.st --integrate harmony --batch-key gaps", 65,
        "--batch-key: 1 of 120 cells have no batch in obs/gaps"
      ),
      (
        "sc-knn in.st --integrate harmony --batch-key each", 65,
        "--batch-key: obs/each has 120 batches for 120 cells, more than one for 10 cells"
      ),
      (
        "sc-eval emb.st --clusters-column type --use X_e --batch-key each", 65,
        "--batch-key: obs/each has 120 batches for 120 cells"
      ),
      (
        "sc-knn in.st --integrate harmony --batch-key depth", 65,
        "column 'depth' (--batch-key): holds numbers that are not whole"
      ),
      (
        "sc-eval in.st --clusters-column type --batch-key sample", 65,
        "there is no embedding to measure distances in"
      ),
      (
        "sc-eval emb.st --clusters-column type --use X_e --batch-key one", 65,
        "all cells are of one batch"
      ),
      (
        "sc-eval emb.st --clusters-column type --use X_e --batch-key gaps", 65,
        "1 of 120 cells have no batch"
      ),
      (
        "sc-eval emb.st --clusters-column type --use X_e --batch-key no", 65,
        "there is no column 'no'"
      ),
    ])
  func badInput(_ command: String, _ status: Int32, _ words: String) throws {
    try shell.writeBatches()
    var with = try shell.object("in.st")
    with.obsm["X_e"] = Matrix((0..<120).map { [Float($0 % 7), Float($0 % 5)] })
    try shell.write(with, to: "emb.st")
    let output = command.hasPrefix("sc-eval") ? "out.tsv" : "out.st"
    let made = try shell.run("\(command) -o \(output)")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(!shell.exists(output))
  }
}
