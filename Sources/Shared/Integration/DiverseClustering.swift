import Clustering
import Glibc
import Tensors

/// Soft clusters of directions with as much diversity of batches as θ demands: equations 3 to 9 of
/// the paper.
///
/// The objective is Σ R D + σ Σ R log R + σ θ Σ R log((O + 1) / (E + 1)) Φ, with D = 2 (1 − Y Z). O
/// is the number of cells of a batch in a cluster, E the number expected by chance.
struct DiverseClustering {
  /// Z: the cells, each of length 1. (N, d)
  var directions: Matrix<Float>
  /// The objective after the last `settle`.
  private(set) var objective = 0.0
  /// Y: the clusters' centers, of length 1. (K, d)
  private var centers: Matrix<Float>
  /// D, as of the last centers. (N, K)
  private var distances: Matrix<Float>
  /// R: the shares of a cell's clusters, which sum to 1. (N, K)
  private var shares: Matrix<Float>
  /// O: cells by batch and cluster. (B, K)
  private var observed: Matrix<Double>
  /// The batch of every cell. (N)
  private let batches: [Int32]
  /// The shares of the batches in all cells. (B)
  private let batchShares: [Double]
  /// The cells of every batch.
  private let members: [[Int]]
  private let options: HarmonyOptions

  /// The largest number of cells from which the first centers are computed.
  private static let startSample = 20_000
  /// The number of blocks in which the cells choose their clusters.
  private static let blocks = 20
  /// The most updates of a turn, and the change of the mean of three at which they end.
  private static let (updates, window, epsilon) = (20, 3, 1e-5)
  private static let cellTile = 256

  /// Starts from k-means of the directions.
  init(
    _ points: Matrix<Float>, batches: [Int32], count: Int, _ options: HarmonyOptions
  ) throws {
    directions = points.onSphere()
    self.batches = batches
    self.options = options
    var members = [[Int]](repeating: [], count: count)
    for (cell, batch) in batches.enumerated() { members[Int(batch)].append(cell) }
    self.members = members
    batchShares = members.map { Double($0.count) / Double(batches.count) }
    let clusters = Harmony.clusters(of: points.rows)
    centers = try DiverseClustering.start(directions, clusters, seed: options.seed)
    distances = Matrix(uninitializedRows: points.rows, columns: clusters)
    shares = .zeros(points.rows, clusters)
    observed = .zeros(count, clusters)
    measure()
    // At first the batches are ignored.
    let (_, sums) = assign(Array(0..<points.rows), factors: .zeros(count, clusters))
    for k in 0..<observed.elements.count { observed.elements[k] = sums[k] }
    objective = total(ofCosts: sums[observed.elements.count...])
  }

  /// The centers of k-means over the cells, or a sample of them. (K, d)
  private static func start(
    _ directions: Matrix<Float>, _ clusters: Int, seed: UInt64
  ) throws -> Matrix<Float> {
    var points = directions
    if points.rows > startSample {
      var generator = RandomGenerator(seed: seed.stream(.harmony, -1))
      points = points.selectingRows(
        generator.permutation(points.rows).prefix(startSample).sorted())
    }
    let found = try KMeans.fit(
      points, clusters: clusters, seed: seed.stream(.harmony, -2),
      options: KMeans.Options(restarts: 10, iterations: 25))
    return found.centers.converted(to: Float.self).onSphere()
  }

  /// Updates centers and shares until the objective settles: the first step of a turn.
  mutating func settle(turn: Int) {
    var objectives: [Double] = []
    for update in 0..<Self.updates {
      centers = Matrix.product(shares, directions, transposeA: true).onSphere()
      measure()
      objectives.append(updateShares(seed: options.seed.stream(.harmony, turn, update)))
      guard update > Self.window else { continue }
      let (old, new) = (
        objectives.dropLast().suffix(Self.window).reduce(0, +),
        objectives.suffix(Self.window).reduce(0, +)
      )
      if abs(old - new) / abs(old) < Self.epsilon { break }
    }
    objective = objectives.last ?? objective
  }

  /// D = 2 (1 − Y Z).
  private mutating func measure() {
    multiply(directions, centers, transposeB: true, into: &distances)
    parallelRows(of: &distances) { _, out in
      for k in out.indices { out[k] = 2 * (1 - out[k]) }
    }
  }

  /// Updates the shares of every cell, one block of random cells after the other. O does not
  /// include the cells of the block. Returns the objective.
  private mutating func updateShares(seed: UInt64) -> Double {
    var generator = RandomGenerator(seed: seed)
    let order = generator.permutation(batches.count)
    var costs = [0.0, 0.0]
    var start = 0
    for block in 0..<Self.blocks {
      let count = order.count / Self.blocks + (block < order.count % Self.blocks ? 1 : 0)
      if count == 0 { continue }
      let cells = Array(order[start..<start + count])
      start += count
      add(counted(cells), times: -1)
      let (cost, sums) = assign(cells, factors: logFactors)
      add(sums, times: 1)
      costs[0] += cost.distance
      costs[1] += cost.entropy
    }
    return total(ofCosts: costs[...])
  }

  private mutating func add(_ sums: [Double], times sign: Double) {
    for k in 0..<observed.elements.count { observed.elements[k] += sign * sums[k] }
  }

  /// θ log((E + 1) / (O + 1)), E the batch's share of the cluster's cells. (B, K)
  private var logFactors: Matrix<Float> {
    var result = Matrix<Float>(uninitializedRows: observed.rows, columns: observed.columns)
    for k in 0..<observed.columns {
      let size = (0..<observed.rows).reduce(0.0) { $0 + observed[$1, k] }
      for b in 0..<observed.rows {
        result[b, k] = Float(
          options.theta * log((batchShares[b] * size + 1) / (observed[b, k] + 1)))
      }
    }
    return result
  }

  /// The objective: Σ R D and Σ R log R, and the term of the batches in the clusters.
  private func total(ofCosts costs: ArraySlice<Double>) -> Double {
    let factors = logFactors
    var diversity = 0.0
    for b in 0..<observed.rows {
      for k in 0..<observed.columns { diversity -= observed[b, k] * Double(factors[b, k]) }
    }
    let values = Array(costs)
    return values[0] + options.sigma * (values[1] + diversity)
  }

  /// O of some cells, batch by batch. (B · K)
  private func counted(_ cells: [Int]) -> [Double] {
    let (width, batches) = (shares.columns, batches)
    return summed(cells, length: observed.elements.count) { [shares] range, sums in
      for place in range {
        let (cell, base) = (cells[place], Int(batches[cells[place]]) * width)
        let row = shares.row(cell)
        for k in 0..<width { sums[base + k] += Double(row[k]) }
      }
    }
  }

  /// R ∝ exp(−D / σ + factor) for some cells. Returns O of the cells, followed by Σ R D and Σ R log
  /// R.
  private mutating func assign(
    _ cells: [Int], factors: Matrix<Float>
  ) -> (cost: (distance: Double, entropy: Double), sums: [Double]) {
    let (width, length, batches) = (shares.columns, observed.elements.count, batches)
    let scale = Float(-1 / options.sigma)
    let distances = distances
    let out = Window(writing: &shares)
    let sums = summed(cells, length: length + 2) { range, sums in
      for place in range {
        let cell = cells[place]
        let batch = Int(batches[cell])
        let (distance, factor) = (distances.row(cell), factors.row(batch))
        let row = out.slice(rows: cell..<cell + 1)
        softmax(distance, factor, scale, into: row)
        for k in 0..<width {
          let share = Double(row[0, k])
          sums[batch * width + k] += share
          sums[length] += share * Double(distance[k])
          if share > 0 { sums[length + 1] += share * Double(logf(row[0, k])) }
        }
      }
    }
    return ((sums[length], sums[length + 1]), sums)
  }

  /// Sums over tiles of cells, added in their order.
  private func summed(
    _ cells: [Int], length: Int,
    _ body: @Sendable (_ places: Range<Int>, _ sums: inout MutableSpan<Double>) -> Void
  ) -> [Double] {
    var partial = Matrix<Double>.zeros(tileCount(cells.count, of: Self.cellTile), length)
    parallelRows(of: &partial, tileSize: 1) { range, out in
      body(tile(range.lowerBound, of: Self.cellTile, in: cells.count), &out)
    }
    var total = [Double](repeating: 0, count: length)
    let source = partial.elements.span
    for t in 0..<partial.rows { for k in 0..<length { total[k] += source[t * length + k] } }
    return total
  }

  /// The second step of a turn: the batches of every cluster move to its middle, by a ridge
  /// regression with weights R (equations 10–12). (N, d)
  func corrected(_ points: Matrix<Float>, lambda: Double) -> Matrix<Float> {
    let parts = members.map { points.selectingRows($0) }
    let weights = members.map { shares.selectingRows($0) }
    let moments = zip(weights, parts).map { Matrix.product($0, $1, transposeA: true) }
    let shifts = shifts(moments, lambda)
    var result = points
    for (batch, cells) in members.enumerated() {
      let moved = Matrix.product(weights[batch], shifts[batch])
      let (source, width) = (moved.elements.span, points.columns)
      var out = result.elements.mutableSpan
      for (place, cell) in cells.enumerated() {
        for j in 0..<width { out[cell * width + j] -= source[place * width + j] }
      }
    }
    return result
  }

  /// W of every batch: the distance of its cells from the middle of each cluster. The normal
  /// equations have the shape of an arrow, and are solved directly. (B times K, d)
  private func shifts(_ moments: [Matrix<Float>], _ lambda: Double) -> [Matrix<Float>] {
    let (clusters, width) = (observed.columns, directions.columns)
    var result = moments.map { _ in Matrix<Float>.zeros(clusters, width) }
    for k in 0..<clusters {
      let sizes = moments.indices.map { max(0, observed[$0, k]) }
      let weight = sizes.reduce(0) { $0 + $1 * lambda / ($1 + lambda) }
      if weight < 1e-12 { continue }
      for j in 0..<width {
        let sums = moments.map { Double($0[k, j]) }
        let middle =
          moments.indices.reduce(0.0) {
            $0 + sums[$1] * lambda / (sizes[$1] + lambda)
          } / weight
        for b in moments.indices {
          result[b][k, j] = Float((sums[b] - sizes[b] * middle) / (sizes[b] + lambda))
        }
      }
    }
    return result
  }
}

/// A row of shares: exp(scale · distance + factor) over its sum.
private func softmax(
  _ distance: Span<Float>, _ factor: Span<Float>, _ scale: Float, into row: Window<Float>
) {
  var largest = -Float.infinity
  for k in distance.indices { largest = max(largest, scale * distance[k] + factor[k]) }
  var sum = 0.0
  for k in distance.indices {
    let value = expf(scale * distance[k] + factor[k] - largest)
    row[0, k] = value
    sum += Double(value)
  }
  let inverse = Float(1 / sum)
  for k in distance.indices { row[0, k] *= inverse }
}
