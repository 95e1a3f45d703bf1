import ArgumentParser
import ModelStages
import Models
import StageSupport

/// What --sketch takes: `auto`, `none`, or a number of cells.
struct SketchChoice: ExpressibleByArgument {
  let size: SketchSize

  init?(argument: String) {
    switch argument {
    case "auto": size = .auto()
    case "none": size = .none
    default:
      guard let number = Int(argument), Self.numbers.contains(number) else { return nil }
      size = .exactly(number)
    }
  }

  /// A model of fewer cells learns nothing.
  private static let numbers = 10...1_000_000_000
}

/// What --counts-likelihood takes.
enum CountLikelihood: String, CaseIterable, ExpressibleByArgument {
  case nb, zinb

  var likelihood: Likelihood { self == .nb ? .nb : .zinb }
}

/// How any model is trained before it clusters. The preset gives what the options do not.
struct TrainingOptions: DeclaredOptions {
  @OptionGroup(title: "MAIN OPTIONS") var main: MainOptions

  @Option(
    help: ArgumentHelp(
      "The step size of Adam. For desc: the first step size of gradient descent with momentum. For dcca and scmvae: the first step size of a round. (default: 1e-3, desc 0.1, dcca 0.01, scmvae 3e-3; paper: scmvae 1e-3, sctpf 5e-4, sctag, sczidesk, scdsc and scmcs 1e-4, scmcs a tenth of it for the second modality alone)",
      valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Cells in a step; 0 takes all (not for scemc, scmdc, dcca and scmvae). (default: 256, dcca, scmcs, scmvae 128, desc fewer if an epoch has less than 16 steps; paper: 256, dcca, scmvae 64, scdsc 1024, sctpf, sctag, scmcs 0)",
      valueName: "n"
    ))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "For sctpf, scemc and sctag: the highest power of the graph in the encoder's first layer. (default: 3; paper: sctpf, sctag 3, scemc 0)",
      valueName: "n"))
  var hops: Int?

  @Option(
    help: ArgumentHelp(
      "The column of obs with the batches. The decoder receives the batch of each cell, so the codes need not encode it.",
      valueName: "column"))
  var batchKey: String?

  @Flag(
    help:
      "With --batch-key: the encoder sees the batches too. New cells are not mapped onto such a model."
  )
  var encodeBatch = false

  @Option(
    help: ArgumentHelp(
      "The number of cells to learn from: none (all cells), a number, or auto (at most 50,000, scdsc 20,000). Half are sampled uniformly, half by geometric sketching, which keeps rare types. All cells get codes. (default: auto; paper: none)",
      valueName: "auto|n|none"))
  var sketch: SketchChoice?

  @Option(
    help: ArgumentHelp(
      "Not for scemc and scmdc: training, or a round of desc, dcca, scmcs or scmvae, ends after n epochs without a lower loss; 0: never. dcca, scmcs and scmvae use the loss of cells held out. (default: 5, desc, dcca, scmcs and scmvae 10; paper: 0, scdeepcluster 50, desc 10, dcca and scmvae 30)",
      valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "With --patience above 0: the share by which a loss must fall to count as lower. (default: 1e-4)",
      valueName: "share"))
  var tolerance: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc, scdeepcluster, sczidesk and scmdc: σ of the noise on standardized RNA. (default: 2.5, sczidesk 1.5; released: sczidesk 0)",
      valueName: "sigma"))
  var rnaNoise: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc and scmdc: σ of the noise on the standardized second modality. (default: 1.5)",
      valueName: "sigma"))
  var secondNoise: Double?

  @Option(
    help: ArgumentHelp(
      "For scemc and scmdc: φ, the weight of the loss between pairs of cells, which starts in the second half. (default: 0.001)",
      valueName: "weight"))
  var phi: Double?

  @Option(
    help:
      "For dcca and scmvae: the likelihood of counts that are not peaks: nb, or zinb (with zero inflation). (default: dcca nb, scmvae zinb)"
  )
  var countsLikelihood: CountLikelihood?

  @Option(
    help: ArgumentHelp(
      "For dcca and scmvae: the width of the code; in dcca, of the code of each modality. (default: dcca 10, scmvae 22)",
      valueName: "n"))
  var latent: Int?

  @OptionGroup(title: "ABLATIONS") var ablations: AblationOptions

  static let declarations: [OptionDeclaration] = [
    .option("sketch"), .option("batch-key"),
    .option("encode-batch", for: .encodingBatches, .with("batch-key")),
    .option("learning-rate", .positiveReals(through: 1e6)),
    .option("batch-size", .integers(0...1_000_000_000)),
    .option("hops", .integers(0...16), for: .graphModels),
    .option("patience", .integers(0...1_000_000), for: .endingEarly),
    .option(
      "tolerance", .belowOne, for: .endingEarly,
      Requirement("the patience", "runs that may end early (--patience above 0)") { $0 != "0" }),
    .option("rna-noise", .reals(0...1000), for: .noisy),
    .option("second-noise", .reals(0...1000), for: .paired, .without("rna-only")),
    .option("phi", .reals(0...1e6), for: .paired, .without("no-cluster-loss")),
    .option("counts-likelihood", for: .variational),
    .option("latent", .integers(1...1000), for: .variational),
  ]

  /// The settings of the batches, for the provenance.
  var batchSettings: [(String, JSONValue)] {
    let key: [(String, JSONValue)] = batchKey.map { [("batch_key", .string($0))] } ?? []
    return key + switchedOn([("encode_batch", encodeBatch)])
  }

  /// Throws a `ValidationError` if steps are to take all cells.
  func requireBatches(of model: ModelName) throws {
    guard batchSize == 0 else { return }
    throw ValidationError(
      "--batch-size 0: steps of \(model.rawValue) hold all features of their cells; give a number.")
  }

  /// How many cells learn. `most` is the limit of `auto`. The papers' methods learn from all cells.
  func sketchSize(atMost most: Int) -> SketchSize {
    let size = sketch?.size ?? (main.preset.base == .default ? .auto() : .none)
    if case .auto = size { return .auto(atMost: most) }
    return size
  }

  /// The preset of a model with the given options laid over it.
  func settings<Settings: PretrainingSettings>() -> Settings {
    var settings: Settings = main.preset.base.settings()
    settings.models = main.models ?? settings.models
    settings.epochs = main.epochs ?? settings.epochs
    settings.learningRate = learningRate ?? settings.learningRate
    settings.batchSize = batchSize ?? settings.batchSize
    settings.patience = patience ?? settings.patience
    settings.tolerance = tolerance ?? settings.tolerance
    return settings
  }
}

extension Requirement {
  static let variational = kinds("the model") { $0.isVariational }
  static let graphModels = kinds("the model") { $0.sumsHops }
  static let endingEarly = kinds("the model") { !$0.comparesPairs }
  static let encodingBatches = kinds("the model") { $0.encodesBatches }
  static let noisy = kinds("the model") { $0.addsNoise }
  static let paired = kinds("the model") { $0.comparesPairs }
}
