import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// What scEMC shares with every model that has clusters: filter, snapshots and diagnosis.
@Suite struct ScEMCFilterTests {
  /// A stored model in `m.st`.
  private static func shell() throws -> Shell {
    let shell = try Shell()
    try shell.writeInput { $0.modalities = [PairedCells.modality()] }
    let outcome = try shell.run(
      "sc-preprocess -q in.st | sc-knn -q --components 10 | sc-pretrain -q --model scemc --batch-size 40 --epochs 4 -o m.st"
    )
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private static let run = "sc-cluster m.st -c 3 --epochs 3 --batch-size 40 --stable-share 0"

  /// Without what the filter and the snapshots add.
  private func bare(_ cells: CellData) throws -> Data {
    var cells = cells
    for name in cells.tensors.keys where name.hasPrefix("uns.snapshots.") {
      cells.tensors[name] = nil
    }
    cells.obs["reliability"] = nil
    cells.history = []
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    return sink.data
  }

  @Test("the filter assesses the cells, snapshots are kept; the training is the same")
  func added() throws {
    let shell = try Self.shell()
    let outcome = try shell.run(
      """
      set -e
      \(Self.run) -q -o plain.st
      \(Self.run) -t 1 --filter --keep-snapshots -o one.st
      \(Self.run) -q -t 2 --filter --keep-snapshots -o two.st
      cmp one.st two.st
      \(Self.run) -q --filter --margin 0.25 --latent-neighbors 3 --outlier-share 1 -o strict.st
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("from the data, k ") && outcome.errors.contains("; reliable "))
    let (plain, assessed) = (try shell.object("plain.st"), try shell.object("one.st"))
    #expect(
      plain.obs["reliability"] == nil && !plain.tensors.keys.contains { $0.contains("snapshots") })
    #expect(try bare(plain) == bare(assessed))
    let names = try #require(assessed.obs["reliability"]?.classes).names
    #expect(names == ["reliable", "margin", "component", "outlier"])
    for epoch in 0...3 {
      let place = "uns.snapshots.scemc.\(epoch)"
      #expect(
        assessed.tensors["\(place).reliability"] != nil
          && assessed.tensors["\(place).latent"] != nil)
      #expect(assessed.tensors["\(place).weights.centers"] != nil)
    }
    let settings = try #require(assessed.history.last).settings
    #expect(
      settings["from_data"]?.contains("margin") == true && settings["keep_snapshots"] == "true")
    let strict = try #require(try shell.object("strict.st").history.last).settings
    #expect(strict["margin"] == "0.25" && strict["latent_neighbors"] == "3")
    #expect(plain.history.last?.settings["margin"] == nil)
  }

  @Test("the diagnosis is of scEMC's losses, with a filter and without, and says what they lack")
  func diagnosis() throws {
    let shell = try Self.shell()
    func figures(_ options: String) throws -> (found: [String: Any], errors: String) {
      let outcome = try shell.run(
        "\(Self.run) -q \(options) -o c.st && sc-eval c.st --labels type --diagnose --json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(with: outcome.output)
      return (try #require(object as? [String: Any]), outcome.errors)
    }
    let whole = try figures("--keep-snapshots --keep last")
    let curves = try #require(whole.found["gradients"] as? [String: [Double]])
    #expect(curves["epoch"] == [0, 1, 2, 3])
    for name in ["lambda_fr", "lambda_fd"] {
      let value = try #require(whole.found[name] as? Double)
      #expect((-1...1).contains(value) && curves[name]?.last == value, "\(name)")
      #expect(Set(curves[name] ?? []).count == 4)
    }
    let filtered = try figures("--filter --keep last")
    #expect(filtered.found["lambda_fd"] as? Double == whole.found["lambda_fd"] as? Double)
    for (options, missing, complaint) in [
      ("--no-reconstruction", ["lambda_fd"], "no reconstruction: lambda_fd has no value"),
      ("--gamma 0", ["lambda_fr"], "no loss of centers: lambda_fr has no value"),
    ] {
      let (found, errors) = try figures(options)
      for name in ["lambda_fr", "lambda_fd"] {
        #expect((found[name] is Double) != missing.contains(name), "\(options) \(name)")
      }
      #expect(errors.contains(complaint), "\(errors)")
    }
    let nothing = try shell.run(
      "sc-cluster -q m.st -c 3 --no-cluster-loss -o c.st && sc-eval c.st --labels type --diagnose --json"
    )
    #expect(nothing.status == 0 && nothing.errors.contains("no clustering loss"), "\(nothing)")
  }

  @Test(
    "options that would change nothing are refused",
    arguments: [
      ("--margin 0.5", "but the filter is not asked for (--filter)."),
      ("--no-filter", "--no-filter is for the method sctpf"),
      ("--grid", "--grid is for the method sctpf"),
      ("--filter --no-cluster-loss", "--filter is for runs with a clustering loss"),
      (
        "--keep-snapshots --lambda-cluster 0", "--keep-snapshots is for runs with a clustering loss"
      ),
    ])
  func refused(_ options: String, _ complaint: String) throws {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run("sc-cluster in.st --method scemc -c 3 \(options) -o x.st")
    #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome.errors)")
    #expect(!shell.exists("x.st"))
  }
}
