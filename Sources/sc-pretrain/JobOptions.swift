import ArgumentParser
import ModelStages
import StageSupport

/// How jobs of their own train the models of a run.
struct JobOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Train only model N, numbered from 0, and write it for --gather.", valueName: "n"))
  var member: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Join the models that --member wrote, with the same input and options. The result has the same bytes as one run.",
      valueName: "file"))
  var gather: [Path] = []

  private static let numbers = 0...999

  static let declarations: [OptionDeclaration] = [
    .option("member", .integers(numbers), for: .without("format")),
    .option(
      "gather", for: .without("member"), .without("checkpoint"), .without("resume")),
  ]

  mutating func validate() throws {
    if gather.contains(.standard) {
      throw ValidationError("--gather -: models are files; name them.")
    }
  }

  /// Throws a `ValidationError` if no model has that number, or if the output is no stream.
  func validate(models: Int, output: OutputOptions) throws {
    guard let member else { return }
    // The option itself refuses numbers outside its range.
    if member >= models && Self.numbers.contains(member) {
      throw ValidationError(
        "--member \(member): the models are numbered from 0 to \(models - 1) (--models).")
    }
    if output.resolvedFormat != .safetensors {
      throw ValidationError(
        "--member writes a tensor stream; give -o a name that ends in .safetensors or .st.")
    }
  }

  var files: [RunFile] { gather.map { RunFile("--gather", $0, .comparesWith) } }
}
