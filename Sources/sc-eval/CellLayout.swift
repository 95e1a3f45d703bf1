import Layouts
import Neighbors
import StageSupport
import Tensors

/// Places of cells in the plane.
struct CellLayout {
  enum Method: String {
    case tsne, umap

    var title: String { self == .tsne ? "t-SNE" : "UMAP" }
    /// The name in obsm.
    var key: String { "X_\(rawValue)" }
  }

  let method: Method
  /// (rows.count, 2)
  let points: Matrix<Double>
  /// The cells, rising.
  let rows: [Int]
  /// How it was made, in a few words.
  let note: String

  /// All of that many cells, or a sample of `limit`, rising.
  static func drawn(of count: Int, _ limit: Int, seed: UInt64) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    var generator = RandomGenerator(seed: seed.stream(.layoutSample))
    return generator.permutation(count).prefix(limit).sorted()
  }

  /// The part of it with at most `limit` cells.
  func sample(_ limit: Int, seed: UInt64) -> CellLayout {
    guard rows.count > limit else { return self }
    let chosen = Self.drawn(of: rows.count, limit, seed: seed)
    return CellLayout(
      method: method, points: points.selectingRows(chosen), rows: chosen.map { rows[$0] },
      note: note)
  }
}

/// Cells in the space that they were clustered in, to be laid out in the plane.
struct CellEmbedding {
  private let neighbors: NearestNeighbors?
  /// The start of layouts: two principal components. (N, 2)
  private let start: Matrix<Double>

  /// Throws if a value is not finite. Beyond 50,000 cells nearly all neighbors are found, as by
  /// sc-knn.
  init(_ points: Matrix<Float>, neighbors count: Int, in stage: Stage) throws {
    let count = min(count, points.rows - 1)
    guard count > 0, points.columns > 0 else {
      neighbors = nil
      start = .zeros(points.rows, 2)
      return
    }
    if SearchMethod.auto.resolved(cells: points.rows) == .ivf {
      let found = try ApproximateNeighbors(of: points, count: count, seed: stage.seed) {
        stage.progress.update(done: $0, total: points.rows, note: "cells searched")
      }
      stage.log.note("approximate neighbors (ivf): \(found.note)")
      neighbors = found.nearest
    } else {
      neighbors = try NearestNeighbors(of: points, count: count)
    }
    start = try PrincipalComponents(
      of: StandardizedMatrix(unscaled: SparseMatrix(points)), count: 2, seed: stage.seed
    ).scores.converted(to: Double.self)
  }

  /// By t-SNE. (N, 2)
  func neighborEmbedding(perplexity: Double, in stage: Stage) -> Matrix<Double> {
    guard let neighbors else { return start }
    let embedding = StochasticNeighborEmbedding()
    return embedding.layout(
      Affinities(
        neighbors: neighbors.indices, distances: neighbors.distances, perplexity: perplexity),
      initial: start, seed: stage.seed
    ) { step in stage.progress.update(done: step, total: embedding.iterations, note: "t-SNE") }
  }

  /// By UMAP, of the 14 nearest neighbors: 15 with the cell itself. (N, 2)
  func manifold(minimumDistance: Double, in stage: Stage) -> Matrix<Double> {
    guard let neighbors else { return start }
    let count = min(14, neighbors.indices.columns)
    let graph = FuzzyGraph(
      neighbors: neighbors.indices.firstColumns(count),
      distances: neighbors.distances.firstColumns(count))
    return graph.layout(from: start, minimumDistance: minimumDistance, in: stage)
  }
}

extension FuzzyGraph {
  /// A UMAP of the graph. (N, 2)
  func layout(from start: Matrix<Double>, minimumDistance: Double, in stage: Stage) -> Matrix<
    Double
  > {
    var method = ManifoldApproximation()
    method.curve = LayoutCurve(minimumDistance: minimumDistance)
    let epochs = method.epochCount(cells: start.rows)
    return method.layout(self, initial: start, seed: stage.seed) { epoch in
      stage.progress.update(done: epoch, total: epochs, note: "UMAP")
    }
  }
}

extension Matrix {
  /// (rows, count)
  fileprivate func firstColumns(_ count: Int) -> Matrix {
    var result = Matrix(uninitializedRows: rows, columns: count)
    for i in 0..<rows { for j in 0..<count { result[i, j] = self[i, j] } }
    return result
  }
}
