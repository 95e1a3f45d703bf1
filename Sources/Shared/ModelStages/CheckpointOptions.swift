import ArgumentParser
import StageSupport

/// How a training is interrupted and taken up again.
package struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where to keep the state of the training: every minute, on SIGUSR1, and on SIGTERM and SIGINT before the stage ends.",
      valueName: "file"))
  package var checkpoint: Path?

  @Option(
    help: ArgumentHelp(
      "With --checkpoint: write it after every so many epochs instead of every minute.",
      valueName: "n"))
  package var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Go on from this checkpoint, to the same result as without the interruption; from the beginning where there is no such file.",
      valueName: "file"))
  package var resume: Path?

  package init() {}

  package mutating func validate() throws {
    if let checkpointEvery {
      if checkpointEvery < 1 { throw ValidationError("--checkpoint-every: must be 1 or more.") }
      if checkpoint == nil {
        throw ValidationError("--checkpoint-every is for --checkpoint FILE; give that too.")
      }
    }
    for (name, path) in [("checkpoint", checkpoint), ("resume", resume)] where path == .standard {
      throw ValidationError("--\(name) -: a checkpoint is a file; name it.")
    }
  }

  /// The first of the options that was given.
  package var given: String? {
    if checkpoint != nil { return "--checkpoint" }
    return resume == nil ? nil : "--resume"
  }

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
