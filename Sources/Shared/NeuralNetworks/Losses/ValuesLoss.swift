// The squared error of standardized values together with the linear head that explains them:
// mean_ij (d_i W_j + b_j − x_ij)². It is for the ablation of scTPF without its ZINB loss. D (N, H);
// W (H, G), b (1, G); X (N, G).
//
// With R = D W + 1 b − X and c = 2 / (N G): dW = c Dᵀ R, db = c Σ_i r_i, dD = c R Wᵀ. Neither D W
// nor X exists as a whole. Cells pass in tiles; each tile is one product, its residuals in place,
// and its share of the gradients. Sums run over tiles of fixed size in their order.

import Autodiff
import Tensors

/// Cells a tile.
private let cellTile = 512

/// Standardized values that the model explains. (N, G)
package enum ValuesTarget<S: EngineScalar>: Sendable {
  /// Sparse rows, written out one tile at a time.
  case rows(StandardizedValues<S>)
  /// The first G columns of rows that are formed already, such as hop products.
  case columns(Window<S>)

  var count: Int {
    switch self {
    case .rows(let values): values.count
    case .columns(let window): window.rows
    }
  }

  /// Writes a run of rows. (rows.count, G)
  func write(_ rows: Range<Int>, into dense: Window<S>) {
    switch self {
    case .rows(let values): values.write(rows, into: dense)
    case .columns(let window):
      precondition(window.columns >= dense.columns, "too few columns")
      // SAFETY: `slice` checks the rows. Both have the same number, and at least the copied
      // columns.
      unsafe S.kernels.copyColumns(
        dense.rows, dense.columns, window.slice(rows: rows).pointer, window.columns, dense.pointer,
        dense.columns, false)
    }
  }
}

extension Tape {
  /// weight · mean_ij (d_i W_j + b_j − x_ij)². Writes the gradients of the head and of `hidden` (N,
  /// H), and returns the mean, not weighted.
  package func valuesLoss(
    _ head: Dense, of hidden: Variable<S>, to target: ValuesTarget<S>, weight: S
  ) -> Double {
    let (kernel, bias) = (variable(head.kernel), variable(head.bias))
    let genes = kernel.value.columns
    precondition(
      hidden.rows == target.count && hidden.columns == kernel.value.rows,
      "values of \(target.count) cells for \(hidden.rows) × \(hidden.columns)")
    let (kernelSink, biasSink, hiddenSink) = (sink(for: kernel), sink(for: bias), sink(for: hidden))
    let scale = 2 * weight / S(max(1, hidden.rows * genes))
    let scratch = (0..<2).map { _ in
      workspace.window(rows: min(cellTile, hidden.rows), columns: genes)
    }
    let sums = workspace.window(rows: 1, columns: genes)
    var total = 0.0
    for number in 0..<tileCount(hidden.rows, of: cellTile) {
      let cells = tile(number, of: cellTile, in: hidden.rows)
      let (codes, residuals) = (
        hidden.value.slice(rows: cells), scratch[0].slice(rows: 0..<cells.count)
      )
      target.write(cells, into: residuals)
      addScaled(residuals, factor: -1, into: residuals, accumulating: false)
      multiply(codes, kernel.value, accumulating: true, into: residuals)
      addBias(bias.value, to: residuals, rectifying: false)
      total += sumOfSquares(
        of: residuals, squares: scratch[1].slice(rows: 0..<cells.count), sums: sums)
      addScaled(residuals, factor: scale, into: residuals, accumulating: false)
      if let sink = kernelSink {
        multiply(
          codes, residuals, transposeA: true, accumulating: number > 0 || sink.accumulates,
          into: sink.window)
      }
      if let sink = biasSink {
        columnSums(
          of: residuals, into: sink.window, accumulating: number > 0 || sink.accumulates,
          scratch: doubles)
      }
      if let sink = hiddenSink {
        multiply(
          residuals, kernel.value, transposeB: true, accumulating: sink.accumulates,
          into: sink.window.slice(rows: cells))
      }
    }
    return total / Double(max(1, hidden.rows * genes))
  }
}
