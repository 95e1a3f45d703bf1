// Scrublet (Wolock, Lopez and Klein 2019, Cell Systems 8:281). Pairs of cells of the sample are
// added to simulate doublets. Cells and simulated doublets are placed along the principal
// components of the cells. The score of a cell follows from the share of simulated doublets among
// its neighbors there.
//
// n cells of one sample, G genes, g of them variable, m = 2 n simulated doublets.

import Neighbors
import Tensors

/// The settings of the doublet detection.
package struct DoubletOptions: Sendable {
  /// The expected share of doublets: ρ.
  package var rate = 0.06
  /// Scores above it are doublets; nil for the minimum between the two modes of the simulated
  /// doublets' scores.
  package var threshold: Double?

  /// The largest share of a sample's cells that the computed threshold may call doublets. It is
  /// five times ρ, but at most the middle between ρ and all cells, and at least 0.3. With few
  /// scores the modes are often chance, and may be below all cells.
  package var largestShare: Double { max(0.3, min(5 * rate, (1 + rate) / 2)) }

  package var seed: UInt64 = 0
  /// The number of the sample; each has its own random numbers.
  package var sample = 0

  package init() {}
}

/// How likely each cell of a sample is a doublet.
package struct DoubletScores: Sendable {
  /// Between 0 and 1. (n)
  package let scores: [Double]
  /// The scores of the simulated doublets. (m)
  package let simulated: [Double]
  /// Scores above it are doublets. nil if the simulated doublets' scores do not have two modes, or
  /// the minimum between them was refused; then nothing is called a doublet.
  package let threshold: Double?
  /// The number of cells that the minimum between the modes would call doublets, if it exceeds the
  /// largest share of the options; else nil.
  package let refusedCalls: Int?

  /// Simulated doublets for each cell.
  static let ratio = 2
  static let components = 30
  /// Fewer cells are refused.
  package static let fewestCells = 30
  /// Points whose neighbors are held at a time.
  private static let block = 16_384

  /// Scores the cells at `rows` of `counts` (N, G), which belong to one sample.
  ///
  /// - Parameter progress: called with the number of points with known neighbors, rising, and of
  ///   all points, from any thread.
  /// - Throws: if there are too few cells, too few genes that vary, or a search fails.
  package init(
    of counts: SparseMatrix<Float>, rows: [Int], options: DoubletOptions = DoubletOptions(),
    progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    guard rows.count >= Self.fewestCells else {
      throw DoubletsFault(
        "\(rows.count) cells are too few to find doublets among them; \(Self.fewestCells) are needed"
      )
    }
    let totals = counts.rowSums(of: rows)
    let genes = genesAboveNoise(of: counts, rows: rows, totals: totals)
    guard genes.count >= 3 else {
      throw DoubletsFault(
        "\(genes.count == 1 ? "1 gene varies and has" : "\(genes.count) genes vary and have") 3 counts in 3 cells, which is too few to find doublets; check whether these are counts of whole cells"
      )
    }
    let cells = counts.selecting(rows: rows, columns: genes)
    let pairs = simulatedPairs(
      cells: rows.count, seed: options.seed.stream(.doublets, options.sample))
    let points = try DoubletScores.layout(cells, totals, pairs)
    let share = try DoubletScores.simulatedShare(of: points, cells: rows.count, progress)
    let all = share.map { DoubletScores.likelihood(simulatedShare: $0, rate: options.rate) }
    scores = Array(all[..<rows.count])
    simulated = Array(all[rows.count...])
    let found = options.threshold == nil ? minimumBetweenModes(of: simulated) : nil
    let calls = found.map { limit in all[..<rows.count].count { $0 > limit } } ?? 0
    let isRefused = Double(calls) > options.largestShare * Double(rows.count)
    threshold = options.threshold ?? (isRefused ? nil : found)
    refusedCalls = isRefused ? calls : nil
  }

  /// Which cells are doublets: those with a score above the threshold. (n)
  package var calls: [Bool] {
    guard let threshold else { return scores.map { _ in false } }
    return scores.map { $0 > threshold }
  }

  /// The share of the simulated doublets that the threshold finds; nil without one.
  package var detectableFraction: Double? {
    guard let threshold else { return nil }
    return Double(simulated.count { $0 > threshold }) / Double(simulated.count)
  }

  /// L = q ρ / r / (1 − ρ − q (1 − ρ − ρ / r)), the paper's likelihood by Bayes' rule, with r = m /
  /// n and q the share of simulated neighbors.
  static func likelihood(simulatedShare q: Double, rate rho: Double) -> Double {
    let r = Double(ratio)
    return q * rho / r / (1 - rho - q * (1 - rho - rho / r))
  }

  /// The coordinates of the cells, then of the simulated doublets, along the cells' principal
  /// components. (n + m, k)
  ///
  /// Counts are scaled to a million a cell and standardized by the cells' means and deviations
  /// (divisor n), without logarithms, as Scrublet does.
  private static func layout(
    _ cells: SparseMatrix<Float>, _ totals: [Double], _ pairs: [(Int, Int)]
  ) throws -> Matrix<Float> {
    let scaled = cells.mapEntries { row, x in Float(Double(x) * 1e6 / totals[row]) }
    let (mean, deviation) = columnMoments(of: scaled)
    let found = try PrincipalComponents(
      of: StandardizedMatrix(values: scaled, mean: mean, standardDeviation: deviation),
      count: components)
    var doublets = RowBuilder<Float>(
      columns: cells.columns, expecting: 2 * ratio * cells.entryCount)
    for (a, b) in pairs { doublets.appendSum(of: cells, a, b, total: totals[a] + totals[b]) }
    let others = projected(doublets.matrix, mean, deviation, onto: found.loadings)
    var points = Matrix<Float>(
      uninitializedRows: cells.rows + others.rows, columns: others.columns)
    var out = points.elements.mutableSpan
    let (first, second) = (found.scores.elements.span, others.elements.span)
    for i in first.indices { out[i] = first[i] }
    for i in second.indices { out[first.count + i] = second[i] }
    return points
  }

  /// (S − 1 mᵀ) D⁻¹ Vᵀ. (m, g), (g), (g), (k, g) → (m, k)
  private static func projected(
    _ values: SparseMatrix<Float>, _ mean: Buffer<Float>, _ deviation: Buffer<Float>,
    onto loadings: Matrix<Float>
  ) -> Matrix<Float> {
    let (genes, count) = (values.columns, loadings.rows)
    var weights = Matrix<Double>(uninitializedRows: genes, columns: count)
    var offset = [Double](repeating: 0, count: count)
    for b in 0..<count {
      let direction = loadings.row(b)
      for j in 0..<genes {
        let weight = Double(direction[j]) / Double(deviation[j])
        weights[j, b] = weight
        offset[b] += Double(mean[j]) * weight
      }
    }
    var product = Matrix<Double>(uninitializedRows: values.rows, columns: count)
    multiply(values, rows: 0..<values.rows, weights, into: &product)
    let source = product
    return Matrix(
      rows: values.rows, columns: count,
      elements: parallelMap(values.rows * count, tileSize: 65536) { [offset] i in
        Float(source.elements[i] - offset[i % count])
      })
  }

  /// (d + 1) / (k' + 2), d the simulated doublets among a point's k' nearest others; k' = k (1 +
  /// r), k = √n / 2. (n + m)
  private static func simulatedShare(
    of points: Matrix<Float>, cells: Int, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> [Double] {
    let k = (0.5 * Double(cells).squareRoot()).rounded(.toNearestOrEven)
    let count = min(
      points.rows - 1, Int((k * Double(1 + ratio)).rounded(.toNearestOrEven)))
    var shares: [Double] = []
    // By blocks, so that only the neighbors of one block are held.
    for number in 0..<tileCount(points.rows, of: block) {
      let rows = Array(tile(number, of: block, in: points.rows))
      let (before, all) = (shares.count, points.rows)
      let found = try NearestNeighbors(
        of: points.selectingRows(rows), among: points, count: count, selves: rows
      ) { progress(before + $0, all) }
      let neighbors = found.indices
      shares += parallelMap(rows.count) { i in
        let row = neighbors.row(i)
        var simulated = 0
        for j in row.indices where Int(row[j]) >= cells { simulated += 1 }
        return Double(simulated + 1) / Double(count + 2)
      }
    }
    return shares
  }
}

/// Pairs of cells to add, `ratio` for each cell. A cell may be paired with itself, as in Scrublet.
func simulatedPairs(cells: Int, seed: UInt64) -> [(Int, Int)] {
  var generator = RandomGenerator(seed: seed)
  return (0..<DoubletScores.ratio * cells).map { _ in
    let first = generator.integer(below: cells)
    return (first, generator.integer(below: cells))
  }
}

extension RowBuilder<Float> {
  /// Adds the sum of two rows of counts, scaled to a million.
  fileprivate mutating func appendSum(
    of cells: SparseMatrix<Float>, _ a: Int, _ b: Int, total: Double
  ) {
    let (starts, gene, value) = (cells.indptr.span, cells.indices.span, cells.values.span)
    var (p, q) = (starts[a], starts[b])
    let (endA, endB) = (starts[a + 1], starts[b + 1])
    while p < endA || q < endB {
      let left = p < endA ? gene[p] : .max
      let right = q < endB ? gene[q] : .max
      var sum = 0.0
      if left <= right {
        sum += Double(value[p])
        p += 1
      }
      if right <= left {
        sum += Double(value[q])
        q += 1
      }
      append(min(left, right), Float(sum * 1e6 / total))
    }
    endRow()
  }
}
