// Where the graph of cells comes from, and how it is built again for other values or for some of
// the cells.

import CellData
import Neighbors
import StageSupport
import Tensors

extension CellData {
  /// The name of the embedding that the stored graph was built from, as sc-knn or scanpy noted it;
  /// where neither did, X_pca.
  package var graphEmbedding: String {
    if let made = history.last(where: { $0.tool == "sc-knn" }), isGraph(of: made) {
      return embedding(ofGraphBy: made)
    }
    return settings["uns.neighbors.params.use_rep"].flatMap(named) ?? "X_pca"
  }

  /// Whether the graph is still the one that this run of sc-knn made; of versions that noted no
  /// digest it is.
  private func isGraph(of made: Provenance) -> Bool {
    guard let noted = made.settings[CellData.graphSetting], let own = graphDigest else {
      return true
    }
    return noted == JSONValue.string(own).text
  }

  private func named(_ text: String) -> String? {
    obsm.keys.first { JSONValue.string($0).text == text }
  }

  /// Replaces the graph by one of the nearest neighbors of `points` (N, d), by the metric that
  /// sc-knn used.
  mutating func buildGraph(from points: Matrix<Float>, neighbors: Int, seed: UInt64) throws {
    let made = history.last { $0.tool == "sc-knn" }
    let metric = Metric.allCases.first { made?.settings["metric"] == "\"\($0.rawValue)\"" }
    let graph = NeighborGraph(
      try NearestNeighbors.automatic(
        of: points, count: neighbors, metric: metric ?? .euclidean, seed: seed))
    obsp["distances"] = graph.distances
    obsp["connectivities"] = graph.connectivities
  }
}
