import ArgumentParser
import CellData
import ModelStages
import Models
import StageSupport
import Tensors
import Training

@main struct Pretrain: StageCommand {
  static let multipliesMatrices = true
  static let formerOptions = ["restarts": "models"]
  static let mainOptions = [
    "output", "model", "preset", "epochs", "models", "checkpoint", "resume",
  ]
  static let ungroupedTitle = "OPTIONS OF TRAINING"
  static let configuration = CommandConfiguration(
    stage: "sc-pretrain",
    abstract:
      "Train an autoencoder of counts and graph; store its weights and latent codes.",
    discussion: """
      The stage needs the output of sc-preprocess and sc-knn; scdeepcluster, sczidesk, desc, scmdc, dcca, scmcs and scmvae need no sc-knn. scemc, scmdc, dcca, scmcs and scmvae need paired data. \
      It writes the weights (model.*), obsm/X_latent and the loss of every epoch (uns/loss). The models are those of Mrabah et al. 2023 (sctpf), \
      Hu et al. 2024 (scemc), Yu et al. 2022 (sctag), Tian et al. 2019 (scdeepcluster), Chen et al. 2020 (sczidesk), Li et al. 2020 (desc), \
      Lin et al. 2022 (scmdc), Gan et al. 2022 (scdsc), Zuo et al. 2021 (dcca), Ren et al. 2023 (scmcs) and Zuo and Chen 2021 (scmvae).
      """,
    examples: [
      "sc-preprocess pbmc.h5ad | sc-knn | sc-pretrain -o model.safetensors",
      "sc-preprocess cite.h5mu | sc-knn | sc-pretrain --model scemc -o model.safetensors",
      "sc-pretrain graph.safetensors --preset paper --epochs 500 --log-format json -o model.safetensors",
    ])

  @OptionGroup(title: "INPUT AND OUTPUT") var input: InputOptions
  @OptionGroup(title: "INPUT AND OUTPUT") var output: OutputOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup(title: "OPTIONS OF SCTPF") var sctpf: ScTPFOptions
  @OptionGroup(title: "OPTIONS OF SCEMC") var scemc: ScEMCOptions
  @OptionGroup var sctag: ScTAGOptions
  @OptionGroup(title: "OPTIONS OF SCDEEPCLUSTER") var scdeepcluster: ScDeepClusterOptions
  @OptionGroup(title: "OPTIONS OF DESC") var desc: DESCOptions
  @OptionGroup var sczidesk: ScziDeskOptions
  @OptionGroup var scmdc: ScMDCOptions
  @OptionGroup var scdsc: ScDSCOptions
  @OptionGroup(title: "OPTIONS OF DCCA") var dcca: DCCAOptions
  @OptionGroup(title: "OPTIONS OF SCMCS") var scmcs: ScMCsOptions
  @OptionGroup(title: "OPTIONS OF SCMVAE") var scmvae: ScMVAEOptions

  @OptionGroup(title: "CHECKPOINTS AND JOBS") var checkpoint: CheckpointOptions
  @OptionGroup(title: "CHECKPOINTS AND JOBS") var jobs: JobOptions

  @OptionGroup(title: "ALL STAGES") var running: RunningOptions

  /// The options of every model.
  private var models: [any OwnTrainingOptions] {
    [sctpf, scemc, sctag, scdeepcluster, desc, sczidesk, scmdc, scdsc, dcca, scmcs, scmvae]
  }
  /// The options of the model that is trained.
  private var own: any OwnTrainingOptions {
    guard let found = models.first(where: { type(of: $0).model == model }) else {
      preconditionFailure("\(model.rawValue) has no options")
    }
    return found
  }

  static let declarations: [OptionDeclaration] = []

  private var model: ModelName { training.main.model }

  var facts: Facts { own.facts(training).merging(["the model": model.rawValue]) { $1 } }

  mutating func validate() throws {
    try training.main.preset.requireModel(model.rawValue, as: "model")
    try own.validate(with: training)
    try jobs.validate(models: own.recipe(training).models, output: output)
  }

  var files: [RunFile] { [input.file] + checkpoint.files + jobs.files + [output.file] }

  /// Reports data that earlier stages did not make, and data that the model leaves out.
  private func remark(on cells: CellData, _ stage: Stage) {
    if model.kind.readsGraph, let remark = cells.graphRemark { stage.log.note(remark) }
    if let remark = cells.scalingRemark { stage.log.note(remark) }
    let groupSize = GraphSteps<Float>.groupSize
    if sctpf.structure == .sampled && cells.cellCount <= groupSize {
      stage.log.note(
        "--structure sampled changes nothing: there are no more than \(groupSize) cells")
    }
    if !model.kind.learnsFromSecond, let second = cells.secondModality {
      stage.log.note(
        "\(model.rawValue) learns from the RNA alone; --model scemc learns from '\(second.name)' too"
      )
    }
  }

  func run(in stage: Stage) throws {
    checkpoint.begin()
    let (recipe, isInterruptible): (any PretrainingRecipe, Bool) = (
      own.recipe(training), checkpoint.isGiven || jobs.member != nil
    )
    let sketch = training.sketchSize(atMost: type(of: own).mostLearners)
    var (cells, crc) = try stage.open(input) { size in
      ModelSeries.memory(
        of: recipe, size, sketch: sketch, isInterruptible: isInterruptible,
        within: stage.memoryLimit, isRead: false
      ).estimate
    }
    try cells.store(
      batchKey: training.batchKey, isEncoded: training.encodeBatch, of: model.rawValue)
    cells.recordScaling()
    remark(on: cells, stage)
    let learners = try Learners(sketch, of: cells, stage)
    let series = try ModelSeries(
      recipe, of: learners.cells, isInterruptible: isInterruptible, stage)
    for note in series.first.notes { stage.log.note(note) }
    let run: [(String, JSONValue)] = [
      ("model", .string(model.rawValue)), ("models", .integer(recipe.models)),
      ("preset", .string(training.main.preset.base.rawValue)),
    ]
    let settings =
      run + series.first.settings + learners.settings + training.batchSettings
      + (cells.scaling == nil ? [(CellData.scaledSetting, .boolean(false))] : [])
    let members = ModelMembers(of: recipe.models, settings: settings, inputCRC: crc, stage)
    if let number = jobs.member {
      let checkpoints = try Checkpoints(
        checkpoint, settings: members.settings(of: number), inputCRC: crc, stage)
      let model = try series.trained(number, on: learners.cells, with: checkpoints)
      try members.write(model, number, to: output.output)
      return
    }
    let models: [TrainedModel]
    if !jobs.gather.isEmpty {
      models = try members.gathered(from: jobs.gather, cellCount: learners.cells.cellCount)
    } else if isInterruptible {
      let checkpoints = try Checkpoints(checkpoint, settings: settings, inputCRC: crc, stage)
      models = try series.trained(on: learners.cells, with: checkpoints)
    } else {
      models = try series.trained(on: learners.cells)
    }
    series.announce(models[0], of: learners.cells, model: model.rawValue)
    let columns = try series.store(models, of: model.rawValue, learners: learners, in: &cells)
    let digests = cells.cellDigests.map { [(CellData.cellDigestsSetting, JSONValue.raw($0))] } ?? []
    try stage.save(cells, to: output, settings: settings + digests, columns: columns, inputCRC: crc)
  }
}
