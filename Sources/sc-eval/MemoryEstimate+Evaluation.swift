import CellData
import StageSupport
import Tensors

/// What sc-eval computes of one run, and how much of it.
struct EvaluationExtent {
  /// The embedding that distances are measured in.
  var embedding: String?
  /// The cells that are placed in the plane, and the neighbors of each that count.
  var laidOut = 0
  var neighbors = 0
  /// The bytes of a picture's pixels.
  var raster = 0
  /// The clusters that genes are ranked for; 0 if none are.
  var rankedClusters = 0
  /// The clusters that types are scored for; 0 if none are.
  var scoredClusters = 0
  /// Whether the values of genes are needed, if only for colors.
  var readsGenes = false
  /// Whether counts of all genes are compared between groups.
  var comparesGroups = false
  /// Whether the batches around each cell are reported.
  var measuresBatches = false

  /// The bytes that it holds at its peak in addition to the data.
  func bytes(for cells: CellData) -> Int {
    let dimensions = cells.obsm[embedding ?? "X_latent"]?.columns ?? 0
    let edges = cells.obsp["connectivities"]?.entryCount ?? 0
    let figures = cells.cellCount * (16 * dimensions + 300) + 12 * edges
    let layout = laidOut * (72 * neighbors + 600)
    // The values by gene, and the logarithms of raw, or of an X that holds none yet. Also the genes
    // of each cluster twice, with their lines.
    let expression = Expression.extent(of: cells)
    let values =
      readsGenes || rankedClusters > 0
      ? cells.raw.map { decoded($0) } ?? 4 * cells.extent.entries : 0
    let ranked =
      rankedClusters > 0
      ? 10 * expression.entries + expression.genes * (200 + 500 * rankedClusters) : 0
    let scored = 24 * expression.genes * scoredClusters
    let neighborhoods = measuresBatches ? cells.cellCount * (90 * 32 + 20 * dimensions) : 0
    // Decoded, restored to counts, and the sums of samples.
    let compared = comparesGroups ? 16 * expression.entries + 1000 * expression.genes : 0
    return figures + layout + values + ranked + scored + raster + neighborhoods + compared
      + (3 << 20)
  }

  /// What raw takes as logarithms, and before that if it is decoded.
  private func decoded(_ raw: RawValues) -> Int {
    (raw.stored == nil ? 4 : 12) * raw.entryCount
  }
}

extension MemoryEstimate {
  /// The estimate for evaluating cells that are held already.
  static func evaluating(_ cells: CellData, _ extent: EvaluationExtent) -> MemoryEstimate {
    let bytes = Double(extent.bytes(for: cells)) / Double(max(1, cells.cellCount))
    return .beside(cells.extent) { count, _ in Int(bytes * Double(count)) }
  }
}
