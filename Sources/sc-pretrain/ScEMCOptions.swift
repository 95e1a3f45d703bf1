import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors

/// How the layer that joins both measurements is built.
enum AggregationChoice: String, CaseIterable, ExpressibleByArgument {
  case paper, transformer

  var aggregation: Aggregation { self == .paper ? .paper : .transformer }
}

/// The model of scEMC and how it is trained before it clusters.
struct ScEMCOptions: DeclaredOptions, PretrainableModel {
  @Option(
    help:
      "How cells of a batch inform each other: paper (its equations) or transformer (a full layer, as in the released program). (default: paper)"
  )
  var aggregation: AggregationChoice?

  @Option(
    help: ArgumentHelp(
      "σ of the noise on standardized RNA. (default: 2.5)", valueName: "sigma"))
  var rnaNoise: Double?

  @Option(
    help: ArgumentHelp(
      "σ of the noise on the standardized second modality. (default: 1.5)",
      valueName: "sigma"))
  var secondNoise: Double?

  @Option(
    help: ArgumentHelp(
      "φ: the weight of the loss between pairs of cells, which joins in the second half. (default: 0.001)",
      valueName: "weight"))
  var phi: Double?

  @Flag(help: "Ablation: codes without the RNA's own beside the joint ones.")
  var noSkip = false

  @Flag(help: "Ablation: cells do not inform each other.")
  var noAggregation = false

  @Flag(help: "Ablation: counts are not explained.")
  var noReconstruction = false

  @Flag(help: "Ablation: no loss that draws similar cells together.")
  var noClusterLoss = false

  @Flag(help: "Ablation: the RNA without the second modality.")
  var rnaOnly = false

  static let declarations: [OptionDeclaration] = [
    .option("aggregation", for: .scemc, .without("no-aggregation")),
    .option("rna-noise", .reals(0...1000), for: .scemc),
    .option("second-noise", .reals(0...1000), for: .scemc, .without("rna-only")),
    .option("phi", .reals(0...1e6), for: .scemc, .without("no-cluster-loss")),
    .option("no-skip", for: .scemc), .option("no-aggregation", for: .scemc),
    .option("no-reconstruction", for: .scemc), .option("no-cluster-loss", for: .scemc),
    .option("rna-only", for: .scemc),
  ]

  mutating func validate() throws {
    if noReconstruction && noClusterLoss {
      throw ValidationError(
        "--no-reconstruction and --no-cluster-loss leave nothing to learn from.")
    }
  }

  func facts(_ training: TrainingOptions) -> Facts { [:] }

  var usualModelCount: Int { 1 }

  func validate(with training: TrainingOptions) throws {
    if training.batchSize == 0 {
      throw ValidationError(
        "--batch-size 0: cells of scemc inform all others of their batch; give a number.")
    }
  }

  private func hops(_ training: TrainingOptions) -> Int {
    training.hops ?? (training.isPaper ? 0 : 3)
  }

  func extent(_ training: TrainingOptions) -> TrainingExtent {
    var extent = TrainingExtent(hops: hops(training), batch: training.batchSize ?? 256)
    extent.isPaired = true
    return extent
  }

  /// The model for these data.
  private func configuration(for data: PairedData<Float>)
    -> ScEMC<Float>.Configuration
  {
    var result = ScEMC<Float>.Configuration(for: data)
    result.aggregation = noAggregation ? .none : aggregation?.aggregation ?? .paper
    result.skips = !noSkip
    result.reconstructs = !noReconstruction
    result.clusters = !noClusterLoss
    result.rnaNoise = rnaNoise ?? 2.5
    result.secondNoise = secondNoise ?? 1.5
    result.phi = phi ?? 0.001
    return result
  }

  private func schedule(_ training: TrainingOptions, cellCount: Int, seed: UInt64)
    -> ScEMCPretraining
  {
    var schedule = ScEMCPretraining()
    schedule.batchSize = training.batchSize ?? 256
    let steps = max(1, tileCount(cellCount, of: schedule.batchSize))
    schedule.epochs = training.epochs ?? (training.isPaper ? 400 : min(60, max(10, 750 / steps)))
    schedule.learningRate = training.learningRate ?? 1e-3
    schedule.seed = seed
    return schedule
  }

  func prepared(
    for cells: CellData, _ training: TrainingOptions, number: Int, productBytes: Int,
    _ stage: Stage
  ) throws -> PreparedTraining {
    let seed = stage.seed &+ UInt64(number)
    let input = try PairedInput(
      cells, usesSecond: !rnaOnly, hops: hops(training), productBytes: productBytes)
    if number == 0 { input.announce(stage) }
    let shape = configuration(for: input.data)
    let schedule = schedule(training, cellCount: cells.cellCount, seed: seed)
    return PreparedTraining(
      settings: schedule.settings + shape.settings,
      annotate: { $0.store(shape) },
      train: { resumption, report in
        let network = ScEMC<Float>(shape)
        network.initialize(seed: seed)
        let curve = try pretrain(
          network, on: input.data, schedule: schedule, resumption: resumption,
          report: report)
        return TrainedModel(
          weights: network.weights, codes: network.embed(input.data), curve: curve)
      })
  }
}

extension ScEMCPretraining {
  /// What the provenance notes.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("epochs", .integer(epochs)), ("learning_rate", .number(learningRate)),
      ("batch_size", .integer(batchSize)),
    ]
  }
}
