import ArgumentParser
import CellData
import DataFormats
import Preprocessing
import StageSupport
import Synchronization
import Tensors

extension VariableGeneFlavor: ExpressibleByArgument {}

@main struct Preprocess: StageCommand {
  static let configuration = CommandConfiguration(
    stage: "sc-preprocess",
    abstract: "Filter and normalize counts: any format in, a tensor stream or AnnData out.",
    discussion: """
      Reads AnnData (.h5ad), MuData (.h5mu), 10x HDF5, 10x and Matrix Market folders and files, loom, delimited text, the \
      X/Y files of the field's papers, and tensor streams. Counts are taken from layers/counts, else from X, else from raw; \
      log-normalized values are turned back into counts. Surface proteins or chromatin peaks of the same cells, from the same \
      file or from --second, are prepared as a second modality beside the RNA.
      """,
    examples: [
      "sc-preprocess pbmc.h5ad --labels cell_type -o counts.safetensors",
      "sc-preprocess filtered_feature_bc_matrix/ --min-genes 200 | sc-knn -o graph.h5ad",
      "sc-preprocess cite.h5mu | sc-knn | sc-pretrain --model scemc -o model.safetensors",
      "sc-preprocess rna.h5ad --second atac.h5ad -o paired.h5mu",
      "sc-preprocess counts.csv.gz --transpose --genes 3000 --hvg-flavor seurat_v3",
    ])

  @OptionGroup var input: InputOptions
  @OptionGroup(title: "MAIN OPTIONS") var output: OutputOptions
  @OptionGroup(title: "READING") var source: SourceOptions
  @OptionGroup(title: "SECOND MODALITY") var pairing: PairingOptions
  @OptionGroup(title: "FILTERS") var filters: FilterOptions
  @OptionGroup var running: RunningOptions

  static let declarations: [OptionDeclaration] = []

  var facts: Facts {
    pairing.secondModality.map { ["the second modality": $0] } ?? [:]
  }

  var files: [RunFile] {
    let second = RunFile(ifGiven: "--second", pairing.second, .reads)
    return [input.file] + [second].compactMap(\.self)
      + source.labelFiles.map { RunFile("--labels", $0, .mayRead) } + [output.file]
  }

  /// Says which options changed nothing for these data.
  private func remark(
    on result: Preprocessed, of cells: Int, modalities: Int, _ stage: Stage
  ) {
    let allKept = result.summary.lessVariableGenes == 0
    for option in ["hvg-flavor", "batch-key"] where allKept && stage.options.has(option) {
      stage.log.note(
        "--\(option) changes nothing: all \(result.summary.keptGenes) genes are kept (--genes)")
    }
    if filters.minCellsFraction > 0 && stage.options.has("min-cells-fraction")
      && result.summary.rareGenes == 0
    {
      stage.log.note("--min-cells-fraction drops no gene: all are present in enough cells")
    }
    if let count = filters.subsample, count >= cells {
      stage.log.note("--subsample \(count) changes nothing: there are \(cells) cells")
    }
    if pairing.secondModality == PairingOptions.none && modalities == 0 {
      stage.log.note("--second-modality none changes nothing: there is no second modality")
    }
    if source.allowNoninteger && result.counts.values.allSatisfy({ $0 == $0.rounded() }) {
      stage.log.note("--allow-noninteger changes nothing: all counts are whole numbers")
    }
  }

  func run(in stage: Stage) throws {
    let areRenamed = Atomic(false)
    var reading = source.reading(rna: pairing.rna)
    reading.renamedCells = { areRenamed.store(true, ordering: .relaxed) }
    var (cells, crc) = try stage.open(input, reading: reading) {
      .preprocessing($0, subsample: filters.subsample, genes: filters.genes)
    }
    reading.announce = { stage.log.note($0) }
    try DataFormats.makeCellsDistinct(&cells, reading)
    if source.makeUnique && !areRenamed.load(ordering: .relaxed) {
      stage.log.note("--make-unique changes nothing: every cell has its own name")
    }
    var columns = OwnColumns(of: cells)
    if let labels = source.labels {
      try attachLabels(labels, to: &cells, columns: &columns, in: stage)
    }
    let second = try second(for: &cells, in: stage)
    sayUnused(cells.modalities.map(\.name), beside: second?.0.name, stage.log)
    try stage.options.requireEffects(
      [
        "the second modality": second?.0.name ?? PairingOptions.none,
        "the input": stage.inputFormats,
      ])
    var counts = try CountSource(
      of: cells, layer: source.layer, allowingNonInteger: source.allowNoninteger, log: stage.log)
    // Both are replaced by the result: what they hold goes as soon as the counts are filtered.
    cells.x = nil
    cells.layers["counts"] = nil
    cells.leaveOutNonFinite(stage.log)
    let result = try preprocess(
      counts: counts.takeMatrix(), names: counts.names(of: cells),
      batches: try filters.batches(in: cells, log: stage.log),
      mitochondrial: filters.maxMitoFraction.map { _ in
        counts.genes(of: cells).mitochondrialGenes(stage.log)
      },
      options: filters.resolved(
        seed: stage.seed, allowingNonInteger: source.allowNoninteger))
    remark(on: result, of: cells.cellCount, modalities: cells.modalities.count, stage)
    var prepared = cells.preprocessed(result, from: counts, columns: &columns, log: stage.log)
    prepared.clearSecondModality()
    var (summary, settings) = (result.summary.text, filters.settings + source.settings)
    if let (found, crc) = second {
      let (modality, clause) = try found.selecting(result.keptCells).prepared(
        pairing, history: prepared.history, log: stage.log)
      prepared.setSecondModality(modality)
      summary += clause
      settings += pairing.settings(of: modality, crc: crc)
    }
    stage.log.note(summary)
    try stage.save(
      prepared, to: output, settings: settings, columns: columns, inputCRC: crc)
  }
}
