import Layouts
import Neighbors
import Tensors

/// Cells in the space that they were clustered in, to be laid out in the plane.
struct CellEmbedding {
  /// (N, d)
  private let points: Matrix<Float>

  init(_ points: Matrix<Float>) { self.points = points }

  /// The places of the cells by t-SNE. (N, 2) Throws where a value is not finite.
  func layout(seed: UInt64, progress: (_ step: Int, _ total: Int) -> Void) throws -> Matrix<Double>
  {
    let count = Affinities.neighborCount(cells: points.rows)
    guard count > 0, points.columns > 0 else { return .zeros(points.rows, 2) }
    let neighbors = try NearestNeighbors(of: points, count: count)
    let components = try PrincipalComponents(
      of: StandardizedMatrix(unscaled: SparseMatrix(points)), count: 2, seed: seed)
    let embedding = StochasticNeighborEmbedding()
    return embedding.layout(
      Affinities(neighbors: neighbors.indices, distances: neighbors.distances),
      initial: components.scores.converted(to: Double.self), seed: seed
    ) { step in progress(step, embedding.iterations) }
  }
}
