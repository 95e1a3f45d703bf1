import ArgumentParser
import CellData
import DataFormats
import Preprocessing
import StageSupport
import Tensors

extension VariableGeneFlavor: ExpressibleByArgument {}
extension AllGenesForm: ExpressibleByArgument {}

@main struct Preprocess: StageCommand {
  static let mainOptions = [
    "output", "genes", "min-genes", "max-mito-fraction", "mad", "doublets", "labels", "second",
  ]
  static let configuration = CommandConfiguration(
    stage: "sc-preprocess",
    abstract: "Filter and normalize counts of any format.",
    discussion: """
      The stage reads AnnData (.h5ad or .zarr), MuData (.h5mu or .zarr), 10x HDF5, 10x and Matrix Market folders and files, Loom, delimited text, the \
      X/Y files of the field's papers, and tensor streams. Counts come from layers/counts, else from X, else from raw; after an earlier run, those of all genes come from raw. \
      Log-normalized values are converted back to counts. Surface proteins or chromatin peaks of the same cells, from the same \
      file or from --second, become a second modality beside the RNA. Several inputs are samples of one experiment: their genes \
      are joined by name.
      """,
    examples: [
      "sc-preprocess pbmc.h5ad --labels cell_type -o counts.safetensors",
      "sc-preprocess filtered_feature_bc_matrix/ --min-genes 200 | sc-knn -o graph.h5ad",
      "sc-preprocess pbmc.h5ad --mad 5 --qc pbmc.qc.html -o counts.h5ad",
      "sc-preprocess lanes.h5ad --doublets --batch-key lane --drop-doublets -o counts.h5ad",
      "sc-preprocess a.h5 day2=b.h5ad c/ --doublets --drop-doublets -o counts.h5ad",
      "sc-preprocess --samples samples.csv --join outer -o counts.h5ad",
      "sc-preprocess cite.h5mu | sc-knn | sc-pretrain --model scemc -o model.safetensors",
      "sc-preprocess rna.h5ad --second atac.h5ad -o paired.h5mu",
      "sc-preprocess counts.csv.gz --transpose --genes 3000 --hvg-flavor seurat_v3",
    ])

  @OptionGroup(title: "INPUT AND OUTPUT") var input: SampleInputs
  @OptionGroup(title: "INPUT AND OUTPUT") var output: OutputOptions
  @OptionGroup(title: "SAMPLES") var samples: SampleOptions
  @OptionGroup(title: "READING") var source: SourceOptions
  @OptionGroup(title: "SECOND MODALITY") var pairing: PairingOptions
  @OptionGroup(title: "FILTERS") var filters: FilterOptions
  @OptionGroup(title: "QUALITY") var quality: QualityOptions
  @OptionGroup(title: "ALL STAGES") var running: RunningOptions

  static let declarations: [OptionDeclaration] = []

  /// The search for doublets multiplies matrices; the filters do not.
  var multipliesMatrices: Bool { quality.doublets }

  var facts: Facts {
    var facts: Facts = pairing.secondModality.map { ["the second modality": $0] } ?? [:]
    if samples.samples == nil {
      facts["the number of inputs"] = "\(max(1, input.inputs.count))"
    }
    return facts
  }

  var files: [RunFile] {
    let second = RunFile(ifGiven: "--second", pairing.second, .reads)
    let inputs = samples.samples == nil ? input.files : []
    return inputs + [samples.file, second].compactMap(\.self)
      + source.labelFiles.map { RunFile("--labels", $0, .mayRead) }
      + [quality.file].compactMap(\.self) + [output.file]
  }

  mutating func validate() throws {
    if samples.samples != nil && !input.inputs.isEmpty {
      throw ValidationError("--samples names the files; leave the inputs out.")
    }
  }

  func run(in stage: Stage) throws {
    var input = try read(in: stage)
    let cells = input.cells
    let (result, samples) = try filtered(&input, stage)
    remark(
      on: result, of: cells.cellCount, hasRaw: cells.raw != nil,
      modalities: cells.modalities.count, stage)
    var prepared = cells.preprocessed(
      result, from: input.counts, columns: &input.columns, in: stage)
    prepared.removeStale(input.derived, stage.log)
    let all = prepared.keepAllGenes(
      of: result, input.counts.genes(of: cells), from: cells, input.columns,
      ownRaw: input.ownRaw, filters, stage.log)
    prepared.writeDoublets(
      samples, kept: result.keptCells, inputCells: cells.cellCount, &input.columns, stage.log)
    prepared.clearSecondModality()
    let unpaired = input.second.map { $0.0.dropped.onlyRNA + $0.0.dropped.empty } ?? 0
    var (summary, settings) = (
      result.summary.text(unpaired: unpaired) + all.summary,
      filters.settings + quality.settings + source.settings + input.settings + all.settings
    )
    if let (found, crc) = input.second {
      let (modality, clause) = try found.selecting(result.keptCells).prepared(
        pairing, history: prepared.history, log: stage.log)
      prepared.setSecondModality(modality)
      summary += clause
      settings += pairing.settings(of: modality, crc: crc)
    }
    stage.log.note(summary)
    try stage.save(
      prepared, to: output, settings: settings, columns: input.columns, inputCRC: input.crc)
  }

  /// Assesses the cells, finds doublets among them, filters and normalizes, and draws the effect.
  /// The counts of the input are released.
  private func filtered(
    _ input: inout PreprocessInput, _ stage: Stage
  ) throws -> (Preprocessed, [SampleDoublets]) {
    let counts = input.counts.takeMatrix()
    let (cells, names) = (input.cells, input.counts.names(of: input.cells))
    let kinds = input.counts.genes(of: cells).geneKinds(
      isAsked: filters.maxMitoFraction != nil || quality.mad != nil, stage.log)
    let batches = try filters.batches(
      in: cells, by: input.batchKey, isAssessed: quality.mad != nil, log: stage.log)
    let options = filters.resolved(
      seed: stage.seed, deviations: quality.mad, allowingNonInteger: source.allowNoninteger)
    var assessed = try AssessedCells(
      counts, names: names, kinds: kinds, batches: batches, options: options)
    remark(onSumsOf: assessed, stage.log)
    remark(onDeviationsOf: assessed, stage.log)
    let samples = try doublets(
      among: assessed, counts, of: cells, by: input.batchKey, stage)
    announce(samples, stage.log)
    if quality.dropDoublets {
      for sample in samples { assessed.drop(sample.doublets, as: .doublet) }
    }
    let result = try preprocess(
      counts: counts, names: names, batches: batches, kinds: kinds, assessed: assessed,
      options: options)
    if let batches, let key = input.batchKey {
      try remark(onSmallBatches: batches, of: key, result, in: cells, stage.log)
    }
    try draw(result, samples, options, title: input.title, stage)
    return (result, samples)
  }

  /// Draws what the filters measured and dropped, if that is asked for.
  private func draw(
    _ result: Preprocessed, _ samples: [SampleDoublets], _ options: PreprocessingOptions,
    title: String, _ stage: Stage
  ) throws {
    guard let path = quality.qc else { return }
    let figure = QualityFigure(result, samples, options)
    if let format = quality.format {
      try stage.write(try figure.picture(format), to: path)
    } else {
      try stage.write(try figure.page(sample: title), to: path)
    }
  }
}
