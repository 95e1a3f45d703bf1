// Counts whose means are shares of a cell's total (scVI: Lopez et al. 2018, in the form of DCCA):
// mean_i Σ_j −log NB(x_ij | μ_ij, θ_ij), μ_i = s_i softmax(a_i), θ = exp(b). With a dropout o it is
// the zero-inflated form, π = sigmoid(o). a, b, o (N, G) are the outputs of linear layers, x (N, G)
// counts. s (N) are the cells' totals, or e^ℓ of logarithms ℓ (N, 1) that a model computes.
//
// The softmax needs all genes of a cell. So a cell is one row of a kernel, which passes over it
// twice before the gradients and once after. Steps are batches: a step may hold (N, G).

import Autodiff
import Glibc
import Tensors

/// Cells a task.
private let cellTile = 8
/// A larger ℓ gives the total of this limit, and has no gradient.
private let largestLogTotal = 30.0

/// The outputs of the linear layers before a scaled count loss, each (N, G).
package struct ScaledCountLogits<S: EngineScalar> {
  /// a: the logarithms of the shares, up to a constant.
  package let shares: Variable<S>
  /// b: the logarithms of the dispersions.
  package let dispersions: Variable<S>
  /// o; nil without zero inflation.
  package let dropouts: Variable<S>?
  /// ℓ: the logarithm of each cell's total; nil: the target's size factors are the totals. (N, 1)
  package let logTotals: Variable<S>?

  package init(
    shares: Variable<S>, dispersions: Variable<S>, dropouts: Variable<S>? = nil,
    logTotals: Variable<S>? = nil
  ) {
    (self.shares, self.dispersions, self.dropouts) = (shares, dispersions, dropouts)
    self.logTotals = logTotals
  }
}

extension Tape {
  /// weight · mean_i Σ_j −log NB, zero-inflated if there are dropouts. Writes the gradients of the
  /// logits, and returns the mean, not weighted.
  package func scaledCountLoss(
    of logits: ScaledCountLogits<S>, to target: CountTarget<S>, weight: S
  ) -> Double {
    let (cells, genes) = (logits.shares.rows, logits.shares.columns)
    let inputs = [logits.shares, logits.dispersions] + [logits.dropouts].compactMap(\.self)
    precondition(
      target.counts.rows == cells && target.counts.columns == genes
        && inputs.allSatisfy { $0.rows == cells && $0.columns == genes }
        && logits.logTotals?.rows ?? cells == cells,
      "a loss of \(cells) × \(genes) against \(target.counts.rows) × \(target.counts.columns)")
    let places = inputs.map { GradientPlace(for: $0, on: self) }
    let tiles = tileCount(cells, of: cellTile)
    let scratch = workspace.window(rows: tiles, columns: 8 * genes)
    let losses = doubles.window(rows: 1, columns: max(1, tiles))
    let totals = CellTotals(of: logits, or: target, on: self)
    let (counts, scale) = (target.counts, weight / S(max(1, cells)))
    parallelTiles(tiles) { number in
      let rows = tile(number, of: cellTile, in: cells)
      let own = places.map { $0.filled(rows) }
      // SAFETY: logits and counts have a row of all genes for every cell (checked); tiles do not
      // overlap.
      losses[0, number] = unsafe S.kernels.scaledNB(
        rows.count, genes, rows.lowerBound, own[0].pointer, own[1].pointer,
        own.count > 2 ? own[2].pointer : nil, counts.indptr.pointer, counts.indices.pointer,
        counts.values.pointer, totals.values.pointer, totals.gradient?.pointer, scale,
        scratch.slice(rows: number..<number + 1).pointer)
    }
    for place in places { place.finish() }
    totals.finish(on: self)
    let total = (0..<tiles).reduce(target.constants.reduce(0, +)) { $0 + losses[0, $1] }
    return total / Double(max(1, cells))
  }

  /// weight · mean_i Σ_j of −log p_ij for counts above 0 and −log(1 − p_ij) for zeros. p is the
  /// sigmoid of the logits (N, M); 1e-8 is added to each probability. Writes the gradient of the
  /// logits, and returns the mean, not weighted.
  package func bernoulliLoss(of logits: Variable<S>, to target: CountTarget<S>, weight: S) -> Double
  {
    let (cells, features) = (logits.rows, logits.columns)
    precondition(
      target.counts.rows == cells && target.counts.columns == features,
      "a loss of \(cells) × \(features) against \(target.counts.rows) × \(target.counts.columns)")
    let place = GradientPlace(for: logits, on: self)
    let tiles = tileCount(cells, of: cellTile)
    let scratch = workspace.window(rows: tiles, columns: 5 * features)
    let losses = doubles.window(rows: 1, columns: max(1, tiles))
    let (counts, scale) = (target.counts, weight / S(max(1, cells)))
    parallelTiles(tiles) { number in
      let rows = tile(number, of: cellTile, in: cells)
      // SAFETY: as above.
      losses[0, number] = unsafe S.kernels.bernoulli(
        rows.count, features, rows.lowerBound, place.filled(rows).pointer,
        counts.indptr.pointer, counts.indices.pointer, counts.values.pointer, scale,
        scratch.slice(rows: number..<number + 1).pointer)
    }
    place.finish()
    return (0..<tiles).reduce(0) { $0 + losses[0, $1] } / Double(max(1, cells))
  }
}

/// The totals of which the means of a cell's counts are shares.
private struct CellTotals<S: EngineScalar>: Sendable {
  /// (N, 1)
  let values: Window<S>
  /// The gradient of their logarithms, if needed. (N, 1)
  let gradient: Window<S>?
  private let logarithms: Variable<S>?

  init(of logits: ScaledCountLogits<S>, or target: CountTarget<S>, on tape: Tape<S>) {
    let cells = logits.shares.rows
    logarithms = logits.logTotals
    values = tape.workspace.window(rows: cells, columns: 1)
    gradient = logarithms.map { tape.workspace.window(rows: $0.rows, columns: 1) }
    for i in 0..<cells {
      values[i, 0] =
        logarithms.map { S(exp(Self.limited($0.value[i, 0]))) } ?? target.sizeFactors[i]
    }
  }

  private static func limited(_ logarithm: S) -> Double {
    min(max(Double(logarithm), -largestLogTotal), largestLogTotal)
  }

  /// Passes the gradient on, except beyond the limits.
  func finish(on tape: Tape<S>) {
    guard let logarithms, let gradient, let sink = tape.sink(for: logarithms) else { return }
    for i in 0..<gradient.rows where abs(Double(logarithms.value[i, 0])) > largestLogTotal {
      gradient[i, 0] = 0
    }
    addScaled(gradient, factor: 1, into: sink.window, accumulating: sink.accumulates)
  }
}

/// Memory whose values a kernel turns into their gradient. It is that of the gradient itself if
/// nothing was written there yet.
private struct GradientPlace<S: EngineScalar>: Sendable {
  private let values: Window<S>
  private let window: Window<S>
  /// The gradient that the values are added to afterwards.
  private let sum: Window<S>?

  init(for variable: Variable<S>, on tape: Tape<S>) {
    values = variable.value
    let sink = tape.sink(for: variable)
    let isFree = sink.map { !$0.accumulates } ?? false
    sum = isFree ? nil : sink?.window
    if isFree, let sink {
      window = sink.window
    } else {
      window = tape.workspace.window(rows: variable.rows, columns: variable.columns)
    }
  }

  /// Some rows, with their values.
  func filled(_ rows: Range<Int>) -> Window<S> {
    let part = window.slice(rows: rows)
    addScaled(values.slice(rows: rows), factor: 1, into: part, accumulating: false)
    return part
  }

  /// Adds the gradient to one that was written before.
  func finish() {
    if let sum { addScaled(window, factor: 1, into: sum, accumulating: true) }
  }
}
