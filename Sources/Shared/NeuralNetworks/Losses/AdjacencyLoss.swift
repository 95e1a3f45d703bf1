// The loss of the bilinear adjacency decoder: mean_ij (A_ij − sigmoid(Y M Yᵀ)_ij)², over all N² pairs (scTPF, section on L_SS).
// Y (N, E); M (E, E), not symmetric; A binary, in compressed rows.
//
// With V = Y M and R the gradient of a tile of logits: dY_J += R_IJᵀ V_I, dV_I += R_IJ Y_J; then dM = Yᵀ dV, dY += dV Mᵀ.
// The pairs pass in square tiles that stay in the cache. Row tiles I follow each other; the column tiles J of one I run side by side: each owns
// its dY_J, and leaves its share of dV_I apart, to be added in the order of J. Memory O(N E), no N × N array.

import Autodiff
import Tensors

/// Cells on each side of a tile.
private let side = 256

extension Tape {
  /// weight · mean_ij (A_ij − sigmoid(Y M Yᵀ)_ij)²; writes the gradients of `codes` (N, E) and `bilinear` (E, E), returns the mean, not weighted.
  package func adjacencyLoss(
    of codes: Variable<S>, bilinear: Variable<S>, to adjacency: SparseMatrix<S>, weight: S
  ) -> Double {
    let (n, e) = (codes.rows, codes.columns)
    precondition(
      adjacency.rows == n && adjacency.columns == n && bilinear.rows == e && bilinear.columns == e,
      "adjacency loss of \(n) × \(e) codes")
    let left = workspace.window(rows: n, columns: e)
    multiply(codes.value, bilinear.value, into: left)
    let sweep = AdjacencySweep(
      left: left, codes: codes.value, adjacency: adjacency, weight: weight, on: self)
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
    return total / (Double(n) * Double(n))
  }
}

/// The memory and the shapes of one pass over all pairs.
private struct AdjacencySweep<S: EngineScalar>: Sendable {
  let left: Window<S>
  let codes: Window<S>
  let adjacency: SparseMatrix<S>
  let scale: S
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
    left: Window<S>, codes: Window<S>, adjacency: SparseMatrix<S>, weight: S, on tape: Tape<S>
  ) {
    self.left = left
    self.codes = codes
    self.adjacency = adjacency
    let (n, e) = (codes.rows, codes.columns)
    scale = weight / S(n) / S(n)
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
    // SAFETY: all places lie inside windows whose shapes `init` set; column tiles, and workers, write apart from each other.
    let logit = unsafe logits.slice(rows: worker..<worker + 1).pointer
    let v = unsafe left.pointer + rows.lowerBound * e
    let y = unsafe codes.pointer + columns.lowerBound * e
    unsafe S.blasGemm(false, true, m, n, e, 1, v, e, y, e, 0, logit, n)
    let loss = unsafe S.kernels.adjacency(
      m, n, rows.lowerBound, columns.lowerBound, logit, n, adjacency.indptr.pointer,
      adjacency.indices.pointer, scale, scratch.slice(rows: worker..<worker + 1).pointer)
    unsafe S.blasGemm(
      true, false, n, e, m, 1, logit, n, v, e, isFirst ? 0 : 1,
      codesGradient.pointer + columns.lowerBound * e, e)
    unsafe S.blasGemm(
      false, false, m, e, n, 1, logit, n, y, e, 0,
      shares.slice(rows: column..<column + 1).pointer, e)
    return loss
  }
}
