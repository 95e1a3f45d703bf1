// Inverted lists (Jégou, Douze and Schmid 2011; "IVF-Flat" of FAISS): points are divided into lists
// around centers. A query is compared with the points of the lists whose centers are nearest to it.
// The queries of a block that need the same list are compared with it together, by the same
// products as in the exact search.

import Synchronization
import Tensors

/// Points in lists around centers, and the search in them. N points of d coordinates, L lists, P
/// positions: each list begins with a panel.
struct InvertedLists: Sendable {
  private let exact: ExactDistances
  /// (p − c, |p − c|²) of every point list by list, c the mean point; for cosine, of the
  /// directions.
  private let panels: PointPanels
  /// (m − c, |m − c|²) of every list's center m. (L, d + 1)
  private let centers: Matrix<Float>
  /// The row of the points at every position; −1: none. (P)
  private let order: Buffer<Int32>
  /// The position of every point. (N)
  private let places: Buffer<Int32>
  /// The start of each list; the last entry is P. (L + 1)
  private let starts: [Int]
  /// The points of each list. (L)
  private let sizes: [Int]

  private static let rowTile = 256
  /// Positions whose points are searched for together. They are enough that many of them need the
  /// same lists.
  private static let block = 4096
  private static let spare = 16
  /// The number of points in a list from which centers are computed, and how often the centers are
  /// moved.
  private static let sampledPerList = 32
  private static let iterations = 8
  /// A reach is measured from a point's fifth nearest list. It is the same for all points.
  private static let reference = 5

  /// The number of lists for that many points, 2 √N.
  static func listCount(_ points: Int) -> Int {
    max(1, min(points, 2 * Int(Double(points).squareRoot())))
  }

  /// The lists of rows whose squares do not overflow. (N, d)
  init(of rows: Matrix<Float>, _ metric: Metric, seed: UInt64) {
    exact = ExactDistances(from: rows, to: rows, metric)
    let points =
      metric == .cosine ? SearchCoordinates.directions(rows, exact.pointScales) : rows
    let proposals = SearchCoordinates.proposals(
      SearchCoordinates.centered(
        points, SearchCoordinates.center(of: points, .euclidean),
        Buffer(repeating: 1, count: points.rows)))
    var generator = RandomGenerator(seed: seed.stream(.approximateNeighbors))
    let centers = Self.centers(proposals, &generator)
    let nearest = Self.nearestLists(min(2, centers.rows), proposals, centers)
    (sizes, starts, order) = Self.arranged(nearest, lists: centers.rows)
    var places = Buffer<Int32>(repeating: 0, count: rows.rows)
    for (position, i) in order.enumerated() where i >= 0 { places[Int(i)] = Int32(position) }
    (self.places, self.centers) = (places, centers)
    panels = PointPanels(proposals, order: order)
  }

  /// L.
  var count: Int { centers.rows }

  /// For every neighbor of every query, how much farther its list is from the query than the fifth
  /// nearest list; negative: nearer. Queries are rows of the points, and the values differences of
  /// squared distances. (queries · k)
  ///
  /// - Parameter neighbors: the numbers of points for each query. (queries, k)
  func reaches(of neighbors: Matrix<Int32>, from queries: [Int]) -> Buffer<Float> {
    var reaches = Matrix<Float>(uninitializedRows: queries.count, columns: neighbors.columns)
    parallelRows(of: &reaches, tileSize: 16) { rows, out in
      for (r, query) in rows.enumerated() {
        let keys = SearchCoordinates.keys(
          of: centers, to: panels.queries(CollectionOfOne(Int(places[queries[query]]))))
        let base = Self.referenceKey(keys, 0..<count)
        for k in 0..<neighbors.columns {
          let list = list(of: Int(places[Int(neighbors[query, k])]))
          out[r * neighbors.columns + k] = keys[list] - base
        }
      }
    }
    return reaches.elements
  }

  /// The `count` nearest other points of every point in the lists within its reach, and the number
  /// of these lists. If the lists hold too few points, more are searched. (N, count)
  func search(_ count: Int, reach: Float, _ progress: @Sendable (_ done: Int) -> Void)
    -> (nearest: Matrix<Candidate>, lists: Int)
  {
    let sums = Mutex((done: 0, lists: 0))
    let kept = min(count + Self.spare, places.count - 1)
    var result = Matrix<Candidate>(uninitializedRows: places.count, columns: count)
    // SAFETY: a block writes only the rows of its points.
    let base = unsafe SharedPointer(result.elements.mutablePointer())
    parallelTiles(tileCount(order.count, of: Self.block)) { number in
      let positions = tile(number, of: Self.block, in: order.count).filter { order[$0] >= 0 }
      let queries = panels.queries(positions)
      let askers = askers(queries, reach, kept + 1)
      let shortlist = shortlist(queries, positions, kept, askers)
      for (r, position) in positions.enumerated() {
        let i = Int(order[position])
        var found = shortlist.points(r).map { at in
          let j = order[Int(at)]
          return Candidate(key: exact.key(i, Int(j)), index: j)
        }
        found.sort(by: Candidate.precedes)
        for k in 0..<count {
          // SAFETY: only this block writes row i of `count` candidates.
          unsafe base.pointer[i * count + k] = found[k]
        }
      }
      sums.withLock { sums in
        sums.lists += askers.reduce(0) { $0 + $1.count }
        sums.done += positions.count
        progress(sums.done)
      }
    }
    return (result, sums.withLock { $0.lists })
  }

  /// For every list the queries of a block that are compared with its points. (L)
  private func askers(_ queries: Matrix<Float>, _ reach: Float, _ needed: Int) -> [[Int32]] {
    var askers = Array(repeating: [Int32](), count: count)
    for part in 0..<tileCount(queries.rows, of: Self.rowTile) {
      let rows = tile(part, of: Self.rowTile, in: queries.rows)
      let keys = SearchCoordinates.keys(of: centers, to: queries, rows: rows)
      for (r, row) in rows.enumerated() {
        let own = r * count..<(r + 1) * count
        let base = Self.referenceKey(keys, own)
        var (wanted, held) = ([Int](), 0)
        let key = keys.span.extracting(own)
        for list in key.indices where key[list] - base <= reach {
          wanted.append(list)
          held += sizes[list]
        }
        if held < needed { wanted = holding(needed, own.map { keys[$0] }) }
        for list in wanted { askers[list].append(Int32(row)) }
      }
    }
    return askers
  }

  /// The key of the fifth nearest list, or of the farthest if there are fewer.
  private static func referenceKey(_ keys: Buffer<Float>, _ part: Range<Int>) -> Float {
    var shortlist = Shortlist(rows: 1, capacity: min(reference, part.count))
    shortlist.offer(keys, part, to: 0)
    return shortlist.worst(0)
  }

  /// The nearest lists, by the keys of all lists, that together hold that many points.
  private func holding(_ needed: Int, _ keys: [Float]) -> [Int] {
    var held = 0
    let nearest = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    return Array(
      nearest.prefix { list in
        defer { held += sizes[list] }
        return held < needed
      })
  }

  /// The positions of the points that seem nearest to each query of a block.
  private func shortlist(
    _ queries: Matrix<Float>, _ positions: [Int], _ kept: Int, _ askers: [[Int32]]
  ) -> Shortlist {
    var shortlist = Shortlist(rows: queries.rows, capacity: kept)
    let selves = Buffer(positions.map { Int32($0) })
    // Lists with the most queries come first: their points are near to most, so later points are
    // seldom kept.
    let lists = askers.indices.sorted { (-askers[$0].count, $0) < (-askers[$1].count, $1) }
    for list in lists where !askers[list].isEmpty {
      shortlist.offer(
        starts[list]..<starts[list + 1], of: panels, to: queries, rows: askers[list],
        except: selves)
    }
    return shortlist
  }

  private func list(of place: Int) -> Int {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= place { low = middle } else { high = middle }
    }
    return low
  }

  // MARK: Centers

  /// k-means of a sample: Lloyd's iterations from points drawn at random. A list without points
  /// keeps its center. (L, d + 1)
  private static func centers(_ points: Matrix<Float>, _ generator: inout RandomGenerator)
    -> Matrix<Float>
  {
    let (count, width) = (listCount(points.rows), points.columns - 1)
    let drawn = generator.permutation(points.rows).prefix(sampledPerList * count)
    let sample = points.selectingRows(drawn.map { Int($0) })
    var centers = sample.selectingRows(Array(0..<count))
    for _ in 0..<iterations {
      let nearest = nearestLists(1, sample, centers)
      var sums = Matrix<Double>.zeros(count, width)
      var sizes = Array(repeating: 0.0, count: count)
      for i in 0..<sample.rows {
        let (list, row) = (Int(nearest[i, 0]), sample.row(i))
        sizes[list] += 1
        for j in 0..<width { sums[list, j] += Double(row[j]) }
      }
      for list in 0..<count where sizes[list] > 0 {
        var square = 0.0
        for j in 0..<width {
          let mean = sums[list, j] / sizes[list]
          centers[list, j] = Float(mean)
          square += mean * mean
        }
        centers[list, width] = Float(square)
      }
    }
    return centers
  }

  /// The lists of the `count` nearest centers for every point, nearest first. (N, count)
  private static func nearestLists(_ count: Int, _ points: Matrix<Float>, _ centers: Matrix<Float>)
    -> Matrix<Int32>
  {
    let panels = PointPanels(centers)
    var result = Matrix<Int32>(uninitializedRows: points.rows, columns: count)
    parallelRows(of: &result, tileSize: rowTile) { rows, out in
      var nearest = Shortlist(rows: rows.count, capacity: count)
      nearest.offer(
        0..<panels.count, of: panels,
        to: SearchCoordinates.probes(points, coordinates: points.columns - 1, rows: rows))
      for r in 0..<rows.count {
        for (k, list) in nearest.points(r).enumerated() { out[r * count + k] = list }
      }
    }
    return result
  }

  /// The points list by list, each list from the first position of a panel on. Returns each list's
  /// size and start, and the point at every position. Points with the same second list are
  /// neighbors: near queries are in one block.
  ///
  /// - Parameter nearest: the list of every point, and its second list if there are two. (N, 1 or
  ///   2)
  private static func arranged(_ nearest: Matrix<Int32>, lists: Int)
    -> (sizes: [Int], starts: [Int], order: Buffer<Int32>)
  {
    var rows = Buffer((0..<nearest.rows).map { Int32($0) })
    if nearest.columns > 1 {
      let (_, starts) = sizesAndStarts(nearest, 1, lists, aligned: 1)
      rows = dealt(rows, nearest, 1, starts)
    }
    let (sizes, starts) = sizesAndStarts(nearest, 0, lists, aligned: PointPanels.lanes)
    return (sizes, starts, dealt(rows, nearest, 0, starts))
  }

  /// The number of points of each list in a column, and the start of each list; the last entry is
  /// the end. (lists), (lists + 1)
  private static func sizesAndStarts(
    _ nearest: Matrix<Int32>, _ column: Int, _ lists: Int, aligned: Int
  ) -> ([Int], [Int]) {
    var sizes = Array(repeating: 0, count: lists)
    for i in 0..<nearest.rows { sizes[Int(nearest[i, column])] += 1 }
    var starts = [0]
    for size in sizes {
      starts.append(starts[starts.count - 1] + tileCount(size, of: aligned) * aligned)
    }
    return (sizes, starts)
  }

  /// The rows, in their order, at the positions of their lists; −1 at positions without a point.
  private static func dealt(
    _ rows: Buffer<Int32>, _ nearest: Matrix<Int32>, _ column: Int, _ starts: [Int]
  ) -> Buffer<Int32> {
    var order = Buffer<Int32>(repeating: -1, count: starts[starts.count - 1])
    var next = starts
    for row in rows {
      let list = Int(nearest[Int(row), column])
      order[next[list]] = row
      next[list] += 1
    }
    return order
  }
}
