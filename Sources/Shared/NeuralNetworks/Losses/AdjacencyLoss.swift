// The loss of the bilinear adjacency decoder (scTPF, section on L_SS): mean_ij (A_ij − sigmoid(Y M
// Yᵀ)_ij)². The mean is over all N² pairs of cells, or over a sample. Y (N, E); M (E, E), not
// symmetric; A binary, in compressed rows.
//
// With V = Y M and R the gradient of a tile of logits: dY_J += R_IJᵀ V_I, dV_I += R_IJ Y_J; then dM
// = Yᵀ dV, dY += dV Mᵀ. The pairs are computed in square tiles that stay in the cache. Row tiles I
// follow each other; the column tiles J of one I run side by side. Each J owns its dY_J and keeps
// its share of dV_I apart; the shares are added in the order of J. Memory O(N E), no N × N array.

import Autodiff
import Tensors

/// Cells on each side of a tile.
private let side = 256

/// The pairs of cells that the loss compares: A among some cells, and the weights of their pairs in
/// the mean over all N² pairs.
package struct AdjacencyTarget<S: EngineScalar>: Sendable {
  /// Binary; a cell may be its own neighbor. (B, B)
  package let adjacency: SparseMatrix<S>
  /// The weight of a pair of two cells, and of a cell with itself.
  let pairWeight: Double
  let ownWeight: Double

  /// All pairs of all cells, each 1/N².
  package init(all adjacency: SparseMatrix<S>) {
    self.adjacency = adjacency
    pairWeight = 1 / (Double(adjacency.rows) * Double(adjacency.rows))
    ownWeight = pairWeight
  }

  /// The pairs among B cells drawn at random from N, for an unbiased estimate of the mean over all
  /// pairs. A cell meets itself in N of the N² pairs. So the estimate is 1/N of the sample's mean
  /// over its cells, and 1 − 1/N of its mean over pairs of two cells.
  package init(amongSample adjacency: SparseMatrix<S>, of cellCount: Int) {
    let (b, n) = (Double(adjacency.rows), Double(cellCount))
    self.adjacency = adjacency
    ownWeight = 1 / (n * b)
    pairWeight = b > 1 ? (1 - 1 / n) / (b * (b - 1)) : ownWeight
  }
}

extension Tape {
  /// weight · mean_ij (A_ij − sigmoid(Y M Yᵀ)_ij)². Writes the gradients of `codes` (B, E) and
  /// `bilinear` (E, E), and returns the mean, not weighted.
  package func adjacencyLoss(
    of codes: Variable<S>, bilinear: Variable<S>, to target: AdjacencyTarget<S>, weight: S
  ) -> Double {
    let (n, e) = (codes.rows, codes.columns)
    precondition(
      target.adjacency.rows == n && target.adjacency.columns == n && bilinear.rows == e
        && bilinear.columns == e, "adjacency loss of \(n) × \(e) codes")
    let left = workspace.window(rows: n, columns: e)
    multiply(codes.value, bilinear.value, into: left)
    let sweep = AdjacencySweep(
      left: left, codes: codes.value, target: target, weight: weight, on: self)
    let total = sweep.run()
    if let sink = sink(for: bilinear) {
      multiply(
        codes.value, sweep.leftGradient, transposeA: true, accumulating: sink.accumulates,
        into: sink.window)
    }
    if let sink = sink(for: codes) {
      addScaled(
        sweep.codesGradient, factor: 1, into: sink.window, accumulating: sink.accumulates)
      multiply(
        sweep.leftGradient, bilinear.value, transposeB: true, accumulating: true,
        into: sink.window)
    }
    return total * target.pairWeight
  }
}

/// The memory and the shapes of one pass over all pairs.
private struct AdjacencySweep<S: EngineScalar>: Sendable {
  let left: Window<S>
  let codes: Window<S>
  let adjacency: SparseMatrix<S>
  let scale: S
  /// The weight of a cell's pair with itself; a pair of two cells has weight 1.
  let own: S
  let tiles: Int
  /// dV (N, E), and dY without its part through V (N, E).
  let leftGradient: Window<S>
  let codesGradient: Window<S>
  /// A tile of logits for every thread.
  let logits: Window<S>
  let scratch: Window<S>
  /// Every column tile's share of dV_I. (tiles, side · E)
  let shares: Window<S>
  let losses: Window<Double>

  init(
    left: Window<S>, codes: Window<S>, target: AdjacencyTarget<S>, weight: S, on tape: Tape<S>
  ) {
    self.left = left
    self.codes = codes
    adjacency = target.adjacency
    let (n, e) = (codes.rows, codes.columns)
    scale = weight * S(target.pairWeight)
    own = S(target.ownWeight / target.pairWeight)
    tiles = tileCount(n, of: side)
    leftGradient = tape.workspace.window(rows: n, columns: e)
    codesGradient = tape.workspace.window(rows: n, columns: e)
    logits = tape.workspace.window(rows: Threads.count, columns: side * side)
    scratch = tape.workspace.window(rows: Threads.count, columns: 3 * side)
    shares = tape.workspace.window(rows: tiles, columns: side * e)
    losses = tape.doubles.window(rows: 1, columns: tiles)
  }

  func run() -> Double {
    var total = 0.0
    for number in 0..<tiles {
      let rows = tile(number, of: side, in: codes.rows)
      parallelTiles(tiles) { column, worker in
        losses[0, column] = sweep(rows, column, isFirst: number == 0, worker: worker)
      }
      total += (0..<tiles).reduce(0) { $0 + losses[0, $1] }
      let out = leftGradient.slice(rows: rows)
      for column in 0..<tiles {
        let share = shares.slice(rows: column..<column + 1)
          .window(at: 0, rows: rows.count, columns: codes.columns)
        addScaled(share, factor: 1, into: out, accumulating: column > 0)
      }
    }
    return total
  }

  /// One tile: logits, the kernel, both products of its gradient.
  private func sweep(_ rows: Range<Int>, _ column: Int, isFirst: Bool, worker: Int) -> Double {
    let columns = tile(column, of: side, in: codes.rows)
    let (m, n, e) = (rows.count, columns.count, codes.columns)
    // SAFETY: all places are inside windows whose shapes `init` set. Column tiles, and workers,
    // write to separate places.
    let logit = unsafe logits.slice(rows: worker..<worker + 1).pointer
    let v = unsafe left.pointer + rows.lowerBound * e
    let y = unsafe codes.pointer + columns.lowerBound * e
    unsafe S.blasGemm(false, true, m, n, e, 1, v, e, y, e, 0, logit, n)
    let loss = unsafe S.kernels.adjacency(
      m, n, rows.lowerBound, columns.lowerBound, logit, n, adjacency.indptr.pointer,
      adjacency.indices.pointer, scale, own, scratch.slice(rows: worker..<worker + 1).pointer)
    unsafe S.blasGemm(
      true, false, n, e, m, 1, logit, n, v, e, isFirst ? 0 : 1,
      codesGradient.pointer + columns.lowerBound * e, e)
    unsafe S.blasGemm(
      false, false, m, e, n, 1, logit, n, y, e, 0,
      shares.slice(rows: column..<column + 1).pointer, e)
    return loss
  }
}
