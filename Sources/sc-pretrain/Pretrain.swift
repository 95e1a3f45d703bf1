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
      Needs what sc-preprocess (counts, size factors) and sc-knn (neighbors) write; scemc also the second modality of paired data. Writes the \
      weights (model.*), obsm/X_latent and the loss of every epoch (uns/loss).
      """,
    examples: [
      "sc-preprocess pbmc.h5ad | sc-knn | sc-pretrain -o model.safetensors",
      "sc-preprocess cite.h5mu | sc-knn | sc-pretrain --model scemc -o model.safetensors",
      "sc-pretrain graph.safetensors --preset paper --epochs 500 --log-format json -o model.safetensors",
    ])

  @OptionGroup var input: InputOptions

  @Option(help: "The model: sctpf (Mrabah et al. 2023), or scemc of paired data (Hu et al. 2024).")
  var model: ModelName = .sctpf

  @OptionGroup(title: "OPTIONS OF TRAINING") var training: TrainingOptions
  @OptionGroup(title: "OPTIONS OF SCTPF") var sctpf: ScTPFOptions
  @OptionGroup(title: "OPTIONS OF SCEMC") var scemc: ScEMCOptions

  @OptionGroup(title: "CHECKPOINTS") var checkpoint: CheckpointOptions

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  private func options(of model: ModelName) -> any PretrainableModel {
    switch model {
    case .sctpf: sctpf
    case .scemc: scemc
    }
  }

  static let declarations: [OptionDeclaration] = [.option("model")]

  var facts: Facts {
    options(of: model).facts(training).merging(["the model": model.rawValue]) { $1 }
  }

  mutating func validate() throws {
    try options(of: model).validate(with: training)
  }

  var files: [RunFile] { [input.file] + checkpoint.files + [output.file] }

  /// Says what of the data is not as the stages before make it, or is left out.
  private func remark(on cells: CellData, _ stage: Stage) {
    if let remark = cells.graphRemark { stage.log.note(remark) }
    if let remark = cells.scalingRemark { stage.log.note(remark) }
    let groupSize = Batches<Float>.groupSize
    if sctpf.structure == .sampled && cells.cellCount <= groupSize {
      stage.log.note(
        "--structure sampled changes nothing: there are no more than \(groupSize) cells")
    }
    if model == .sctpf, let second = cells.secondModality {
      stage.log.note(
        "sctpf learns from the RNA alone; --model scemc learns from '\(second.name)' too")
    }
  }

  func run(in stage: Stage) throws {
    checkpoint.begin()
    let options = options(of: model)
    let count = training.modelCount(usually: options.usualModelCount)
    let together = checkpoint.isGiven ? 1 : count
    let extent = options.extent(training)
    var (cells, crc) = try stage.open(input) { size in
      ModelSeries.memory(
        for: size, together, extent, within: stage.memoryLimit, isRead: false
      ).estimate
    }
    remark(on: cells, stage)
    let memory = ModelSeries.memory(
      for: cells.extent, together, extent, within: stage.memoryLimit, isRead: true)
    let first = try options.prepared(
      for: cells, training, number: 0, productBytes: memory.productBytes, stage)
    let settings: [(String, JSONValue)] =
      [("model", .string(model.rawValue)), ("restarts", .integer(count))] + first.settings
    let checkpoints = try Checkpoints(checkpoint, settings: settings, inputCRC: crc, stage)
    let series = ModelSeries(
      count: count, options: options, training: training, first: first, memory: memory,
      stage: stage)
    let models =
      checkpoint.isGiven
      ? try series.trained(on: cells, with: checkpoints) : try series.trained(on: cells)
    let trained = models[0]
    cells.store(trained.weights, of: model)
    first.annotate(&cells)
    cells.store(trained.curve, of: model, phase: "pretrain")
    cells.store(codes: models.map(\.codes))
    if let last = trained.curve.last {
      stage.log.note(
        "\(model.rawValue): \(trained.curve.count) epochs on \(cells.cellCount) cells × \(cells.geneCount) genes; \(last.summary)"
      )
    }
    try stage.save(cells, to: output, settings: settings, inputCRC: crc)
  }
}
