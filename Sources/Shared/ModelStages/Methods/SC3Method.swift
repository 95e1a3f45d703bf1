import CellData
import Clustering
import StageSupport
import Tensors

extension CellData {
  /// SC3 on the log-normalized values of all cells, or of 5,000 drawn from more. Each other cell
  /// gets the nearest centroid in the principal components.
  func labelsBySC3(_ clusters: Int, _ stage: Stage) throws -> [Int] {
    let values = try logarithms(for: "sc3")
    guard cellCount > SC3.largest else {
      return try found(values, clusters, stage).labels
    }
    let points = try embedding(named: centroidSpace)
    var generator = RandomGenerator(seed: stage.seed.stream(.sc3))
    let drawn = generator.permutation(cellCount).prefix(SC3.largest).sorted()
    stage.log.note(
      "sc3 clusters \(SC3.largest) of \(cellCount) cells; each other cell gets the cluster of the nearest centroid in \(centroidSpace)"
    )
    let few = try found(values.selectingRows(drawn), clusters, stage).labels
    return SC3.extending(few, of: drawn, to: points.converted(to: Double.self))
  }

  private func found(_ values: SparseMatrix<Float>, _ clusters: Int, _ stage: Stage) throws -> SC3 {
    let found = try SC3(of: values, clusters: clusters, seed: stage.seed)
    stage.log.detail("sc3: the consensus of \(found.partitionCount) partitions")
    return found
  }

  /// The embedding in which cells beyond the limit find their centroid.
  private var centroidSpace: String { integratedEmbedding ?? "X_pca" }

  /// X, which must hold logarithms of normalized counts.
  ///
  /// - Throws: `StageFault` if X is missing or holds other values.
  package func logarithms(for method: String) throws -> SparseMatrix<Float> {
    guard let values = x?.sparse(), values.columns > 0 else {
      throw StageFault(
        .badData, "X: there are no values, which \(method) reads; run sc-preprocess first")
    }
    let entries = values.values.span
    for k in entries.indices where !(entries[k] >= 0 && entries[k].isFinite) {
      throw StageFault(
        .badData,
        "X: cell \(obs.index[values.row(ofEntry: k)]) holds \(entries[k]), but \(method) reads logarithms of normalized counts; run sc-preprocess first"
      )
    }
    return values
  }
}
