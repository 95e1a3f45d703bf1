import Glibc
import Tensors

/// The most distances that exist at a time. It limits the number of starts that are seeded
/// together.
private let distancesAtATime = 1 << 22

/// For each generator the rows of K starting centers. Each is the best of 2 + ⌊log K⌋ draws with
/// probability proportional to the squared distance from the nearest center so far. This is greedy
/// k-means++, as in scikit-learn.
func greedySeeds(_ points: Matrix<Double>, clusters: Int, generators: [RandomGenerator]) -> [[Int]]
{
  let trials = 2 + Int(log(Double(clusters)))
  let together = max(1, distancesAtATime / (points.rows * trials))
  let lengths = squaredLengths(of: points)
  return (0..<tileCount(generators.count, of: together)).flatMap { group in
    var seeding = Seeding(
      points, lengths, Array(generators[tile(group, of: together, in: generators.count)]))
    for _ in 1..<max(1, clusters) { seeding.add(trials: trials) }
    return seeding.seeds
  }
}

/// The seeds of several starts, which share the products with the points. S starts, N points.
private struct Seeding {
  private(set) var seeds: [[Int]]
  private var generators: [RandomGenerator]
  private let points: Matrix<Double>
  private let lengths: Buffer<Double>
  /// The squared distance from the nearest seed. (S, N)
  private var nearest: Matrix<Double>

  init(_ points: Matrix<Double>, _ lengths: Buffer<Double>, _ generators: [RandomGenerator]) {
    (self.points, self.lengths) = (points, lengths)
    self.generators = generators
    seeds = self.generators.indices.map { _ in [] }
    nearest = Matrix(repeating: .infinity, rows: generators.count, columns: points.rows)
    for start in seeds.indices {
      seeds[start] = [self.generators[start].integer(below: points.rows)]
    }
    nearest = distances(to: seeds.map { $0[0] })
  }

  /// Draws candidates for each start, and keeps the one that lowers the distances most.
  mutating func add(trials: Int) {
    let drawn = seeds.indices.map { draw(trials, for: $0) }
    let lowered = distances(to: drawn.flatMap(\.self))
    let sums = parallelMap(lowered.rows, tileSize: 1) { row in
      let values = lowered.row(row)
      var sum = 0.0
      for i in values.indices { sum += values[i] }
      return sum
    }
    var best = [Int]()
    for start in seeds.indices {
      let own = start * trials..<(start + 1) * trials
      let least = own.min { sums[$0] < sums[$1] } ?? own.lowerBound
      seeds[start].append(drawn[start][least - own.lowerBound])
      best.append(least)
    }
    nearest = lowered.selectingRows(best)
  }

  /// Points drawn with probability proportional to the distance from the nearest seed.
  private mutating func draw(_ count: Int, for start: Int) -> [Int] {
    let running = runningSums(nearest.row(start))
    let total = running.last ?? 0
    return (0..<count).map { _ in
      firstIndex(in: running, reaching: generators[start].uniform() * total)
    }
  }

  /// The lesser of two squared distances for every point: to a target and to the start's nearest
  /// seed. Every start has the same number of targets. (targets, N)
  private func distances(to targets: [Int]) -> Matrix<Double> {
    var result = Matrix.product(points.selectingRows(targets), points, transposeB: true)
    let each = targets.count / seeds.count
    parallelRows(of: &result, tileSize: 1) { [nearest, lengths] rows, elements in
      let (target, bound) = (targets[rows.lowerBound], nearest.row(rows.lowerBound / each))
      let lengths = lengths.span
      for i in bound.indices {
        let distance = max(0, lengths[i] + lengths[target] - 2 * elements[i])
        elements[i] = min(distance, bound[i])
      }
      elements[target] = 0
    }
    return result
  }
}

/// values[0], values[0] + values[1], …
private func runningSums(_ values: Span<Double>) -> Buffer<Double> {
  var result = Buffer<Double>(uninitializedCount: values.count)
  var sums = result.mutableSpan
  var sum = 0.0
  for i in values.indices {
    sum += values[i]
    sums[i] = sum
  }
  return result
}

/// The first index whose running sum exceeds `target`; the last index if none does.
private func firstIndex(in running: Buffer<Double>, reaching target: Double) -> Int {
  let running = running.span
  var (low, high) = (0, running.count - 1)
  while low < high {
    let middle = (low + high) / 2
    if running[middle] > target { high = middle } else { low = middle + 1 }
  }
  return low
}
