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

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  private func options(of model: ModelName) -> any PretrainableModel {
    switch model {
    case .sctpf: sctpf
    case .scemc: scemc
    }
  }

  mutating func validate() throws {
    for other in ModelName.allCases where other != model {
      if let option = options(of: other).given.first {
        throw ValidationError(
          "\(option) is an option of \(other.rawValue), but the model is \(model.rawValue) (--model)."
        )
      }
    }
    try options(of: model).validate(with: training)
  }

  func run(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input, output: output)
    let options = options(of: model)
    let count = training.modelCount(usually: options.usualModelCount)
    let (curve, settings) = try options.pretrain(&cells, training, number: 0, stage)
    cells.store(curve, of: model, phase: "pretrain")
    try addFurtherCodes(&cells, options, count: count, stage)
    if let last = curve.last {
      stage.log.note(
        "\(model.rawValue): \(curve.count) epochs on \(cells.cellCount) cells × \(cells.geneCount) genes; \(last.summary)"
      )
    }
    try stage.save(
      cells, to: output,
      settings: [("model", .string(model.rawValue)), ("restarts", .integer(count))]
        + settings, inputCRC: crc)
  }

  /// Trains the models after the first, each on a view of its own; their weights are not kept.
  private func addFurtherCodes(
    _ cells: inout CellData, _ options: any PretrainableModel, count: Int, _ stage: Stage
  ) throws {
    var codes = [cells.obsm["X_latent"]].compactMap { $0 }
    for number in 1..<max(1, count) {
      var view = try cells.view(number, seed: stage.seed &+ UInt64(number))
      let (curve, _) = try options.pretrain(&view, training, number: number, stage)
      if let matrix = view.obsm["X_latent"] { codes.append(matrix) }
      stage.log.detail(
        "model \(number + 1) of \(count): \(view.geneCount) genes; \(curve.last?.summary ?? "")"
      )
    }
    cells.store(codes: codes)
  }
}
