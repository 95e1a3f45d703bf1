import CellData
import Foundation
import Testing

/// What sc-cluster finds out by itself, and what it says when training goes wrong.
@Suite struct ClusteringGuardTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 |
        sc-pretrain -q --models 2 --epochs 20 -o m.st
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func settings(_ name: String) throws -> [String: String] {
    try #require(try shell.object(name).history.last).settings
  }

  @Test("ε and k come from the data where they are not given, and are reported")
  func calibration() throws {
    let outcome = try shell.run(
      """
      sc-cluster m.st -c 3 -o auto.st && sc-cluster -q m.st -c 3 --margin 0.25 -o given.st &&
        sc-cluster -q m.st -c 3 --preset paper --epochs 9 -o paper.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try settings("auto.st")
    let margin = try #require(found["margin"])
    #expect((0...0.8).contains(try #require(Double(margin))))
    #expect((2...10).contains(try #require(Int(found["latent_neighbors"] ?? ""))))
    #expect(found["from_data"] == #"["margin","latent_neighbors"]"#)
    #expect(outcome.errors.contains("; ε \(margin) from the data, k "), "\(outcome.errors)")
    let given = try settings("given.st")
    #expect(given["margin"] == "0.25" && given["from_data"] == #"["latent_neighbors"]"#)
    let paper = try settings("paper.st")
    #expect(paper["margin"] == "0.8" && paper["latent_neighbors"] == "4")
    #expect(paper["from_data"] == "[]")
  }

  @Test("a warning names the ε that the filter had to use, with three decimals")
  func loweredMargin() throws {
    let outcome = try shell.run("sc-cluster m.st -c 3 --margin 0.999999 --epochs 1 -o c.st")
    #expect(outcome.status == 0)
    let warning =
      /no cell has a margin above 0\.999999 \(--margin\); the filter used [01]\.\d{1,3}, which/
    #expect(outcome.errors.contains(warning), "\(outcome.errors)")
  }

  @Test("what the data gave, given as options, has the same result")
  func calibrationAsOptions() throws {
    try shell.run("sc-cluster -q m.st -c 3 -o auto.st")
    let found = try settings("auto.st")
    let outcome = try shell.run(
      "sc-cluster -q m.st -c 3 --margin \(found["margin"] ?? "") --latent-neighbors \(found["latent_neighbors"] ?? "") -o given.st"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let (auto, given) = (try shell.object("auto.st"), try shell.object("given.st"))
    #expect(auto.obs["reliability"] == given.obs["reliability"])
    #expect(auto.tensors["model.sctpf.centers"] == given.tensors["model.sctpf.centers"])
  }

  @Test("a collapse ends training, with one warning; the state before is kept")
  func collapse() throws {
    let wild =
      "--encode-over transformed --learning-rate 1000 --gamma 1e6 --epochs 24 --update-interval 2"
    let best = try shell.run("sc-cluster m.st -c 3 \(wild) --patience 99 -o best.st")
    #expect(best.status == 0, "\(best.errors)")
    let lines = best.errors.split(separator: "\n").filter { $0.contains("warning: training ") }
    #expect(lines.count == 1, "\(best.errors)")
    #expect(lines.first?.contains("training collapsed by epoch ") == true)
    #expect(lines.first?.contains("it ended there and kept the ") == true)
    #expect(lines.first?.contains("try a smaller --learning-rate or --gamma") == true)
    #expect(best.errors.contains(", until its clusters collapsed; "))
    let labels = try #require(try shell.object("best.st").obs["cluster"]?.classes)
    #expect(Set(labels.codes).count == 3)
    let last = try shell.run("sc-cluster m.st -c 3 \(wild) --keep last --min-epochs 24 -o last.st")
    #expect(last.status == 0, "\(last.errors)")
    #expect(last.errors.contains("it continued, because --keep last keeps the last epoch"))
    #expect(last.errors.contains("sctpf: 24 epochs, "))
    let calm = try shell.run("sc-cluster m.st -c 3 -o calm.st")
    #expect(!calm.errors.contains("collapse"), "\(calm.errors)")
  }

  @Test("a grid keeps the best of its combinations, shows each, and stores the table")
  func grid() throws {
    let options = "-c 3 --grid --epochs 8 --learning-rate 2e-3"
    let one = try shell.run("sc-cluster -v -t 1 m.st \(options) -o one.st")
    let two = try shell.run("sc-cluster -q -t 2 m.st \(options) -o two.st")
    #expect(one.status == 0 && two.status == 0, "\(one.errors)\(two.errors)")
    #expect(try shell.data("one.st") == shell.data("two.st"))
    #expect(one.errors.components(separatedBy: "grid: margin ").count == 27, "\(one.errors)")
    #expect(one.errors.contains("grid: the best of 26 pairs is margin "))
    let cells = try shell.object("one.st")
    let table = try #require(cells.tensors["uns.grid.sctpf"]?.matrix(Float.self))
    #expect(table.rows == 26 && table.columns == 7)
    #expect(
      cells.settings["uns.grid.sctpf_columns"]?.hasPrefix(
        #"["margin","latent_neighbors","score""#) == true)
    let best = try #require((0..<26).map { table[$0, 2] }.max())
    let winner = try #require((0..<26).first { table[$0, 2] == best })
    let found = try settings("one.st")
    #expect(found["grid"] == "true")
    #expect(Float(found["margin"] ?? "") == table[winner, 0])
    #expect(Float(found["latent_neighbors"] ?? "") == table[winner, 1])
    #expect((found["from_data"] == "[]") == (winner > 0))
    // The combination alone gives the same; and no table is left of it.
    let alone = try shell.run(
      "sc-cluster -q one.st -c 3 --method kmeans -o none.st && sc-cluster -q m.st -c 3 --epochs 8 --learning-rate 2e-3 --margin \(found["margin"] ?? "") --latent-neighbors \(found["latent_neighbors"] ?? "") -o alone.st"
    )
    #expect(alone.status == 0, "\(alone.errors)")
    let other = try shell.object("alone.st")
    #expect(cells.obs["cluster"] == other.obs["cluster"])
    #expect(cells.tensors["model.sctpf.centers"] == other.tensors["model.sctpf.centers"])
    #expect(try shell.object("none.st").tensors["uns.grid.sctpf"] == nil)
  }

  @Test(
    "a grid is refused where it means nothing",
    arguments: [
      ("--grid --margin 0.5", "--grid tries many of"),
      ("--grid --latent-neighbors 4", "--grid tries many of"),
      ("--grid --method scemc", "--grid is for the method sctpf"),
      ("--grid --method kmeans", "--grid is for the method sctpf"),
      ("--grid --use X_pca", "--grid is for the method sctpf"),
      ("--grid --checkpoint c.st", "--checkpoint is for runs without --grid"),
      ("--grid --resume c.st", "--resume is for runs without --grid"),
    ])
  func refusedGrids(_ options: String, _ complaint: String) throws {
    let outcome = try shell.run("sc-cluster -q m.st -c 3 \(options) -o out.st")
    #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome.errors)")
    #expect(!shell.exists("out.st"))
  }
}
