import CellData
import Clustering
import Neighbors
import StageSupport
import Tensors
import Training

extension CellData {
  /// Leiden on the stored graph, or on the 15 nearest neighbors in an embedding. `clusters`
  /// overrides the resolution.
  package func labelsByLeiden(
    _ clusters: Int?, resolution: Double, use name: String?, _ stage: Stage
  ) throws -> [Int] {
    let graph = try graph(use: name)
    let found =
      if let clusters {
        try leiden(of: graph, clusters: clusters, seed: stage.seed)
      } else {
        try leiden(of: graph, resolution: resolution, seed: stage.seed)
      }
    stage.log.detail(
      "leiden: resolution \(threeDecimals(found.resolution)), modularity \(threeDecimals(found.modularity)), \(found.iterations) iterations"
    )
    return found.labels
  }

  /// The number of clusters that Leiden finds at a resolution on the ten nearest neighbors in
  /// X_latent.
  package func codeClusterCount(resolution: Double, _ stage: Stage) throws -> Int {
    let codes = try embedding(named: "X_latent")
    if codes.rows < 2 {
      throw StageFault(.badData, "a graph needs two cells or more, but there is \(codes.rows)")
    }
    let found = try leiden(
      of: codeGraph(codes, seed: stage.seed), resolution: resolution, seed: stage.seed)
    let count = (found.labels.max() ?? -1) + 1
    stage.log.note(
      "\(counted(count, "cluster")): what Leiden finds in obsm/X_latent at resolution \(threeDecimals(resolution)); --clusters sets another number"
    )
    return count
  }
}
