import Synchronization
import Tensors

/// The prepared data of one search.
struct NeighborSearch: Sendable {
  private let queries: Matrix<Float>
  private let points: Matrix<Float>
  private let selves: [Int]?
  private let metric: Metric
  private let count: Int
  /// The number of candidates that a row keeps before exact distances are computed.
  private let kept: Int
  private let available: Int
  /// (p − c, |p − c|²) and (−2 (q − c), 1), c the mean point: their product orders the points of a
  /// query. N points; (M, d + 1)
  private let panels: PointPanels
  private let probes: Matrix<Float>
  /// |q − c|². (M)
  private let squares: Buffer<Double>
  private let exact: ExactDistances

  private static let rowTile = 192
  private static let spare = 16

  init(
    _ queries: Matrix<Float>, _ points: Matrix<Float>, _ selves: [Int]?, _ metric: Metric,
    count: Int, available: Int
  ) {
    (self.queries, self.points, self.selves) = (queries, points, selves)
    (self.metric, self.count, self.available) = (metric, count, available)
    kept = min(count + Self.spare, available)
    let center = SearchCoordinates.center(of: points, metric)
    exact = ExactDistances(from: queries, to: points, metric)
    let probed = SearchCoordinates.centered(queries, center, exact.queryScales)
    panels = PointPanels(
      SearchCoordinates.proposals(
        SearchCoordinates.centered(points, center, exact.pointScales),
        last: metric == .cosine ? 1 : nil))
    probes = SearchCoordinates.probes(
      probed, coordinates: probed.columns, rows: 0..<probed.rows)
    squares =
      metric == .cosine
      ? Buffer(repeating: 1, count: queries.rows) : SearchCoordinates.squaredNorms(probed)
  }

  /// The `count` nearest points of every query; `progress` is called with the number of completed
  /// queries. (M, count)
  func run(_ progress: @Sendable (_ done: Int) -> Void = { _ in }) -> Matrix<Candidate> {
    let done = Mutex(0)
    var result = Matrix<Candidate>(uninitializedRows: queries.rows, columns: count)
    parallelRows(of: &result, tileSize: Self.rowTile) { rows, out in
      var shortlist = Shortlist(rows: rows.count, capacity: kept)
      shortlist.offer(
        0..<panels.count, of: panels, to: probes, from: rows.lowerBound,
        except: selves.map { selves in Buffer(rows.map { Int32(selves[$0]) }) })
      for r in 0..<rows.count {
        let nearest = settle(rows.lowerBound + r, shortlist.points(r), limit: shortlist.worst(r))
        for (position, candidate) in nearest.enumerated() { out[r * count + position] = candidate }
      }
      // Under the lock, so that the numbers rise.
      done.withLock { done in
        done += rows.count
        progress(done)
      }
    }
    return result
  }

  /// The nearest of the candidates by exact distance, or of all points if another point might be
  /// nearer.
  private func settle(_ query: Int, _ candidates: [Int32], limit: Float) -> [Candidate] {
    var nearest = candidates.map { Candidate(key: exact.key(query, Int($0)), index: $0) }
    nearest.sort(by: Candidate.precedes)
    let farthest = nearest.count < count ? .infinity : nearest[count - 1].key
    if candidates.count < available {
      let reach = squares[query].squareRoot() + farthest.squareRoot()
      let magnitude = metric == .cosine ? 2 : squares[query] + reach * reach
      let error = Double(points.columns + 8) * 0x1p-23 * magnitude
      if !(farthest < Double(limit) + squares[query] - error) { return exhaustive(query) }
    }
    return Array(nearest.prefix(count))
  }

  /// The nearest by exact distances to all points.
  private func exhaustive(_ query: Int) -> [Candidate] {
    var nearest: [Candidate] = []
    let own = selves?[query] ?? -1
    for j in 0..<points.rows where j != own {
      let worst = nearest.count < count ? .infinity : nearest[count - 1].key
      if worst == 0 { break }
      let candidate = Candidate(key: exact.key(query, j, upTo: worst), index: Int32(j))
      if !(candidate.key < worst) { continue }
      if nearest.count == count { nearest.removeLast() }
      let position = nearest.firstIndex { Candidate.precedes(candidate, $0) } ?? nearest.count
      nearest.insert(candidate, at: position)
    }
    return nearest
  }
}
