// The genes that vary more than the noise of counting explains: the v-score (Klein et al. 2015,
// Cell 161:1187). It is the variance over the mean (the Fano factor) relative to (1 + a) (1 + b) +
// b μ, which is fitted below all genes.

import Glibc
import Tensors

/// Mean and standard deviation (divisor n; 1 if a column does not vary) of every column. (g each)
func columnMoments(
  of values: SparseMatrix<Float>
) -> (mean: Buffer<Float>, deviation: Buffer<Float>) {
  var (sums, squares) = (
    [Double](repeating: 0, count: values.columns), [Double](repeating: 0, count: values.columns)
  )
  let (column, value) = (values.indices.span, values.values.span)
  for k in column.indices {
    let x = Double(value[k])
    sums[Int(column[k])] += x
    squares[Int(column[k])] += x * x
  }
  let n = Double(max(1, values.rows))
  let deviations = zip(sums, squares).map { sum, square in
    let deviation = Float(max(0, square / n - (sum / n) * (sum / n)).squareRoot())
    return deviation > 0 ? deviation : 1
  }
  return (Buffer(sums.map { Float($0 / n) }), Buffer(deviations))
}

/// The genes, rising, with a v-score in the highest 15 % and 3 counts in 3 cells: Scrublet's
/// choice. Counts are scaled to the mean total.
///
/// - Parameters:
///   - counts: (N, G)
///   - totals: the totals of the rows `rows`. (n)
func genesAboveNoise(
  of counts: SparseMatrix<Float>, rows: [Int], totals: [Double]
) -> [Int] {
  let (moments, shown) = scaledMoments(of: counts, rows: rows, totals: totals)
  let known = moments.indices.filter { moments[$0].mean > 0 && moments[$0].variance > 0 }
  guard known.count > 1 else { return known }
  let means = known.map { moments[$0].mean }
  let fano = known.map { moments[$0].variance / moments[$0].mean }
  let noise = NoiseModel(means: means, fano: fano)
  let scores = zip(means, fano).map { noise.score(mean: $0, fano: $1) }
  let positive = scores.filter { $0 > 0 }
  guard let limit = percentile(positive, 85) else { return [] }
  return known.indices.filter { scores[$0] > 0 && scores[$0] >= limit && shown[known[$0]] >= 3 }
    .map { known[$0] }
}

/// Mean and variance (divisor n) of every gene's counts, scaled to the mean total, and the number
/// of cells in which they reach 3.
private func scaledMoments(
  of counts: SparseMatrix<Float>, rows: [Int], totals: [Double]
) -> (moments: [(mean: Double, variance: Double)], shown: [Int]) {
  let n = Double(rows.count)
  let target = totals.reduce(0, +) / n
  let genes = counts.columns
  var sums = [Double](repeating: 0, count: genes)
  var (squares, shown) = (sums, [Int](repeating: 0, count: genes))
  let (starts, gene, value) = (counts.indptr.span, counts.indices.span, counts.values.span)
  for (i, row) in rows.enumerated() {
    let scale = target / totals[i]
    for k in starts[row]..<starts[row + 1] {
      let (j, x) = (Int(gene[k]), Double(value[k]) * scale)
      sums[j] += x
      squares[j] += x * x
      if x >= 3 { shown[j] += 1 }
    }
  }
  let moments = (0..<genes).map { j in
    (mean: sums[j] / n, variance: squares[j] / n - (sums[j] / n) * (sums[j] / n))
  }
  return (moments, shown)
}

/// The variance of a gene that varies only by counting and the efficiency of capture.
struct NoiseModel {
  private let a, b: Double

  /// Fits b so that log(c e^−x + b) follows the lowest values of log(fano / mean) over x =
  /// log(mean). c is the commonest Fano factor, at least 1.
  init(means: [Double], fano: [Double]) {
    let x = means.map { log($0) }
    let y = zip(fano, means).map { log($0 / $1) }
    let (places, lowest) = lowestAlong(x, y, bins: 50)
    let c = max(exp(commonest(fano.map { log($0) }, bins: 200)), 1)
    b = minimum(from: 0.1) { b in
      zip(places, lowest).reduce(0) { $0 + abs(log(c * exp(-$1.0) + b) - $1.1) }
    }
    a = c / (1 + b) - 1
  }

  func score(mean: Double, fano: Double) -> Double { fano / ((1 + a) * (1 + b) + b * mean) }
}

/// The 0.1st percentile of y in each of that many bins of x. An empty bin gets the value of the bin
/// before; bins before the first value are left out.
private func lowestAlong(
  _ x: [Double], _ y: [Double], bins: Int
) -> (places: [Double], values: [Double]) {
  let (low, high) = (x.min() ?? 0, x.max() ?? 0)
  let width = (high - low) / Double(bins)
  var (places, values): ([Double], [Double]) = ([], [])
  for bin in 0..<bins {
    let place =
      low + width / 2 + Double(bin) * (high - low - width) / Double(bins - 1)
    let members = x.indices.filter { x[$0] >= place - width / 2 && x[$0] < place + width / 2 }
    guard let value = percentile(members.map { y[$0] }, 0.1) ?? values.last else { continue }
    places.append(place)
    values.append(value)
  }
  return (places, values)
}

/// The middle of the fullest of that many bins over the values' range, the first of equals.
private func commonest(_ values: [Double], bins: Int) -> Double {
  let (low, high) = (values.min() ?? 0, values.max() ?? 0)
  guard high > low else { return low }
  let counts = histogram(values, bins: bins, from: low, to: high)
  let fullest = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } ?? 0
  return low + (Double(fullest) + 0.5) * (high - low) / Double(bins)
}

/// The number of values in each of `bins` bins of equal width; the last includes its upper end.
func histogram(_ values: [Double], bins: Int, from low: Double, to high: Double) -> [Int] {
  var counts = [Int](repeating: 0, count: bins)
  for value in values {
    counts[min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += 1
  }
  return counts
}

/// By linear interpolation; nil for no values.
private func percentile(_ values: [Double], _ percent: Double) -> Double? {
  guard !values.isEmpty else { return nil }
  let sorted = values.sorted()
  let position = percent / 100 * Double(sorted.count - 1)
  let below = Int(position)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
}

/// The minimum of `function`, by the simplex of Nelder and Mead (1965) in one dimension, to 1e-4.
private func minimum(from start: Double, of function: (Double) -> Double) -> Double {
  var best = (x: start, value: function(start))
  var other = (x: 1.05 * start, value: function(1.05 * start))
  for _ in 0..<200 {
    if other.value < best.value { swap(&best, &other) }
    if abs(other.x - best.x) <= 1e-4 && abs(other.value - best.value) <= 1e-4 { break }
    func tried(_ share: Double) -> (x: Double, value: Double) {
      let x = best.x + share * (other.x - best.x)
      return (x, function(x))
    }
    let reflected = tried(-1)
    if reflected.value < best.value {
      let expanded = tried(-2)
      other = expanded.value < reflected.value ? expanded : reflected
      continue
    }
    let isOutside = reflected.value < other.value
    let contracted = tried(isOutside ? -0.5 : 0.5)
    let isBetter =
      isOutside ? contracted.value <= reflected.value : contracted.value < other.value
    other = isBetter ? contracted : tried(0.5)
  }
  return best.value <= other.value ? best.x : other.x
}
