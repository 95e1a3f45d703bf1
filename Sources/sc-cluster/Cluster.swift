import ArgumentParser
import CellData
import ModelStages
import StageSupport
import Tensors

/// How the cells are clustered.
enum ClusteringMethod: String, CaseIterable, ExpressibleByArgument {
  case sctpf, kmeans, spectral
}

@main struct Cluster: StageCommand {
  static let multipliesMatrices = true
  static let configuration = CommandConfiguration(
    stage: "sc-cluster",
    abstract: "Assign every cell to a cluster.",
    discussion: """
      With a model of sc-pretrain in the data the default is the model's own method: its training goes on with clusters, trusting only cells \
      that its filter calls reliable. Without one it is k-means on X_latent or X_pca. Writes obs/cluster and, with a model, obs/confidence, \
      obs/reliability (reliable, margin, component, outlier) and obsm/X_latent.
      """,
    examples: [
      "sc-cluster model.safetensors --clusters 8 -o clustered.h5ad",
      "sc-cluster adata.h5ad --method kmeans --use X_scVI --clusters 12 -o adata.h5ad",
    ])

  @OptionGroup var input: InputOptions

  @Option(name: [.short, .long], help: ArgumentHelp("The number of clusters.", valueName: "n"))
  var clusters: Int

  @Option(help: "sctpf, kmeans or spectral. (default: the model's own, or kmeans)")
  var method: ClusteringMethod?

  @Option(
    help: ArgumentHelp(
      "kmeans, spectral: the embedding (a name in obsm). (default: X_latent or X_pca; for spectral the stored graph)",
      valueName: "name"))
  var use: String?

  @OptionGroup(title: "OPTIONS OF SCTPF") var training: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Also write barcode, cluster and confidence as tab-separated text.", valueName: "file"))
  var labelsOut: Path?

  @OptionGroup var output: OutputOptions
  @OptionGroup var running: RunningOptions

  mutating func validate() throws {
    if clusters < 1 { throw ValidationError("--clusters \(clusters): ask for 1 or more.") }
    if use != nil && method == .sctpf {
      throw ValidationError("--use names an embedding, but --method sctpf learns its own.")
    }
  }

  func run(in stage: Stage) throws {
    var (cells, crc) = try stage.open(input, output: output)
    if clusters > cells.cellCount {
      throw StageFault(
        .badData, "\(clusters) clusters (--clusters) for \(cells.cellCount) cells; ask for fewer")
    }
    let chosen = method ?? (use == nil && !cells.storedModels.isEmpty ? .sctpf : .kmeans)
    var settings: [(String, JSONValue)] = [
      ("method", .string(chosen.rawValue)), ("clusters", .integer(clusters)),
      ("use", .optional(use)),
    ]
    let found: Clustered
    switch chosen {
    case .sctpf:
      let (result, resolved) = try cells.clusterWithModel(clusters, training, stage)
      found = result
      settings += resolved
    case .kmeans: found = try cells.clusterByKMeans(clusters, use: use, stage)
    case .spectral: found = try cells.clusterSpectrally(clusters, use: use, stage)
    }
    cells.store(found, clusters: clusters)
    stage.log.note(found.summary(of: clusters))
    if let labelsOut { try stage.write(found.table(barcodes: cells.obs.index), to: labelsOut) }
    try stage.save(cells, to: output, settings: settings, inputCRC: crc)
  }
}
