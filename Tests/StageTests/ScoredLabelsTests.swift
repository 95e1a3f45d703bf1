import CellData
import Foundation
import Tensors
import Testing

/// What sc-eval takes as true labels, and which runs it compares.
@Suite struct ScoredLabelsTests {
  private let shell: Shell
  private let cells = SimulatedCells.cells

  init() throws {
    shell = try Shell()
    try shell.write(
      try SimulatedCells.stream { data in
        data.obs["label"] = .strings((0..<120).map { "mine \($0 % 2)" })
        data.obs["gaps"] = .strings(
          (0..<120).map { $0 < 10 ? "" : $0 < 30 ? "nan" : SimulatedCells.typeNames[$0 % 3] })
      }, to: "s.st")
    let lines = SimulatedCells.barcodes.enumerated().map {
      "\($1),\(SimulatedCells.typeNames[$0 % 3]),x"
    }
    try shell.write(
      "barcode,kind,other\n" + lines.joined(separator: "\n") + "\n", to: "labels.csv")
  }

  private func cluster(_ options: String, to name: String) throws {
    let made = try shell.run(
      "sc-preprocess s.st -q | sc-knn -q | sc-cluster --method kmeans -c 3 -q \(options) -o \(name)"
    )
    #expect(made.status == 0, "\(made.errors)")
  }

  @Test func labelsOfAFileAreRead() throws {
    try cluster("", to: "a.st")
    let byFile = try shell.run("sc-eval a.st --labels labels.csv:kind -q")
    #expect(byFile.status == 0, "\(byFile.errors)")
    #expect(try byFile.output == shell.run("sc-eval a.st --labels type -q").output)
    #expect(
      try shell.run("sc-eval --compare a.st --labels labels.csv:kind -q").text.contains("acc"))
    let written = try shell.run("sc-eval a.st --labels labels.csv:kind --layout umap -o b.st")
    #expect(written.status == 0)
    #expect(try shell.object("b.st").obs.columnNames == shell.object("a.st").obs.columnNames)
  }

  @Test func neitherAFileNorAColumnIsSaid() throws {
    try cluster("", to: "a.st")
    let outcome = try shell.run("sc-eval a.st --labels nothing")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("--labels nothing: is neither a file nor a column of obs"))
  }

  /// A column of the user's called `label` is not what a pipeline scores by.
  @Test(arguments: ["labels.csv:kind", "type"])
  func pipelinesScoreByTheLabelsThatAreNamed(labels: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("pipelines")
    let made = try shell.run(
      "\(folder.path)/sctpf.sh s.st 3 o.h5ad \(labels)",
      environment: [
        "PRETRAIN": "--models 1 --epochs 2 -q", "CLUSTER": "--epochs 4 -q", "EVAL": "-o f.tsv",
      ])
    #expect(made.status == 0, "\(made.errors)")
    let figures = try String(decoding: shell.data("f.tsv"), as: UTF8.self)
    #expect(figures.contains("classes\t3\n"))
    let accuracy = figures.split(separator: "\n").first { $0.hasPrefix("acc\t") }
    #expect(accuracy.flatMap { Double($0.dropFirst(4)) } ?? 0 > 0.9)
  }

  @Test func emptyTextIsNoClass() throws {
    try cluster("", to: "a.st")
    let outcome = try shell.run("sc-eval a.st --labels gaps")
    #expect(outcome.errors.contains("left out 30 of 120 cells, which have no label"))
    #expect(outcome.text.contains("classes\t3\n") && outcome.text.contains("labeled_cells\t90\n"))
  }

  @Test func aRunCountsOnce() throws {
    try cluster("--seed 1", to: "a.st")
    try cluster("--seed 2", to: "b.st")
    try shell.run("cp a.st copy.st")
    let outcome = try shell.run("sc-eval --compare a.st a.st b.st copy.st --labels type --json")
    #expect(outcome.errors.contains("a.st is identical to a.st, so it counts once"))
    #expect(outcome.errors.contains("copy.st is identical to a.st, so it counts once"))
    #expect(outcome.text.components(separatedBy: "\"name\"").count == 3)
  }

  @Test(arguments: ["abc", "0", "1025", "-1"])
  func threadsThatAreNoNumberAreRefused(text: String) throws {
    let outcome = try shell.run(
      "sc-preprocess s.st -o x.st", environment: ["SC_THREADS": text])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("SC_THREADS '\(text)': must be a number from 1 to 1,024"))
    #expect(!shell.exists("x.st"))
    // An option goes before the variable.
    #expect(
      try shell.run("sc-preprocess s.st -t 1 -o x.st", environment: ["SC_THREADS": text]).status
        == 0)
  }

  @Test func moreEpochsAtLeastThanAtMostAreRefused() throws {
    let outcome = try shell.run("sc-cluster s.st --method sctpf --epochs 8 --min-epochs 20")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--min-epochs 20: there are 8 epochs at most (--epochs)"))
  }

  @Test func checkpointsThatCannotBeReadAreSaidWithTheirRemedy() throws {
    try shell.run("sc-preprocess s.st -q | sc-knn -q -o k.st; mkdir folder")
    let train = "sc-pretrain k.st --models 1 --epochs 2 -q -o m.st"
    #expect(try shell.run("\(train) --checkpoint c.st").status == 0)
    var bytes = try shell.data("c.st")
    bytes[bytes.count - 3] ^= 1
    try shell.write(bytes, to: "c.st")
    let damaged = try shell.run("\(train) --resume c.st")
    #expect(damaged.status == 65)
    #expect(damaged.errors.contains("remove the checkpoint, and the training starts again"))
    #expect(!damaged.errors.contains("no-verify"))
    let folder = try shell.run("\(train) --resume folder")
    #expect(folder.status == 65)
    #expect(folder.errors.contains("folder: is a folder; name the file that --checkpoint wrote"))
  }
}
