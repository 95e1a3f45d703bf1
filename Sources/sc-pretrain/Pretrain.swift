import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors

extension ModelName: ExpressibleByArgument {}

@main struct Pretrain: StageCommand {
  static let multipliesMatrices = true
  static let configuration = CommandConfiguration(
    stage: "sc-pretrain",
    abstract:
      "Train a model that explains counts and graph; store its weights and the cells' latent codes.",
    discussion: """
      Needs what sc-preprocess (counts, size factors) and sc-knn (neighbors) write. Writes the weights (model.*), \
      obsm/X_latent and the loss of every epoch (uns/loss).
      """,
    examples: [
      "sc-preprocess pbmc.h5ad | sc-knn | sc-pretrain -o model.safetensors",
      "sc-pretrain graph.safetensors --epochs 500 --learning-rate 1e-4 --log-format json -o model.safetensors",
    ])

  @OptionGroup var input: InputOptions

  @Option(help: "The model: sctpf (Mrabah et al. 2023).")
  var model: ModelName = .sctpf

  @Option(help: ArgumentHelp("Passes over all cells.", valueName: "n"))
  var epochs = 300

  @Option(help: ArgumentHelp("The step size of Adam.", valueName: "rate"))
  var learningRate = 5e-4

  @Option(
    help: ArgumentHelp("The highest power of the graph in a layer of the encoder.", valueName: "n"))
  var hops = 3

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  mutating func validate() throws {
    if epochs < 1 { throw ValidationError("--epochs \(epochs): ask for 1 or more.") }
    if !(0...16).contains(hops) { throw ValidationError("--hops \(hops): ask for 0 to 16.") }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate \(learningRate): must be above 0.")
    }
  }

  func run(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input, output: output)
    let input = try ModelInput(cells)
    var shape = ScTPF<Float>.Configuration(genes: input.data.geneCount)
    shape.hops = hops
    let network = ScTPF<Float>(shape)
    network.parameters.initialize(seed: stage.seed)
    let graph = input.graph
    let curve = try pretrain(
      network, on: input.data, over: graph,
      schedule: TrainingSchedule(epochs: epochs, learningRate: learningRate)
    ) { stage.announce($0, "pretrain") }
    cells.store(network.weights, of: model)
    cells.store(curve, of: model, phase: "pretrain")
    cells.obsm["X_latent"] = latentCodes(of: network, input.data, over: graph)
    if let last = curve.last {
      stage.log.note(
        "\(model.rawValue): \(curve.count) epochs on \(cells.cellCount) cells × \(cells.geneCount) genes; \(last.summary)"
      )
    }
    let settings: [(String, JSONValue)] = [
      ("model", .string(model.rawValue)), ("epochs", .integer(epochs)),
      ("learning_rate", .number(learningRate)), ("hops", .integer(hops)),
    ]
    try stage.save(cells, to: output, settings: settings, inputCRC: crc)
  }
}
