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

  /// Where checkpoints are written and read: one file may be both.
  package var files: [RunFile] {
    [
      RunFile(ifGiven: "--checkpoint", checkpoint, .checkpoint),
      RunFile(ifGiven: "--resume", resume, .resumes),
    ]
    .compactMap(\.self)
  }

  /// From now on SIGUSR1 asks for a checkpoint, where one is to be kept.
  package func begin() { if checkpoint != nil { Interruption.beginListening() } }
}
