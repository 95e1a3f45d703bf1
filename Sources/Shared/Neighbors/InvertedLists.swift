// Inverted lists (Jégou, Douze and Schmid 2011; "IVF-Flat" of FAISS): points are parted into lists
// around centers, and a query is compared with the points of the lists whose centers are nearest to
// it. The queries of a block that ask for the same list are compared with it together, by the same
// products as the exact search.

import Synchronization
import Tensors

/// Points in lists around centers, and how to search them. N points of d coordinates, L lists.
struct InvertedLists: Sendable {
  private let exact: ExactDistances
  /// (p − c, |p − c|²) of every point in the order of the lists, c the mean point; of cosine the
  /// directions. (N, d + 1)
  private let points: Matrix<Float>
  /// (m − c, |m − c|²) of every list's center m. (L, d + 1)
  private let centers: Matrix<Float>
  /// The row of `points` at every place, list by list. (N)
  private let order: Buffer<Int32>
  /// The place of every point. (N)
  private let places: Buffer<Int32>
  /// Where each list begins; the last entry is N. (L + 1)
  private let starts: [Int]

  private static let rowTile = 256
  /// Queries that are searched together: enough that many of them ask for the same lists.
  private static let block = 4096
  private static let pointTile = 1024
  private static let spare = 16
  /// Points a list from which centers are found, and how often the centers are moved.
  private static let sampledPerList = 32
  private static let iterations = 8

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
    // Points with the same second list stand side by side: near queries are in one block.
    let order = (0..<rows.rows).sorted { a, b in
      let (x, y) = (nearest.row(a), nearest.row(b))
      for k in 0..<nearest.columns where x[k] != y[k] { return x[k] < y[k] }
      return a < b
    }
    var places = Buffer<Int32>(repeating: 0, count: rows.rows)
    var starts = Array(repeating: 0, count: centers.rows + 1)
    for (place, i) in order.enumerated() {
      places[i] = Int32(place)
      starts[Int(nearest[i, 0]) + 1] += 1
    }
    for list in 0..<centers.rows { starts[list + 1] += starts[list] }
    (self.places, self.starts, self.centers) = (places, starts, centers)
    self.order = Buffer(order.map { Int32($0) })
    self.points = proposals.selectingRows(order)
  }

  /// L.
  var count: Int { centers.rows }

  /// For every query, a row of the points, how many lists are nearer to it than the one that holds
  /// each of its neighbors.
  ///
  /// - Parameter neighbors: the numbers of points for each query. (queries, k)
  func ranks(of neighbors: Matrix<Int32>, from queries: [Int]) -> Buffer<Int> {
    var ranks = Matrix<Int>(uninitializedRows: queries.count, columns: neighbors.columns)
    parallelRows(of: &ranks, tileSize: 16) { rows, out in
      for (r, query) in rows.enumerated() {
        let place = Int(places[queries[query]])
        let keys = SearchCoordinates.keys(
          of: centers, to: Self.probes(points, place..<place + 1))
        for k in 0..<neighbors.columns {
          let own = keys[list(of: Int(places[Int(neighbors[query, k])]))]
          out[r * neighbors.columns + k] = keys.indices.count { keys[$0] < own }
        }
      }
    }
    return ranks.elements
  }

  /// The `count` nearest other points of every point among those of its `probes` nearest lists, and
  /// of more lists where these hold too few points. (N, count)
  func search(_ count: Int, probes: Int, _ progress: @Sendable (_ done: Int) -> Void)
    -> Matrix<Candidate>
  {
    let done = Mutex(0)
    let kept = min(count + Self.spare, order.count - 1)
    var result = Matrix<Candidate>(uninitializedRows: order.count, columns: count)
    // SAFETY: blocks write the rows of their own points.
    let base = unsafe SharedPointer(result.elements.mutablePointer())
    parallelTiles(tileCount(order.count, of: Self.block)) { number in
      let rows = tile(number, of: Self.block, in: order.count)
      let shortlist = shortlist(rows, kept, askers(rows, min(probes, self.count), kept + 1))
      for (r, place) in rows.enumerated() {
        let i = Int(order[place])
        var found = shortlist.indices(r).map { at in
          let j = order[Int(at)]
          return Candidate(key: exact.key(i, Int(j)), index: j)
        }
        found.sort(by: Candidate.precedes)
        for k in 0..<count {
          // SAFETY: row i of `count` candidates is this block's alone.
          unsafe base.pointer[i * count + k] = found[k]
        }
      }
      done.withLock { done in
        done += rows.count
        progress(done)
      }
    }
    return result
  }

  /// For every list the queries of a block that are to be compared with its points. (L)
  private func askers(_ rows: Range<Int>, _ probes: Int, _ needed: Int) -> [[Int]] {
    var askers = Array(repeating: [Int](), count: count)
    for part in 0..<tileCount(rows.count, of: Self.rowTile) {
      let tile = tile(part, of: Self.rowTile, in: rows.count)
      let here = tile.lowerBound + rows.lowerBound..<tile.upperBound + rows.lowerBound
      let keys = SearchCoordinates.keys(
        of: centers, to: Self.probes(points, here))
      for (r, place) in here.enumerated() {
        let own = (0..<count).map { keys[r * count + $0] }
        let farthest = own.smallest(probes)
        var wanted = own.indices.filter { own[$0] <= farthest }
        if wanted.reduce(0, { $0 + size($1) }) < needed { wanted = holding(needed, own) }
        for list in wanted { askers[list].append(place) }
      }
    }
    return askers
  }

  /// The nearest lists that hold as many points together, by the keys of all lists.
  private func holding(_ needed: Int, _ keys: [Float]) -> [Int] {
    var held = 0
    let nearest = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    return Array(
      nearest.prefix { list in
        defer { held += size(list) }
        return held < needed
      })
  }

  /// The places of the points that look nearest to each query of a block.
  private func shortlist(_ block: Range<Int>, _ kept: Int, _ askers: [[Int]]) -> Shortlist {
    var shortlist = Shortlist(rows: block.count, capacity: kept)
    var keys = Buffer<Float>(uninitializedCount: Self.rowTile * Self.pointTile)
    for list in askers.indices {
      for part in 0..<tileCount(askers[list].count, of: Self.rowTile) {
        let rows = askers[list][tile(part, of: Self.rowTile, in: askers[list].count)]
        let queries = Self.probes(points, rows)
        for chunk in 0..<tileCount(size(list), of: Self.pointTile) {
          let tile = tile(chunk, of: Self.pointTile, in: size(list))
          let here = tile.lowerBound + starts[list]..<tile.upperBound + starts[list]
          var scratch = keys.mutableSpan
          multiplyTile(
            queries, rows: 0..<rows.count, transposed: points, rows: here, into: &scratch)
          for (r, place) in rows.enumerated() {
            if here.contains(place) {
              scratch[r * here.count + place - here.lowerBound] = .infinity
            }
          }
          for (r, place) in rows.enumerated() {
            shortlist.offer(
              keys, r * here.count..<(r + 1) * here.count, firstPoint: here.lowerBound,
              to: place - block.lowerBound)
          }
        }
      }
    }
    return shortlist
  }

  private func size(_ list: Int) -> Int { starts[list + 1] - starts[list] }

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

  /// Points of the lists as queries. (rows.count, d + 1)
  private static func probes(_ points: Matrix<Float>, _ rows: some Collection<Int>)
    -> Matrix<Float>
  {
    SearchCoordinates.probes(points, coordinates: points.columns - 1, rows: rows)
  }

  /// The lists of the `count` nearest centers for every point, nearest first. (N, count)
  private static func nearestLists(_ count: Int, _ points: Matrix<Float>, _ centers: Matrix<Float>)
    -> Matrix<Int32>
  {
    var result = Matrix<Int32>(uninitializedRows: points.rows, columns: count)
    parallelRows(of: &result, tileSize: rowTile) { rows, out in
      let nearest = SearchCoordinates.nearest(
        count, of: centers, to: Self.probes(points, rows))
      for r in 0..<rows.count {
        for (k, list) in nearest.indices(r).enumerated() { out[r * count + k] = list }
      }
    }
    return result
  }
}

extension [Float] {
  /// The `count`-th smallest number, by Hoare's selection (1961).
  fileprivate func smallest(_ count: Int) -> Float {
    var (numbers, low, high) = (self, 0, self.count - 1)
    let wanted = count - 1
    while low < high {
      let pivot = numbers[(low + high) / 2]
      var (i, j) = (low, high)
      while i <= j {
        while numbers[i] < pivot { i += 1 }
        while numbers[j] > pivot { j -= 1 }
        if i <= j {
          numbers.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if wanted <= j { high = j } else if wanted >= i { low = i } else { return numbers[wanted] }
    }
    return numbers[wanted]
  }
}
