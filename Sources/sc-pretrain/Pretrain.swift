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
      "sc-pretrain graph.safetensors --preset paper --epochs 500 --log-format json -o model.safetensors",
    ])

  @OptionGroup var input: InputOptions

  @Option(help: "The model: sctpf (Mrabah et al. 2023).")
  var model: ModelName = .sctpf

  @OptionGroup(title: "OPTIONS OF TRAINING") var training: TrainingOptions

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  func run(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input, output: output)
    let input = try ModelInput(cells)
    let plan = training.plan(seed: stage.seed)
    var shape = ScTPF<Float>.Configuration(genes: input.data.geneCount)
    shape.hops = plan.hops
    shape.latentHops = plan.latentHops
    let network = ScTPF<Float>(shape)
    network.parameters.initialize(seed: stage.seed)
    let batches = Batches(
      input.data, over: input.graph, reach: network.reachOfInput, plan: plan.schedule.batches)
    let curve = try pretrain(network, on: batches, schedule: plan.schedule) {
      stage.announce($0, "pretrain")
    }
    cells.store(network.weights, of: model)
    cells.store(curve, of: model, phase: "pretrain")
    cells.obsm["X_latent"] = batches.codes(of: network)
    if let last = curve.last {
      stage.log.note(
        "\(model.rawValue): \(curve.count) epochs on \(cells.cellCount) cells × \(cells.geneCount) genes; \(last.summary)"
      )
    }
    let settings = [("model", JSONValue.string(model.rawValue))] + plan.settings
    try stage.save(cells, to: output, settings: settings, inputCRC: crc)
  }
}
