// The pseudo-supervised loss: mean_i KL(p_i ‖ q_i) with p_ij = (1 + ‖z_i − Ω_j‖²)⁻¹ / Σ_j' (1 +
// ‖z_i − Ω_j'‖²)⁻¹. It is scTPF's equation 4, in the argument order of the released program. For a
// reliable cell q_i is the one-hot of its assignment; for others it is p_i held constant. Both are
// clipped to [1e-7, 1]. z (N, D); Ω (K, D).

import Autodiff
import Tensors

private let cellTile = 1024

/// Student-t soft assignments of cells to centers. (N, D) (K, D) → (N, K), rows summing to 1
package func softAssignment<S: EngineScalar>(of codes: Window<S>, to centers: Window<S>)
  -> Matrix<S>
{
  precondition(codes.columns == centers.columns, "codes and centers of different width")
  var result = Matrix<S>(uninitializedRows: codes.rows, columns: centers.rows)
  let out = Window(writing: &result)
  parallelTiles(tileCount(codes.rows, of: cellTile)) { number in
    let rows = tile(number, of: cellTile, in: codes.rows)
    // SAFETY: shapes are checked above; tiles are disjoint rows.
    unsafe S.kernels.softAssignment(
      rows.count, centers.rows, codes.columns, codes.slice(rows: rows).pointer, centers.pointer,
      out.slice(rows: rows).pointer)
  }
  return result
}

extension Tape {
  /// weight · mean_i KL(p_i ‖ q_i). `reliable` holds 1 for every cell of Θ and 0 for the others.
  /// Writes the gradients of `codes` (N, D) and `centers` (K, D), and returns the mean, not
  /// weighted.
  package func assignmentLoss(
    of codes: Variable<S>, to centers: Variable<S>, reliable: Buffer<UInt8>, weight: S,
    floor: S = 1e-7
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(
      reliable.count == n && centers.columns == d, "\(reliable.count) marks for \(n) cells")
    return meanDivergence(of: codes, to: centers) { rows, sink, sums, scratch in
      // SAFETY: shapes are checked above; a tile writes only its rows, sums and scratch.
      unsafe S.kernels.assignmentKL(
        rows.count, k, d, codes.value.slice(rows: rows).pointer, centers.value.pointer,
        reliable.pointer + rows.lowerBound, floor, weight / S(n), sink.window.pointer,
        sink.accumulates ? 1 : 0, sums.pointer, scratch.pointer)
    }
  }

  /// The mean over N cells of a divergence that `tileLoss` sums over a tile of them.
  ///
  /// - Parameter tileLoss: returns the sum over the tile. It writes the gradient of the tile's
  ///   codes (B, D) and adds to its sums for the centers (1, K · D). It may use scratch (1, 3 K).
  func meanDivergence(
    of codes: Variable<S>, to centers: Variable<S>,
    _ tileLoss:
      @Sendable (
        _ rows: Range<Int>, _ codes: GradientSink<S>, _ centerSums: Window<Double>,
        _ scratch: Window<S>
      ) -> Double
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    let tiles = tileCount(n, of: cellTile)
    let scratch = workspace.window(rows: tiles, columns: 3 * k)
    let spare = workspace.window(rows: codes.needsGradient ? 0 : n, columns: d)
    let codesSink = sink(for: codes) ?? GradientSink(window: spare, accumulates: false)
    let centerSums = doubles.window(rows: tiles, columns: k * d)
    let losses = doubles.window(rows: 1, columns: tiles)
    centerSums.fill(with: 0)
    parallelTiles(tiles) { number in
      let rows = tile(number, of: cellTile, in: n)
      let own = GradientSink(
        window: codesSink.window.slice(rows: rows), accumulates: codesSink.accumulates)
      losses[0, number] = tileLoss(
        rows, own, centerSums.slice(rows: number..<number + 1),
        scratch.slice(rows: number..<number + 1))
    }
    if let sink = sink(for: centers) { add(centerSums, into: sink) }
    return (0..<tiles).reduce(0) { $0 + losses[0, $1] } / Double(n)
  }

  /// The sums of all tiles, in their order.
  func add(_ sums: Window<Double>, into sink: GradientSink<S>) {
    for j in 0..<sink.window.rows {
      for d in 0..<sink.window.columns {
        var total = sink.accumulates ? Double(sink.window[j, d]) : 0
        for number in 0..<sums.rows { total += sums[number, j * sink.window.columns + d] }
        sink.window[j, d] = S(total)
      }
    }
  }
}
