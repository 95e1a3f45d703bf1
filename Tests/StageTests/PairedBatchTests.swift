import CellData
import Foundation
import Tensors
import Testing

/// sc-pretrain --batch-key with models of two measurements, run as a program.
@Suite struct PairedBatchTests {
  /// Cells of two samples with proteins and a graph, in `knn.st`.
  private static let prepared: Result<Shell, any Error> = Result {
    let shell = try Shell()
    try shell.writeBatches { $0.modalities = [PairedCells.modality()] }
    let outcome = try shell.run("sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  private let shell: Shell

  init() throws { shell = try Self.prepared.get() }

  /// The first layers of the decoders, and the encoders.
  private static let parts = [
    "scemc": (["decoder.rna.0", "decoder.second.0"], ["encoder", "encoder.second"]),
    "scmdc": (["decoder.rna.0", "decoder.second.0"], ["encoder"]),
    "dcca": (["rna.decoder.0", "second.scale"], ["rna.encoder", "second.encoder"]),
    "scmcs": (["rna.decoder.0", "second.decoder.0"], ["rna.encoder", "second.encoder"]),
    "scmvae": (["shared.0"], ["rna.encoder", "second.encoder", "rna.library.encoder"]),
  ]
  private static let every = parts.keys.sorted()

  /// The options of sc-cluster for the training of a model, if it has one.
  private static func training(_ model: String, _ options: String) -> String {
    ["scemc", "scmdc"].contains(model) ? options : ""
  }

  @Test(
    "both decoders see the samples in both trainings, at any number of threads",
    arguments: every, [false, true])
  func models(_ model: String, encoded: Bool) throws {
    let run = "sc-pretrain -q --model \(model) --epochs 6"
    let (name, more) = encoded ? ("\(model).e", "--encode-batch") : (model, "")
    let training = Self.training(model, "--epochs 4 --keep last")
    let made = try shell.run(
      """
      for t in 1 3; do
        \(run) --batch-key sample \(more) -t $t knn.st | tee \(name)$t.m.st |
          sc-cluster -q -c 3 \(training) -t $t -o \(name)$t.st || exit
      done
      \(run) knn.st -o \(name).plain.st
      sc-eval -q \(name)1.st --labels type --diagnose --json
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.text.contains(#""lambda_fd":null"#) == training.isEmpty, "\(made.text)")
    #expect(try shell.data("\(name)1.st") == shell.data("\(name)3.st"))
    let (cells, plain) = try (shell.object("\(name)1.m.st"), shell.object("\(name).plain.st"))
    let clustered = try shell.object("\(name)1.st")
    let (decoders, encoders) = try #require(Self.parts[model])
    for decoder in decoders {
      let kernel = "model.\(model).\(decoder).kernel"
      let (rows, own) = (cells.tensors[kernel]?.shape[0], plain.tensors[kernel]?.shape[0])
      #expect(rows != nil && rows == own.map { $0 + 2 }, "\(decoder)")
      #expect(clustered.tensors[kernel]?.shape[0] == rows)
      #expect((clustered.tensors[kernel] == cells.tensors[kernel]) == training.isEmpty)
    }
    for encoder in encoders {
      let biases = cells.tensors["model.\(model).\(encoder).batches"]
      #expect(biases?.shape.first == (encoded ? 2 : nil), "\(encoder)")
    }
    #expect(cells.settings["uns.\(model).batches"] == #"["s0","s1"]"#)
    #expect(cells.obsm["X_latent"] != plain.obsm["X_latent"])
    #expect(plain.settings["uns.\(model).batches"] == nil)
  }

  @Test("MuData, a sketch and a checkpoint keep the batches", arguments: every)
  func stored(_ model: String) throws {
    let cluster = "sc-cluster -q -c 3 \(Self.training(model, "--epochs 3"))"
    let run = "sc-pretrain -q --model \(model) --epochs 3 --batch-key sample --encode-batch knn.st"
    let checkpoint = "--checkpoint \(model).ck --checkpoint-every 1"
    let made = try shell.run(
      """
      \(run) -o \(model).whole.st && \(run) \(checkpoint) -o \(model).first.st &&
      \(run) \(checkpoint) --resume \(model).ck -o \(model).resumed.st &&
      cmp \(model).whole.st \(model).first.st && cmp \(model).whole.st \(model).resumed.st &&
      \(run) -o \(model).h5mu && \(cluster) \(model).h5mu -o \(model).c1.st &&
      \(cluster) \(model).whole.st -o \(model).c2.st &&
      \(run) --sketch 60 | \(cluster) -o \(model).sketch.st
      """)
    #expect(made.status == 0, "\(made.text) \(made.errors)")
    let (one, other) = try (shell.object("\(model).c1.st"), shell.object("\(model).c2.st"))
    #expect(one.obsm["X_latent"] == other.obsm["X_latent"])
    #expect(one.obs["cluster"]?.classes == other.obs["cluster"]?.classes)
    #expect(try shell.object("\(model).sketch.st").obsm["X_latent"]?.rows == 120)
  }

  @Test("cells of other batches than the model's are refused", arguments: every)
  func otherBatches(_ model: String) throws {
    let made = try shell.run(
      "sc-pretrain -q --model \(model) --epochs 3 --batch-key sample knn.st -o \(model).seen.st")
    #expect(made.status == 0, "\(made.errors)")
    let seen = try shell.object("\(model).seen.st")
    var (gone, other, none) = (seen, seen, seen)
    gone.obs["sample"] = nil
    other.obs["sample"] = .strings(BatchedCells.samples.map { $0 == "s1" ? "s2" : $0 })
    none.settings["uns.\(model).batches"] = nil
    for (cells, name, words) in [
      (gone, "gone", "obs/sample: the column of batches that the model sees is missing"),
      (other, "other", "obs/sample: 60 of 120 cells belong to none of the batches"),
      (none, "none", "uns.\(model).batches"),
    ] {
      try shell.write(cells, to: "\(model).\(name).st")
      try shell.expectBadData("sc-cluster -c 3 \(model).\(name).st", words)
    }
  }

  @Test("scemc of RNA alone sees the samples, and new cells of none are mapped")
  func rnaAlone() throws {
    let run = "sc-pretrain -q --model scemc --rna-only --epochs 6 --batch-key sample knn.st"
    let made = try shell.run(
      """
      \(run) | sc-cluster -q -c 3 --epochs 3 -o rna.st &&
      \(run) --encode-batch | sc-cluster -q -c 3 --epochs 3 -o rna.e.st
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try shell.object("rna.e.st").tensors["model.scemc.encoder.second.batches"] == nil)
    var new = SimulatedCells.object().selectingCells(Array(80..<120))
    new.obs.index = (0..<40).map { "new-\($0)" }
    try shell.write(new, to: "rna.new.st")
    let mapped = try shell.run("sc-cluster -q --reference rna.st rna.new.st -o rna.mapped.st")
    #expect(mapped.status == 0, "\(mapped.errors)")
    try shell.expectBadData(
      "sc-cluster --reference rna.e.st rna.new.st", "sees batches (--encode-batch)")
  }
}
