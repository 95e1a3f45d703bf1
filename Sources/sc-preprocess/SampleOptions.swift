import ArgumentParser
import CellData
import StageSupport

extension GeneJoin: ExpressibleByArgument {}

/// What to read: one input, or the samples of an experiment.
struct SampleInputs: DeclaredOptions {
  @Argument(
    help: ArgumentHelp(
      "The file or folder to read; - is standard input. Several are samples, named after their files or by NAME=FILE.",
      discussion: "Its format is detected from its content.", valueName: "input"))
  var inputs: [Path] = []

  @Flag(name: .customLong("no-verify"), help: "Skip the checksums of a tensor stream.")
  var skipsVerification = false

  static let declarations: [OptionDeclaration] = [
    .option(
      "no-verify",
      for: Requirement("the format", "tensor streams") { $0.contains("tensor stream") })
  ]

  /// Those of the command line, with their names.
  var named: [NamedInput] { (inputs.isEmpty ? [.standard] : inputs).map { NamedInput($0) } }

  /// The inputs among the files of a run. The result may take the place of one input, but of no
  /// sample.
  var files: [RunFile] { named.map { RunFile(nil, $0.path, inputs.count > 1 ? .reads : .input) } }
}

/// How several samples become one object.
struct SampleOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "A table of samples: a column sample with their names, a column file, and further columns, which go into obs.",
      valueName: "file"))
  var samples: Path?

  @Option(
    help: ArgumentHelp(
      "Which genes of several samples to keep: inner (genes in all samples) or outer (genes in any sample). (default: inner)",
      valueName: "name"))
  var join: GeneJoin?

  static let declarations: [OptionDeclaration] = [
    .option("samples"),
    .option(
      "join",
      for: Requirement("the number of inputs", "several samples") { $0 != "1" }),
  ]

  /// The table among the files of a run.
  var file: RunFile? { RunFile(ifGiven: "--samples", samples, .reads) }
}
