import ArgumentParser
import Models
import StageSupport

/// How a training is interrupted and resumed.
package struct CheckpointOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Where to keep the state of the training: every minute, on SIGUSR1, and on SIGTERM and SIGINT before the stage ends.",
      valueName: "file"))
  package var checkpoint: Path?

  @Option(
    help: ArgumentHelp(
      "With --checkpoint: write it after every n epochs instead of every minute.",
      valueName: "n"))
  package var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Go on from this checkpoint, to the same result as without the interruption; from the beginning where there is no such file.",
      valueName: "file"))
  package var resume: Path?

  package static let declarations: [OptionDeclaration] = [
    .option("checkpoint", for: .training, .without("grid")),
    .option("checkpoint-every", .integers(1...1_000_000_000), for: .training, .with("checkpoint")),
    .option("resume", for: .training, .without("grid")),
  ]

  package init() {}

  package mutating func validate() throws {
    for (name, path) in [("checkpoint", checkpoint), ("resume", resume)] where path == .standard {
      throw ValidationError("--\(name) -: a checkpoint is a file; name it.")
    }
  }

  /// Whether there is an earlier state or one to be kept.
  package var isGiven: Bool { checkpoint != nil || resume != nil }

  /// Makes sure, before the work begins, that checkpoints can be written and that nothing else is written over by them; SIGUSR1 asks for one from
  /// now on.
  package func begin(_ stage: Stage, _ input: InputOptions, _ output: OutputOptions) throws {
    guard let checkpoint else { return }
    for (other, name) in [(input.input, "input"), (output.output, "output")]
    where other == checkpoint {
      throw ValidationError(
        "--checkpoint \(checkpoint.description): is the \(name) too; name another file.")
    }
    try stage.requireWritable(checkpoint)
    Interruption.beginListening()
  }
}

extension Requirement {
  /// A method of sc-cluster that trains; what sc-pretrain does always trains.
  package static let training = Requirement("the method", "methods that train (sctpf, scemc)") {
    ModelName(rawValue: $0) != nil
  }
}
