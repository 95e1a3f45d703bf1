import Glibc
import Tensors

/// The rows of K starting centers: each the best of 2 + ⌊log K⌋ draws with probability proportional
/// to the squared distance from the nearest center so far (greedy k-means++, as scikit-learn does
/// it).
func greedySeeds(_ points: Matrix<Double>, clusters: Int, generator: inout RandomGenerator)
  -> [Int]
{
  let trials = 2 + Int(log(Double(clusters)))
  var seeds = [generator.integer(below: points.rows)]
  let origin = Matrix<Double>.zeros(1, points.columns)
  let norms = parallelMap(points.rows) { squaredDistance(points.row($0), origin.row(0)) }
  var nearest = squaredDistances(points, norms: norms, to: seeds)
  while seeds.count < clusters {
    let running = runningSums(nearest.elements)
    let total = running.last ?? 0
    let candidates = (0..<trials).map { _ in
      firstIndex(in: running, reaching: generator.uniform() * total)
    }
    var distances = squaredDistances(points, norms: norms, to: candidates)
    let sums = lowerAndSum(&distances, by: nearest)
    let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
    seeds.append(candidates[best])
    nearest = distances.column(best)
  }
  return seeds
}

/// Squared distances of every point to some of the points. (N, targets)
private func squaredDistances(_ points: Matrix<Double>, norms: Buffer<Double>, to targets: [Int])
  -> Matrix<Double>
{
  var result = Matrix.product(points, points.selectingRows(targets), transposeB: true)
  parallelRows(of: &result) { rows, elements in
    for i in rows {
      for (t, target) in targets.enumerated() {
        let k = (i - rows.lowerBound) * targets.count + t
        elements[k] = i == target ? 0 : max(0, norms[i] + norms[target] - 2 * elements[k])
      }
    }
  }
  return result
}

/// Lowers every column to at most the one column of `bound`, and sums the columns, row after row.
private func lowerAndSum(_ distances: inout Matrix<Double>, by bound: Matrix<Double>) -> [Double] {
  let columns = distances.columns
  var sums = Array(repeating: 0.0, count: columns)
  let limits = bound.elements.span
  var elements = distances.elements.mutableSpan
  for i in limits.indices {
    for t in 0..<columns {
      let value = min(elements[i * columns + t], limits[i])
      elements[i * columns + t] = value
      sums[t] += value
    }
  }
  return sums
}

/// values[0], values[0] + values[1], …
private func runningSums(_ values: Buffer<Double>) -> Buffer<Double> {
  var result = values
  var sums = result.mutableSpan
  for i in 1..<max(1, sums.count) { sums[i] += sums[i - 1] }
  return result
}

/// The first index whose running sum exceeds `target` (the last index where none does).
private func firstIndex(in running: Buffer<Double>, reaching target: Double) -> Int {
  var (low, high) = (0, running.count - 1)
  while low < high {
    let middle = (low + high) / 2
    if running[middle] > target { high = middle } else { low = middle + 1 }
  }
  return low
}

extension Matrix<Double> {
  /// One column as a matrix of its own. (rows, 1)
  fileprivate func column(_ j: Int) -> Matrix {
    var result = Matrix(uninitializedRows: rows, columns: 1)
    var target = result.elements.mutableSpan
    let source = elements.span
    for i in 0..<rows { target[i] = source[i * columns + j] }
    return result
  }
}
