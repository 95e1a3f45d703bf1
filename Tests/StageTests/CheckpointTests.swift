import CellData
import Foundation
import TensorStream
import Testing

/// Trainings that are interrupted and resumed end with the same bytes as those that are not.
@Suite struct CheckpointTests {
  /// A training whose run is long enough to be interrupted some times.
  struct Training: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes `in.st` what the training reads.
    let preparation: String
    let command: String
    var isPaired = false

    static let all = [
      Training(
        testDescription: "sctpf in batches, two models", preparation: knn,
        command: "sc-pretrain --models 2 --epochs 60 --batch-size 8 --patience 0"),
      Training(
        testDescription: "sctpf, one of two models by a job", preparation: knn,
        command:
          "sc-pretrain --models 2 --member 1 --epochs 60 --batch-size 8 --patience 0"),
      Training(
        testDescription: "sctpf, all cells in a step", preparation: knn,
        command: "sc-pretrain --preset paper --epochs 150"),
      Training(
        testDescription: "sctpf on a sketch", preparation: knn,
        command: "sc-pretrain --models 2 --epochs 60 --batch-size 8 --patience 0 --sketch 70"),
      Training(
        testDescription: "clusters by sctpf among a sketch",
        preparation: "\(knn) && sc-pretrain -q --models 2 --epochs 3 --sketch 80 in.st -o in.st",
        command:
          "sc-cluster -c 3 --batch-size 8 --epochs 80 --patience 90 --min-epochs 79"),
      Training(
        testDescription: "sctpf without the counts' loss", preparation: knn,
        command: "sc-pretrain --models 2 --epochs 60 --batch-size 8 --patience 0 --no-counts-loss"),
      Training(
        testDescription: "clusters by sctpf, two models",
        preparation: "\(knn) && sc-pretrain -q --models 2 --epochs 3 in.st -o in.st",
        command:
          "sc-cluster -c 3 --batch-size 8 --epochs 80 --patience 90 --min-epochs 79 --freeze-centers --keep-snapshots"
      ),
      Training(
        testDescription: "clusters by sctpf, the paper's schedule",
        preparation: "\(knn) && sc-pretrain -q --preset paper --epochs 3 in.st -o in.st",
        command: "sc-cluster -c 3 --preset paper --epochs 150 --min-epochs 149 --no-counts-loss"),
      Training(
        testDescription: "scemc", preparation: knn,
        command: "sc-pretrain --model scemc --epochs 16 --batch-size 32 --models 2",
        isPaired: true),
      Training(
        testDescription: "clusters by scemc",
        preparation: "\(knn) && sc-pretrain -q --model scemc --epochs 2 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 16 --batch-size 32 --stable-share 0 --patience 99 --filter --keep-snapshots",
        isPaired: true),
      Training(
        testDescription: "clusters by scemc, the paper's schedule",
        preparation: "\(knn) && sc-pretrain -q --model scemc --epochs 2 in.st -o in.st",
        command: "sc-cluster -c 3 --preset paper --epochs 16 --batch-size 32 --stable-share 0",
        isPaired: true),
      Training(
        testDescription: "scmdc", preparation: counts,
        command: "sc-pretrain --model scmdc --epochs 24 --batch-size 16 --models 2", isPaired: true),
      Training(
        testDescription: "dcca in rounds", preparation: counts,
        command: "sc-pretrain --model dcca --epochs 150 --batch-size 16 --models 2", isPaired: true),
      Training(
        testDescription: "scmcs in rounds", preparation: counts,
        command: "sc-pretrain --model scmcs --epochs 90 --batch-size 16 --models 2", isPaired: true),
      Training(
        testDescription: "scmvae", preparation: counts,
        command: "sc-pretrain --model scmvae --epochs 60 --batch-size 16 --models 2", isPaired: true
      ),
      Training(
        testDescription: "clusters by scmdc",
        preparation: "\(counts) && sc-pretrain -q --model scmdc --epochs 2 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 24 --batch-size 16 --stable-share 0 --patience 99 --keep-snapshots",
        isPaired: true),
      Training(
        testDescription: "scdeepcluster", preparation: counts,
        command: "sc-pretrain --model scdeepcluster --epochs 24 --batch-size 16 --models 2"),
      Training(
        testDescription: "desc in rounds", preparation: counts,
        command:
          "sc-pretrain --model desc --epochs 1800 --batch-size 16 --models 2 --patience 40 --tolerance 1e-5"
      ),
      Training(
        testDescription: "clusters by desc",
        preparation: "\(counts) && sc-pretrain -q --model desc --epochs 12 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 600 --batch-size 16 --stable-share 0 --update-interval 10 --keep last --keep-snapshots"
      ),
      Training(
        testDescription: "sczidesk", preparation: counts,
        command: "sc-pretrain --model sczidesk --epochs 24 --batch-size 16 --models 2"),
      Training(
        testDescription: "clusters by sczidesk",
        preparation: "\(counts) && sc-pretrain -q --model sczidesk --epochs 2 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 24 --batch-size 16 --stable-share 0 --patience 99 --keep-snapshots"
      ),
      Training(
        testDescription: "clusters by scdeepcluster",
        preparation: "\(counts) && sc-pretrain -q --model scdeepcluster --epochs 2 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 24 --batch-size 16 --stable-share 0 --update-interval 2 --patience 99 --keep-snapshots"
      ),
      Training(
        testDescription: "scdsc", preparation: knn,
        command: "sc-pretrain --model scdsc --epochs 60 --batch-size 16 --models 2"),
      Training(
        testDescription: "clusters by scdsc",
        preparation: "\(knn) && sc-pretrain -q --model scdsc --epochs 3 in.st -o in.st",
        command:
          "sc-cluster -c 3 --epochs 400 --stable-share 0 --keep last --keep-snapshots"),
      Training(
        testDescription: "clusters by scdsc, rectified",
        preparation: "\(knn) && sc-pretrain -q --model scdsc --epochs 3 in.st -o in.st",
        command:
          "sc-cluster -c 3 --preset paper --epochs 400"),
      Training(
        testDescription: "clusters by sctag",
        preparation: "\(knn) && sc-pretrain -q --model sctag --models 2 --epochs 3 in.st -o in.st",
        command:
          "sc-cluster -c 3 --batch-size 8 --epochs 80 --stable-share 0 --keep last --keep-snapshots"
      ),
    ]

    private static let counts = "sc-preprocess -q in.st -o pre.st && mv pre.st in.st"
    private static let knn =
      "sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st && mv knn.st in.st"

    func prepare(_ shell: Shell) throws {
      try isPaired
        ? shell.writeInput { $0.modalities = [PairedCells.modality()] } : shell.writeInput()
      let outcome = try shell.run(preparation)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
  }

  /// Each run is ended as soon as it has written a checkpoint; the fourth may go on to the end.
  @Test(arguments: Training.all, ["TERM", "KILL"])
  func sameBytes(_ training: Training, _ signal: String) throws {
    let shell = try Shell()
    try training.prepare(shell)
    let outcome = try shell.run(
      """
      for i in 1 2 3; do
        touch before
        \(training.command) -q -t $((1 + i % 2)) in.st -o out.st \\
          --checkpoint c.st --checkpoint-every 1 --resume c.st & stage=$!
        until [ c.st -nt before ]; do sleep 0.01; kill -0 $stage 2>/dev/null || break; done
        sleep 0.0$((RANDOM % 10))
        kill -\(signal) $stage; wait $stage; echo $?
        [ ! -e out.st ] || echo early
      done
      \(training.command) -q in.st -o out.st --checkpoint c.st --resume c.st; echo $?
      \(training.command) -q in.st -o whole.st; echo $?
      """, timeout: 100)
    let status = signal == "TERM" ? "143" : "137"
    #expect(
      outcome.text.split(separator: "\n") == [status, status, status, "0", "0"].map { $0[...] })
    #expect(try shell.data("out.st") == shell.data("whole.st"))
    if signal == "TERM" { #expect(try shell.leftovers.isEmpty) }
  }
}

/// What the options of checkpoints promise besides.
@Suite struct CheckpointOptionTests {
  private static let pretrain = "sc-pretrain --models 1 --epochs 2"

  /// Cells with a graph in `in.st`, and a checkpoint of the run in `c.st`.
  private static func shell(_ seed: Int = 0) throws -> Shell {
    let shell = try Shell()
    try shell.writeInput()
    let outcome = try shell.run(
      """
      sc-preprocess -q in.st | sc-knn -q --components 10 -o knn.st && mv knn.st in.st &&
        \(pretrain) --seed \(seed) -q in.st -o out.st --checkpoint c.st
      """)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return shell
  }

  @Test(arguments: [
    ("sc-pretrain --models 1 --epochs 3", "other settings (epochs was 2, now 3)"),
    ("sc-pretrain --models 2 --epochs 2", "other settings (models was 1, now 2)"),
    ("\(pretrain) --seed 1", "other settings (seed was 0, now 1)"),
    ("sc-cluster --method sctpf -c 3", "checkpoint of sc-pretrain, not of sc-cluster"),
  ])
  func otherRunsAreRefused(_ command: String, _ reason: String) throws {
    let shell = try Self.shell()
    let outcome = try shell.run("\(command) out.st -o again.st --resume c.st")
    let same = try shell.run("\(command) in.st -o again.st --resume c.st")
    #expect(outcome.status == 65)
    let refusal = command.contains("cluster") ? outcome : same
    #expect(refusal.status == 65 && refusal.errors.contains("c.st: is a "), "\(refusal.errors)")
    #expect(refusal.errors.contains(reason), "\(refusal.errors)")
    #expect(refusal.errors.split(separator: "\n").count == 1)
    #expect(!shell.exists("again.st"))
  }

  @Test func otherDataAreRefused() throws {
    let shell = try Self.shell()
    let outcome = try shell.run("\(Self.pretrain) out.st -o again.st --resume c.st")
    #expect(outcome.status == 65 && outcome.errors.contains("other data (CRC-32 "))
  }

  @Test func damagedAndForeignFilesAreRefused() throws {
    let shell = try Self.shell()
    var damaged = try shell.data("c.st")
    damaged[damaged.count - 5] ^= 1
    try shell.write(damaged, to: "damaged.st")
    try shell.write(try shell.data("in.st"), to: "foreign.st")
    try shell.write(damaged.prefix(damaged.count / 2), to: "half.st")
    for (file, reason) in [
      ("damaged.st", "its bytes do not have the CRC-32"), ("half.st", "offset"),
      ("foreign.st", "is not a checkpoint"),
    ] {
      let outcome = try shell.run("\(Self.pretrain) in.st -o again.st --resume \(file)")
      #expect(outcome.status == 65 && outcome.errors.contains("\(file): "), "\(outcome.errors)")
      #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    }
    var other = try shell.object("c.st")
    other.history[0].version = "0.1.9"
    let sink = DataSink()
    try TensorStream.write(other, to: sink)
    try shell.write(sink.data, to: "newer.st")
    let newer = try shell.run("\(Self.pretrain) in.st -o again.st --resume newer.st")
    #expect(newer.status == 65 && newer.errors.contains("is a checkpoint of version 0.1.9"))
  }

  /// A state with whole tensors that belong to another training.
  @Test func misfitsAreRefused() throws {
    let shell = try Self.shell()
    var stored = try shell.object("c.st")
    stored.tensors["checkpoint.model_0.matrix.codes"] = nil
    let sink = DataSink()
    try TensorStream.write(stored, to: sink)
    try shell.write(sink.data, to: "c.st")
    let outcome = try shell.run("\(Self.pretrain) in.st -o again.st --resume c.st")
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("c.st: checkpoint.codes: is missing or does not fit"))
  }

  /// The checkpoint of a finished run stays, and gives the same result at once.
  @Test func finishedRunsAndMissingCheckpoints() throws {
    let shell = try Self.shell()
    let outcome = try shell.run(
      "\(Self.pretrain) -v in.st -o again.st --resume c.st && \(Self.pretrain) in.st -o fresh.st --resume none.st"
    )
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("resuming from the checkpoint c.st"))
    #expect(outcome.errors.contains("read the checkpoint c.st"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("read 0 cells"))
    #expect(outcome.errors.contains("none.st: there is no checkpoint yet; training starts"))
    #expect(try shell.data("again.st") == shell.data("out.st"))
    #expect(try shell.data("fresh.st") == shell.data("out.st"))
    #expect(!shell.exists("none.st"))
  }

  @Test func onRequest() throws {
    let shell = try Self.shell()
    let outcome = try shell.run(
      """
      sc-pretrain --preset paper --epochs 400 in.st -o long.st --checkpoint usr.st & stage=$!
      sleep 0.4
      for i in {1..100}; do [ -e usr.st ] && break; kill -USR1 $stage; sleep 0.05; done
      ls usr.st
      kill -0 $stage && echo goes on
      wait $stage; echo $?
      sc-pretrain -q --preset paper --epochs 400 in.st -o whole.st
      """)
    #expect(outcome.text == "usr.st\ngoes on\n0\n", "\(outcome.errors)")
    #expect(outcome.errors.contains("wrote the checkpoint usr.st"))
    #expect(try shell.data("long.st") == shell.data("whole.st"))
  }

  /// Weights from which training cannot go on are not put in place of a good checkpoint.
  @Test func divergence() throws {
    let shell = try Self.shell()
    let outcome = try shell.run(
      "sc-pretrain --preset paper --epochs 40 --learning-rate 1e6 in.st -o wild.st --checkpoint wild.c --checkpoint-every 1"
    )
    #expect(outcome.status == 70 && !shell.exists("wild.st"))
    #expect(outcome.errors.contains("epoch 2: the"), "\(outcome.errors)")
    // What stays is the checkpoint of an epoch whose weights are finite.
    for (name, tensor) in shell.exists("wild.c") ? try shell.object("wild.c").tensors : [:]
    where tensor.elementType == .float32 {
      let areFinite = tensor.bytes.reinterpreted(as: Float.self).allSatisfy { $0.isFinite }
      #expect(areFinite, "\(name)")
    }
    #expect(try shell.leftovers.isEmpty)
  }

  @Test(arguments: [
    "--checkpoint-every 2", "--checkpoint c.st --checkpoint-every 0", "--checkpoint -",
    "--resume -", "--checkpoint in.st", "--checkpoint again.st",
  ])
  func wrongUsage(_ options: String) throws {
    let shell = try Self.shell()
    let before = try shell.data("in.st")
    let outcome = try shell.run("\(Self.pretrain) in.st -o again.st \(options)")
    #expect(outcome.status == 64, "\(outcome.status): \(outcome.errors)")
    #expect(try shell.data("in.st") == before)
  }

  @Test func methodsWithoutTrainingAndUnwritableFolders() throws {
    let shell = try Self.shell()
    let usage = try shell.run("sc-cluster out.st -c 3 --method kmeans --resume c.st -o k.st")
    #expect(usage.status == 64 && usage.errors.contains("--resume is for methods that train"))
    let folder = try shell.run("\(Self.pretrain) in.st -o k.st --checkpoint nowhere/c.st")
    #expect(folder.status == 73 && !shell.exists("k.st"))
  }
}
