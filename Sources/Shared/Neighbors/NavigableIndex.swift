import CHNSW
import Synchronization
import Tensors

/// A hierarchical navigable small world of points (Malkov and Yashunin 2020): every point is linked to some near ones and to some
/// in other directions, and a search walks along the links towards what it looks for.
///
/// It holds Float. Memory: about 4 d + 250 bytes a point for d coordinates, so 0.45 GB for a million points of 50.
@safe final class NavigableIndex {
  private let index: OpaquePointer
  private let capacity: Int
  private let dimensions: Int
  private var inserted = 0

  /// Links that a point keeps on the upper layers; twice as many on the lowest.
  private static let links = 16
  /// Candidates for links when a point is inserted.
  private static let insertionBreadth = 200
  /// Candidates that a search keeps, at least.
  private static let searchBreadth = 100

  /// An empty index.
  ///
  /// - Parameter dimensions: coordinates a point, a multiple of 8.
  init(capacity: Int, dimensions: Int, seed: UInt64) throws(NeighborsFault) {
    precondition(dimensions > 0 && dimensions % 8 == 0, "\(dimensions) coordinates a point")
    (self.capacity, self.dimensions) = (capacity, dimensions)
    var made: OpaquePointer?
    // SAFETY: `made` is only used where the call reports success, which sets it.
    let status = unsafe hnsw_create(
      capacity, dimensions, Self.links, Self.insertionBreadth, seed, &made)
    guard status == Int32(hnsw_done), let made = unsafe made else {
      throw Self.fault(status, capacity)
    }
    unsafe index = made
  }

  deinit {
    // SAFETY: it was created by `init`, and nobody else holds it.
    unsafe hnsw_free(index)
  }

  /// Inserts the rows of `points` (n, dimensions), numbered on from the last, on this thread: the order shapes the graph.
  func insert(_ points: Matrix<Float>) throws(NeighborsFault) {
    precondition(points.columns == dimensions, "\(points.columns) ≠ \(dimensions) coordinates")
    precondition(inserted + points.rows <= capacity, "more than \(capacity) points")
    // SAFETY: `points` holds rows × dimensions numbers and outlives the call.
    let status = unsafe hnsw_insert(index, points.elements.pointer, points.rows)
    guard status == Int32(hnsw_done) else { throw Self.fault(status, capacity) }
    inserted += points.rows
  }

  /// For every point the numbers of `count` near ones, itself left out, nearest first; −1 where fewer were reached. (points, count)
  func neighbors(_ count: Int) throws(NeighborsFault) -> Matrix<Int32> {
    let breadth = max(Self.searchBreadth, 2 * count)
    let failure = Atomic<Int32>(Int32(hnsw_done))
    var result = Matrix<Int32>(repeating: -1, rows: inserted, columns: count)
    // SAFETY: tiles write rows of their own, and the index is only read while `self` is borrowed.
    let (base, shared) = unsafe (
      SharedPointer(result.elements.mutablePointer()), SharedIndex(pointer: index)
    )
    let (points, size) = (inserted, Self.tileSize)
    parallelTiles(tileCount(points, of: size)) { number in
      let rows = tile(number, of: size, in: points)
      // SAFETY: the rows are among those inserted, and `count` numbers of each fit.
      let status = unsafe hnsw_search(
        shared.pointer, rows.lowerBound, rows.count, count, breadth,
        base.pointer + rows.lowerBound * count)
      if status != Int32(hnsw_done) { failure.store(status, ordering: .relaxed) }
    }
    let status = failure.load(ordering: .relaxed)
    guard status == Int32(hnsw_done) else { throw Self.fault(status, capacity) }
    return result
  }

  private static let tileSize = 256

  private static func fault(_ status: Int32, _ points: Int) -> NeighborsFault {
    status == Int32(hnsw_no_memory)
      ? NeighborsFault(
        kind: .noMemory,
        "no memory for the index of \(points) cells; use fewer components, or --method exact")
      : NeighborsFault(
        kind: .internalError, "the index of \(points) cells failed; use --method exact")
  }
}

/// Passes the index to threads that only search it.
@unsafe private struct SharedIndex: @unchecked Sendable {
  let pointer: OpaquePointer
}
