import ArgumentParser
import ModelStages
import Models
import StageSupport

/// What --sketch takes: `auto`, `none`, or a number of cells.
struct SketchChoice: ExpressibleByArgument, CustomStringConvertible {
  let size: SketchSize

  init(size: SketchSize) { self.size = size }

  init?(argument: String) {
    switch argument {
    case "auto": size = .auto
    case "none": size = .none
    default:
      guard let number = Int(argument), Self.numbers.contains(number) else { return nil }
      size = .exactly(number)
    }
  }

  /// A model of fewer cells learns nothing.
  private static let numbers = 10...1_000_000_000

  var description: String {
    switch size {
    case .auto: "auto"
    case .none: "none"
    case .exactly(let number): "\(number)"
    }
  }
  var defaultValueDescription: String { description }
}

/// How any model is trained before it clusters. What is not given comes from the preset.
struct TrainingOptions: DeclaredOptions {
  @Option(
    help:
      "default: what gives good clusters soonest. paper: the published method. released: the authors' program. docs/methods.md has a table of all differences."
  )
  var preset: Preset = .default

  @Option(
    help: ArgumentHelp(
      "Passes over all cells, at most. (default: as many as make 400 steps, from 10 to 100, scemc 750 steps, to 60; paper: 300, 400)",
      valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "The step size of Adam. (default: 1e-3; paper: sctpf 5e-4, scemc 1e-3)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0: all (sctpf). (default: 256; paper: sctpf 0)", valueName: "n"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Models to train, each after the first on other genes, another scale and the graph that these give; sc-cluster looks for what they have in common. (default: sctpf 6, scemc 1; paper: 1)",
      valueName: "n"))
  var models: Int?

  @Option(
    help: ArgumentHelp(
      "The highest power of the graph in the encoder's first layer. (default: 3; paper: sctpf 3, scemc 0)",
      valueName: "n"))
  var hops: Int?

  @Option(
    help: ArgumentHelp(
      "How many cells the model learns from: all (none), a number, or auto: all up to 100,000, of more so many. Half are drawn uniformly, half so that rare types keep their cells. All cells are coded.",
      valueName: "auto|n|none"))
  var sketch = SketchChoice(size: .auto)

  static let declarations: [OptionDeclaration] = [
    .option("preset"), .option("sketch"), .option("epochs", .integers(1...1_000_000)),
    .option("learning-rate", .positiveReals(through: 1e6)),
    .option("batch-size", .integers(0...1_000_000_000)),
    .option("models", .integers(1...1000)), .option("hops", .integers(0...16)),
  ]

  /// The preset of a model with what was given in its place.
  func settings<Settings: PretrainingSettings>() -> Settings {
    var settings: Settings = preset.settings()
    settings.models = models ?? settings.models
    settings.hops = hops ?? settings.hops
    settings.epochs = epochs ?? settings.epochs
    settings.learningRate = learningRate ?? settings.learningRate
    settings.batchSize = batchSize ?? settings.batchSize
    return settings
  }
}

extension Requirement {
  static let sctpf = Requirement("the model", "the model sctpf") { $0 == "sctpf" }
  static let scemc = Requirement("the model", "the model scemc") { $0 == "scemc" }
}
