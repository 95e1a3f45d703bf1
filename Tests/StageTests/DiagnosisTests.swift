import CellData
import Foundation
import TensorStream
import Tensors
import Testing

/// sc-eval --diagnose and sc-cluster --keep-snapshots, run as programs.
@Suite struct DiagnosisTests {
  /// Simulated cells through the pipe: `model.st`, `c.st` without the snapshots of the training,
  /// `k.st` with it.
  private static func pipe() throws -> Shell {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      set -e
      sc-preprocess -q in.st | sc-knn -q --components 10 | sc-pretrain -q --models 1 --epochs 8 -o model.st
      cluster='sc-cluster -q -c 3 --epochs 8 --min-epochs 8 --keep last model.st'
      $cluster -o c.st; $cluster --keep-snapshots -o k.st; $cluster -t 1 --keep-snapshots -o k1.st
      $cluster --keep-snapshots -o k.h5ad
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private func object(_ outcome: Outcome) throws -> [String: Any] {
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  @Test("both figures, their curves and their pictures; without labels the drift alone")
  func figures() throws {
    let shell = try Self.pipe()
    let both = try object(shell.run("sc-eval k.st --labels type --diagnose --json"))
    for name in ["lambda_fr", "lambda_fd"] {
      #expect((-1...1).contains(try #require(both[name] as? Double)), "\(name)")
    }
    let curves = try #require(both["gradients"] as? [String: [Double]])
    #expect(curves["epoch"] == [0, 4, 8])
    for name in ["lambda_fr", "lambda_fd"] {
      let values = try #require(curves[name])
      #expect(values.count == 3 && values.allSatisfy { (-1...1).contains($0) })
      // Clusters as separate as these may agree wholly with the true types, at more than one state.
      #expect(Set(values).count > 1)
      // The last state is the one that gave the clusters.
      #expect(values.last == both[name] as? Double)
    }
    let alone = try shell.run("sc-eval k.st --diagnose --json")
    #expect(alone.errors == "sc-eval: lambda_fr needs true labels (--labels)\n")
    let drift = try object(alone)
    #expect(
      drift["lambda_fr"] == nil && drift["lambda_fd"] as? Double == both["lambda_fd"] as? Double)
    #expect((drift["gradients"] as? [String: Any])?.keys.sorted() == ["epoch", "lambda_fd"])
    let without = try object(shell.run("sc-eval c.st --labels type --diagnose --json"))
    #expect(without["gradients"] == nil)
    #expect(without["lambda_fr"] as? Double == both["lambda_fr"] as? Double)
    // Nothing of it unless it is asked for.
    let plain = try object(shell.run("sc-eval k.st --labels type --json"))
    #expect(plain["lambda_fd"] == nil && plain["gradients"] == nil)
  }

  @Test(
    "types that are shuffled teach something else than the clusters; left-out cells teach nothing")
  func labels() throws {
    let shell = try Self.pipe()
    var cells = try shell.object("k.st")
    var generator = RandomGenerator(seed: 1)
    let order = generator.permutation(cells.cellCount)
    cells.obs["shuffled"] = .strings(order.map { SimulatedCells.typeNames[$0 % 3] })
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    try shell.write(sink.data, to: "s.st")
    func randomness(_ options: String) throws -> Double {
      let figures = try object(shell.run("sc-eval s.st --diagnose --json \(options)"))
      return try #require(figures["lambda_fr"] as? Double)
    }
    #expect(try randomness("--labels type") > randomness("--labels shuffled") + 0.1)
    #expect(
      try randomness("--labels type") != randomness("--labels type --ignore alpha"))
  }

  @Test("the threads, the format and the snapshots change nothing")
  func sameBytes() throws {
    let shell = try Self.pipe()
    #expect(try shell.data("k.st") == shell.data("k1.st"))
    let options = "--labels type --diagnose --json"
    let one = try shell.run("sc-eval -t 1 k.st \(options) --plot 1.svg --figures gradients")
    let two = try shell.run("sc-eval -t 2 k.st \(options) --plot 2.svg --figures gradients")
    #expect(one.status == 0 && one.output == two.output, "\(one.errors)")
    #expect(try shell.data("1.svg") == shell.data("2.svg"))
    #expect(try shell.run("sc-eval k.h5ad \(options)").output == one.output)
    // But for the snapshots and the line of history that names it, the data are the same.
    var (with, without) = (try shell.object("k.st"), try shell.object("c.st"))
    for name in with.tensors.keys where name.hasPrefix("uns.snapshots.") {
      with.tensors[name] = nil
    }
    (with.history, without.history) = ([], [])
    let (a, b) = (DataSink(), DataSink())
    try TensorStream.write(with, to: a)
    try TensorStream.write(without, to: b)
    #expect(a.data == b.data)
    #expect(try shell.data("c.st").range(of: Data("snapshots".utf8)) == nil)
  }

  @Test("a new training takes the snapshots of the old one away; tables and pages show the figures")
  func reports() throws {
    let shell = try Self.pipe()
    try shell.run("sc-cluster -q -c 3 --epochs 4 k.st -o again.st")
    let keys = try shell.object("again.st").tensors.keys
    #expect(!keys.contains { $0.hasPrefix("uns.snapshots.") })
    let outcome = try shell.run(
      "sc-eval k.st --labels type --diagnose --report p.html --multiqc m.json")
    let lines = outcome.text.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.suffix(2).map { $0[0] } == ["lambda_fr", "lambda_fd"])
    let page = String(decoding: try shell.data("p.html"), as: UTF8.self)
    #expect(page.contains("lambda_fr") && page.contains("Agreement of gradients by epoch"))
    let table = String(decoding: try shell.data("m.json"), as: UTF8.self)
    #expect(table.contains("lambda_fd"))
    try shell.run("sc-cluster -q -c 3 --method kmeans model.st -o kmeans.st")
    let compared = try shell.run(
      "sc-eval --compare k.st c.st kmeans.st --labels type --diagnose")
    #expect(compared.status == 0 && compared.text.contains("lambda_fd"), "\(compared.errors)")
    try shell.run(
      "sc-cluster -q -c 3 --epochs 12 --keep last --no-filter --keep-snapshots model.st -o n.st")
    let drawn = try shell.run(
      "sc-eval --compare k.st n.st --labels type --diagnose --plot c.svg --figures gradients --curves c.tsv"
    )
    #expect(drawn.status == 0 && drawn.errors.isEmpty, "\(drawn.errors)")
    let curves = String(decoding: try shell.data("c.tsv"), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("\tgradients\t") }
    // Two cosines at 0, 4 and 8 epochs, and at 12 too without the filter.
    #expect(curves.count == 2 * (3 + 4))
    #expect(curves.contains { $0.hasPrefix("n.st\tgradients\tlambda_fd\t12\t") })
  }

  @Test("what is missing is reported, with the stage that makes it")
  func missing() throws {
    let shell = try Self.pipe()
    try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q | sc-cluster -q -c 3 -o kmeans.st
      sc-cluster -q -c 3 --method kmeans model.st -o unclustered.st
      sc-cluster -q -c 3 --method kmeans c.st -o other.st
      """)
    try shell.edit("k.st", as: "damaged.st") { cells in
      cells.tensors["uns.snapshots.sctpf.4.latent"] = Tensor(Matrix<Float>.zeros(3, 15))
    }
    try shell.edit("k.st", as: "nan.st") { cells in
      cells.tensors["model.sctpf.centers"] = Tensor(
        Matrix<Float>(repeating: .nan, rows: 3, columns: 15))
    }
    try shell.edit("k.st", as: "narrow.st") { cells in
      cells.tensors["model.sctpf.centers"] = Tensor(Matrix<Float>.zeros(3, 2))
    }
    for (options, status, complaint) in [
      ("kmeans.st --diagnose", 65, "no model of sctpf in the data; run sc-pretrain and sc-cluster"),
      ("unclustered.st --diagnose", 65, "the model has no clusters; run sc-cluster --method sctpf"),
      ("other.st --diagnose", 65, "obs.reliability: it is not known which cells"),
      (
        "damaged.st --diagnose", 65,
        "uns.snapshots.sctpf.4: is damaged or was stored for other cells"
      ),
      ("nan.st --diagnose", 65, "not finite"), ("narrow.st --diagnose", 65, "but centers of 2"),
      ("c.st --plot a.png --figures gradients", 64, "--figures gradients needs --diagnose"),
      (
        "c.st --diagnose --plot a.png --figures gradients", 65,
        "gradients needs what sc-cluster --keep-snapshots stores"
      ),
      ("c.st --diagnose --history", 64, "is for runs without --history"),
    ] as [(String, Int32, String)] {
      let outcome = try shell.run("sc-eval \(options)")
      #expect(outcome.status == status, "\(options): \(outcome.errors)")
      #expect(outcome.errors.contains(complaint), "\(options): \(outcome.errors)")
      #expect(outcome.output.isEmpty && !shell.exists("a.png"))
    }
    let refused = try shell.run("sc-cluster -c 3 --method kmeans --keep-snapshots model.st -o x.st")
    #expect(
      refused.status == 64 && refused.errors.contains("--keep-snapshots is for methods that train"))
  }
}

extension Shell {
  /// Writes what a stage wrote again, changed.
  func edit(_ name: String, as other: String, _ change: (inout CellData) -> Void) throws {
    var cells = try object(name)
    change(&cells)
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    try write(sink.data, to: other)
  }
}
