import CellData
import StageSupport
import Tensors

extension MemoryEstimate {
  /// The memory of a method that trains nothing, beside the data.
  ///
  /// N cells in D dimensions, E edges, K clusters. K is 0 if the graph gives the number.
  package static func clustering(
    _ cells: CellData, by method: ClusteringMethod, clusters: Int, use: String?
  ) -> MemoryEstimate {
    let dimensions = cells.embeddingName(use).flatMap { cells.obsm[$0]?.columns } ?? 0
    let edges = use == nil ? cells.obsp["connectivities"]?.entryCount ?? 0 : 0
    // Without a stored graph, the neighbors of each cell make one. It has at most twice as many
    // edges.
    let readsPoints = [.kmeans, .consensus, .sc3].contains(method)
    let graph = max(edges, readsPoints ? 0 : 2 * (CellData.graphNeighbors - 1) * cells.cellCount)
    let perCell = Double(graph) / Double(max(1, cells.cellCount))
    let counts = clusters == 0 && method != .leiden
    let models = Double(use == nil ? 1 + cells.codesBeside.count : 1)
    return .beside(cells.extent) { count, genes in
      let n = Double(count)
      // Points as stored, in Double and centered, with bounds. A count of clusters also divides the
      // graph at many resolutions.
      let points = n * (24 * Double(dimensions) + 300)
      let counting = counts ? n * (120 * perCell + 600) + Double(3 << 20) : 0
      let own =
        switch method {
        case .consensus: n * models * 24 * Double(dimensions) + 14_000 * min(n, 2500)
        case .spectral: n * (24 * perCell + 24 * Double(max(20, 2 * clusters + 1)))
        case .leiden: n * (40 * perCell + 100)
        case .sc3: sc3Bytes(min(n, 5000), genes: Double(genes))
        case .kmeans, .model: 0.0
        }
      return Int(points + counting + own) + 2 << 20
    }
  }
}

/// The memory of SC3. It holds the values twice. For all pairs of the cells that it reads, it holds
/// the distances, a matrix made of them, and its eigenvectors. A search for all eigenvectors takes
/// as much again.
private func sc3Bytes(_ cells: Double, genes: Double) -> Double {
  24 * cells * genes + (cells > 1500 ? 40 : 52) * cells * cells
}
