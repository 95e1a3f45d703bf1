import ArgumentParser
import Models
import StageSupport

/// How a training is interrupted and resumed.
package struct CheckpointOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "A file for the state of the training. It is written every minute, on SIGUSR1, and on SIGTERM and SIGINT before the stage ends.",
      valueName: "file"))
  package var checkpoint: Path?

  @Option(
    help: ArgumentHelp(
      "With --checkpoint: write it after every n epochs instead of every minute.",
      valueName: "n"))
  package var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Resume from this checkpoint, with the same result as an uninterrupted run. Without such a file training starts from the beginning, and a line says so.",
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

extension Requirement {
  /// One of these models, or of their methods: `the model scemc or scdeepcluster`.
  package static func oneOf(_ fact: String, _ models: [ModelName]) -> Requirement {
    let names = models.map(\.rawValue)
    let words = names.count > 1 ? names.dropLast().joined(separator: ", ") + " or " : ""
    return Requirement(fact, "\(fact) \(words)\(names.last ?? "")") { names.contains($0) }
  }

  /// A method of sc-cluster that trains; what sc-pretrain does always trains.
  package static let training = Requirement("the method", "methods that train (\(ModelName.list))")
  {
    ModelName(rawValue: $0) != nil
  }
}
