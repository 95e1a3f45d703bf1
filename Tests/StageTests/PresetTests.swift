import CellData
import Foundation
import Testing

/// The presets of scTPF, and those of the data sets in its paper.
@Suite struct PresetTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st &&
      sc-pretrain -q knn.st --preset paper --epochs 2 -o m.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(
    "sc-pretrain takes a set as the paper's preset, and sc-cluster takes ε and k of the set",
    arguments: [
      ("muraro", "0.7", "2"), ("plasschaert", "0.7", "2"), ("qx_lm", "0.7", "2"),
      ("qs_diaph", "0.9", "4"), ("qs_heart", "0.9", "6"), ("qs_lm", "0.9", "4"),
      ("wang_lung", "0.8", "2"), ("young", "0.8", "6"),
    ])
  func sets(_ name: String, _ margin: String, _ neighbors: String) throws {
    let outcome = try shell.run(
      """
      sc-pretrain -q knn.st --preset paper:\(name) --epochs 2 -o set.st && cmp m.st set.st &&
      sc-cluster -q set.st -c 3 --preset paper:\(name) --epochs 1 -o c.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let history = try shell.object("c.st").history
    let settings = try #require(history.last).settings
    #expect(settings["margin"] == margin && settings["latent_neighbors"] == neighbors)
    #expect(settings["preset"] == "\"paper:\(name)\"" && settings["from_data"] == "[]")
    // What else the paper's preset says holds as without a set.
    #expect(settings["start"] == "\"spectral\"" && settings["keep"] == "\"last\"")
    #expect(history.last { $0.tool == "sc-pretrain" }?.settings["preset"] == "\"paper\"")
  }

  @Test(
    "a set is for sctpf alone, and must be one of the eight",
    arguments: [
      (
        "sc-pretrain knn.st --model sctag --preset paper:young",
        "--preset paper:young is for the model sctpf, but the model is sctag."
      ),
      (
        "sc-cluster m.st -c 3 --method scemc --preset paper:young",
        "--preset paper:young is for the method sctpf, but the method is scemc."
      ),
      ("sc-pretrain knn.st --preset paper:old", "'paper:old' is invalid for '--preset <preset>'"),
      (
        "sc-cluster m.st -c 3 --preset paper:old",
        "Please provide one of the following: default, paper, released, paper:muraro, paper:plass"
      ),
    ])
  func refusals(_ command: String, _ complaint: String) throws {
    let outcome = try shell.run("\(command) -o x.st")
    #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome.errors)")
    #expect(!shell.exists("x.st"))
  }

  @Test("the history records the preset and what only presets set, and --compare shows both")
  func recorded() throws {
    for (preset, beta1, share) in [("paper", "0.9", "0.8"), ("released", "0.95", "1")] {
      let outcome = try shell.run(
        """
        sc-pretrain -q knn.st --preset \(preset) --epochs 2 |
          sc-cluster -q -c 3 --preset \(preset) --epochs 1 -o \(preset).st
        """)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let history = try shell.object("\(preset).st").history.suffix(2)
      for entry in history { #expect(entry.settings["preset"] == "\"\(preset)\"") }
      #expect(history.first?.settings["beta1"] == "0.9")
      let settings = try #require(history.last).settings
      #expect(settings["beta1"] == beta1 && settings["reliable_share"] == share, "\(settings)")
    }
    let table = try shell.run("sc-eval --compare paper.st released.st --labels type")
    let rows = table.text.split(separator: "\n").dropFirst()
    #expect(table.status == 0 && rows.count == 2, "\(table)")
    for (row, said) in zip(rows, [("paper", "0.9"), ("released", "0.95")]) {
      #expect(row.contains("sc-cluster.preset=\"\(said.0)\""), "\(row)")
      #expect(row.contains("sc-pretrain.preset=\"\(said.0)\""), "\(row)")
      #expect(row.contains("sc-cluster.beta1=\(said.1) "), "\(row)")
    }
    // A method that trains nothing has no preset.
    #expect(try shell.run("sc-cluster -q m.st -c 3 --method kmeans -o k.st").status == 0)
    let trained = try #require(try shell.object("k.st").history.last).settings
    #expect(trained["preset"] == nil && trained["beta1"] == nil)
  }
}
