import CellData
import Foundation
import Tensors
import Testing

/// sc-pretrain --batch-key, run as a program.
@Suite struct BatchCovariateTests {
  /// Cells of two samples with a graph, in `knn.st`.
  private static let prepared: Result<Shell, any Error> = Result {
    let shell = try Shell()
    try shell.writeBatches()
    let outcome = try shell.run("sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private let shell: Shell

  init() throws { shell = try Self.prepared.get() }

  private static let supported = [
    "sctpf", "sctag", "scdsc", "scdeepcluster", "sczidesk", "desc",
  ]

  @Test(
    "the decoder sees the samples in both trainings, at any number of threads", arguments: supported
  )
  func models(_ model: String) throws {
    let run = "sc-pretrain -q --model \(model) --models 2 --epochs 6"
    let made = try shell.run(
      """
      for t in 1 3; do
        \(run) --batch-key sample -t $t knn.st | tee \(model)$t.m.st |
          sc-cluster -q -c 3 --epochs 4 --keep last -t $t -o \(model)$t.st || exit
      done
      \(run) knn.st -o \(model).plain.st && sc-eval -q \(model)1.st --labels type --diagnose --json
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("\(model)1.st") == shell.data("\(model)3.st"))
    let (cells, plain) = try (shell.object("\(model)1.m.st"), shell.object("\(model).plain.st"))
    func rows(_ cells: CellData) -> Int {
      cells.tensors["model.\(model).decoder.0.kernel"]?.shape[0] ?? 0
    }
    #expect(rows(cells) == rows(plain) + 2 && rows(plain) > 0)
    #expect(cells.settings["uns.\(model).batch_key"] == "\"sample\"")
    #expect(cells.settings["uns.\(model).batches"] == #"["s0","s1"]"#)
    #expect(cells.history.last?.settings["batch_key"] == "\"sample\"")
    #expect(plain.settings["uns.\(model).batches"] == nil)
    #expect(plain.history.last?.settings["batch_key"] == nil)
    // What the clusters learn from moves the weights of the batches; of desc it has no decoder.
    let clustered = try shell.object("\(model)1.st")
    let name = "model.\(model).decoder.0.kernel"
    #expect(clustered.tensors[name]?.shape == cells.tensors[name]?.shape)
    #expect((clustered.tensors[name] == cells.tensors[name]) == (model == "desc"))
  }

  @Test(
    "the encoder sees the samples too, also of a sketch, and no new cells are mapped",
    arguments: supported.filter { $0 != "scdsc" })
  func encoded(_ model: String) throws {
    let run = "sc-pretrain -q --model \(model) --models 2 --epochs 6 --batch-key sample"
    let made = try shell.run(
      """
      \(run) knn.st -o \(model).decoded.st
      for t in 1 3; do
        \(run) --encode-batch -t $t knn.st | tee \(model)$t.e.st |
          sc-cluster -q -c 3 --epochs 4 -t $t -o \(model)$t.ec.st || exit
      done
      \(run) --encode-batch --sketch 60 knn.st | sc-cluster -q -c 3 --epochs 4 -o \(model).es.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.data("\(model)1.ec.st") == shell.data("\(model)3.ec.st"))
    let cells = try shell.object("\(model)1.e.st")
    #expect(cells.tensors["model.\(model).encoder.batches"]?.shape.first == 2)
    #expect(cells.history.last?.settings["encode_batch"] == "true")
    #expect(try shell.object("\(model).decoded.st").obsm["X_latent"] != cells.obsm["X_latent"])
    var new = SimulatedCells.object().selectingCells(Array(80..<120))
    new.obs.index = (0..<40).map { "new-\($0)" }
    try shell.write(new, to: "\(model).new-e.st")
    try shell.expectBadData(
      "sc-cluster --reference \(model)1.ec.st \(model).new-e.st",
      "sees batches (--encode-batch), and new cells belong to none of them; give --use X_pca")
  }

  @Test("AnnData keeps the batches, and a run without them takes them out")
  func files() throws {
    let made = try shell.run(
      """
      sc-pretrain -q --models 1 --epochs 3 --batch-key sample knn.st -o kept.h5ad &&
      sc-cluster -q -c 3 --epochs 3 kept.h5ad -o kept.c.st &&
      sc-pretrain -q --models 1 --epochs 3 --batch-key sample knn.st | sc-cluster -q -c 3 --epochs 3 -o piped.c.st &&
      sc-pretrain -q --models 1 --epochs 3 kept.h5ad -o later.st && sc-cluster -q -c 3 --epochs 3 later.st -o later.c.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    let (kept, piped) = try (shell.object("kept.c.st"), shell.object("piped.c.st"))
    #expect(kept.obsm["X_latent"] == piped.obsm["X_latent"])
    #expect(kept.obs["cluster"]?.classes == piped.obs["cluster"]?.classes)
    let later = try shell.object("later.c.st")
    #expect(later.settings.keys.allSatisfy { !$0.hasPrefix("uns.sctpf.batch") })
  }

  @Test("a checkpoint knows the column")
  func checkpoints() throws {
    let run = "sc-pretrain --models 2 --epochs 3 knn.st --checkpoint run.ck --checkpoint-every 1"
    let made = try shell.run(
      """
      sc-pretrain -q --models 2 --epochs 3 --batch-key sample knn.st -o whole.st &&
      \(run) -q --batch-key sample -o first.st &&
      \(run) -q --batch-key sample --resume run.ck -o resumed.st &&
      cmp whole.st first.st && cmp whole.st resumed.st
      """)
    #expect(made.status == 0, "\(made.text) \(made.errors)")
    let refused = try shell.run("\(run) --resume run.ck -o other.st")
    #expect(refused.status == 65 && !shell.exists("other.st"))
    #expect(
      refused.errors.contains(#"batch_key was "sample", now not set"#), "\(refused.errors)")
  }

  @Test("models of a sketch see the batches, and code all cells")
  func sketch() throws {
    let made = try shell.run(
      """
      sc-pretrain -q --models 2 --epochs 6 --sketch 60 --batch-key sample knn.st |
        sc-cluster -q -c 3 --epochs 3 -o sketch.st && sc-eval -q sketch.st --labels type --json
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.object("sketch.st").obsm["X_latent"]?.rows == 120)
  }

  /// The encoder sees no batches.
  @Test("new cells of no batch are mapped", arguments: supported)
  func mapping(_ model: String) throws {
    let made = try shell.run(
      """
      sc-pretrain -q --model \(model) --models 1 --epochs 6 --batch-key sample knn.st |
        sc-cluster -q -c 3 --epochs 3 -o \(model).reference.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    var new = SimulatedCells.object().selectingCells(Array(80..<120))
    new.obs.index = (0..<40).map { "new-\($0)" }
    try shell.write(new, to: "\(model).new.st")
    let mapped = try shell.run(
      "sc-cluster -q --reference \(model).reference.st \(model).new.st -o \(model).mapped.st")
    #expect(mapped.status == 0, "\(mapped.errors)")
    #expect(try shell.object("\(model).mapped.st").obsm["X_latent"]?.rows == 40)
  }

  @Test(
    "bad batches end with one line and no file",
    arguments: [
      ("nothing", 65, "there is no column 'nothing' (--batch-key); there are 'type', 'sample'"),
      ("one", 65, "--batch-key: all cells are of one batch in obs/one; name another column"),
      ("gaps", 65, "--batch-key: 1 of 120 cells have no batch in obs/gaps; give them one"),
      ("depth", 65, "column 'depth' (--batch-key): holds numbers that are not whole"),
      ("each", 65, "--batch-key: obs/each has 120 batches for 120 cells, more than one for 10"),
      ("many", 65, "--batch-key: obs/many has 13 batches for 120 cells, more than one for 10"),
    ])
  func badBatches(_ column: String, _ status: Int32, _ words: String) throws {
    let made = try shell.run("sc-pretrain --batch-key \(column) knn.st -o bad.\(column).st")
    #expect(made.status == status && made.errors.contains(words), "\(made.errors)")
    #expect(made.errors.split(separator: "\n").count == 1 && !shell.exists("bad.\(column).st"))
  }

  @Test("the encoder of scdsc sees no batches, and none sees them without --batch-key")
  func refusals() throws {
    let encoding = try shell.run(
      "sc-pretrain --model scdsc --batch-key sample --encode-batch knn.st")
    let words =
      "--encode-batch is for the model sctpf, scemc, sctag, scdeepcluster, desc, sczidesk, scmdc, dcca, scmcs or scmvae"
    #expect(encoding.status == 64 && encoding.errors.contains(words), "\(encoding.errors)")
    let alone = try shell.run("sc-pretrain --encode-batch knn.st > alone.out")
    #expect(alone.status == 64 && alone.errors.contains("is for runs with --batch-key"))
  }

  @Test("cells of other batches than the model's are refused; of fewer they are not")
  func otherBatches() throws {
    let made = try shell.run(
      "sc-pretrain -q --models 1 --epochs 3 --batch-key sample knn.st -o seen.st")
    #expect(made.status == 0, "\(made.errors)")
    let seen = try shell.object("seen.st")
    var (gone, other, none) = (seen, seen, seen)
    gone.obs["sample"] = nil
    other.obs["sample"] = .strings(BatchedCells.samples.map { $0 == "s1" ? "s2" : $0 })
    none.settings["uns.sctpf.batches"] = nil
    let first = seen.selectingCells(BatchedCells.samples.indices.filter { $0 / 3 % 2 == 0 })
    for (cells, name, words) in [
      (gone, "gone", "obs/sample: the column of batches that the model sees is missing"),
      (
        other, "other",
        "obs/sample: 60 of 120 cells belong to none of the batches that the model sees ('s0', 's1')"
      ),
      (none, "none", "uns.sctpf.batches: names 0 batches, but the model sees 2"),
    ] {
      try shell.write(cells, to: "\(name).st")
      try shell.expectBadData("sc-cluster -c 3 --epochs 3 \(name).st", words)
    }
    try shell.write(first, to: "first-sample.st")
    let fewer = try shell.run(
      "sc-knn -q --components 8 first-sample.st | sc-cluster -q -c 3 --epochs 3 -o fewer.st")
    #expect(fewer.status == 0, "\(fewer.errors)")
  }
}
