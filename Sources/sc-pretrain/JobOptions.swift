import ArgumentParser
import ModelStages
import StageSupport

/// How the models of a run are trained by jobs of their own.
struct JobOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "Train one of the models alone, from 0 on, and write it for --gather.", valueName: "n"))
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

  /// Throws where there is no model of that number, or what is written would not be a stream.
  func validate(models: Int, output: OutputOptions) throws {
    guard let member else { return }
    // What is outside of the option's range is refused by it.
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
