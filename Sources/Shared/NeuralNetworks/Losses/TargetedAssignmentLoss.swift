// The assignment loss with given clusters: mean_i KL(p_i ‖ q_i) with q_i the one-hot of cell i's
// target, both clipped to [1e-7, 1]. It is for diagnosis, one evaluation for a whole training. So
// it is written without kernels, in Double.
//
//   u_j = (1 + ‖z − Ω_j‖²)⁻¹,  p_j = u_j / Σ u,  g_j = ∂KL/∂p_j = log(p_j / q_j) + 1
//   ∂KL/∂z = Σ_j −2 u_j p_j (g_j − Σ_l g_l p_l) (z − Ω_j)
//   ∂KL/∂Ω_j: term j with the opposite sign

import Autodiff
import Glibc
import Tensors

private let cellTile = 1024

extension Tape {
  /// weight · mean_i KL(p_i ‖ q_i) over N cells. `targets` holds the cluster of every cell, or −1
  /// for a cell without one, whose loss and gradient are 0. Writes the gradients of `codes` (N, D)
  /// and `centers` (K, D), and returns the mean, not weighted.
  package func assignmentLoss(
    of codes: Variable<S>, to centers: Variable<S>, targets: Buffer<Int32>, weight: S,
    floor: S = 1e-7
  ) -> Double {
    let (n, k, d) = (codes.rows, centers.rows, codes.columns)
    precondition(targets.count == n && centers.columns == d, "\(targets.count) targets, \(n) cells")
    let tiles = tileCount(n, of: cellTile)
    let codesSink = sink(for: codes)
    let centerSums = doubles.window(rows: tiles, columns: k * d)
    let losses = doubles.window(rows: 1, columns: tiles)
    centerSums.fill(with: 0)
    let scale = Double(weight) / Double(n)
    parallelTiles(tiles) { number in
      var total = 0.0
      for i in tile(number, of: cellTile, in: n) {
        let target = Int(targets[i])
        precondition(target < k, "the target of cell \(i) is \(target) of \(k) clusters")
        let pull =
          target < 0
          ? nil
          : AssignmentPull(
            z: (0..<d).map { Double(codes.value[i, $0]) }, centers.value, target, Double(floor))
        total += pull?.loss ?? 0
        for c in 0..<d {
          var sum = 0.0
          for j in 0..<k {
            let step = scale * (pull?.factors[j] ?? 0) * (pull?.differences[j * d + c] ?? 0)
            sum += step
            centerSums[number, j * d + c] -= step
          }
          if let sink = codesSink {
            sink.window[i, c] = S((sink.accumulates ? Double(sink.window[i, c]) : 0) + sum)
          }
        }
      }
      losses[0, number] = total
    }
    if let sink = sink(for: centers) { add(centerSums, into: sink) }
    return (0..<tiles).reduce(0) { $0 + losses[0, $1] } / Double(n)
  }
}

/// The gradients that one cell's divergence from its target gives its code and the centers.
private struct AssignmentPull {
  /// KL(p ‖ q).
  var loss = 0.0
  /// −2 u_j p_j (g_j − Σ_l g_l p_l). (K)
  var factors: [Double]
  /// z − Ω_j, one center after the other. (K · D)
  let differences: [Double]

  init<S: EngineScalar>(z: [Double], _ centers: Window<S>, _ target: Int, _ floor: Double) {
    let (k, d) = (centers.rows, centers.columns)
    differences = (0..<k * d).map { z[$0 % d] - Double(centers[$0 / d, $0 % d]) }
    let between = differences
    let u = (0..<k).map { j in
      1 / (1 + between[j * d..<(j + 1) * d].reduce(0) { $0 + $1 * $1 })
    }
    let sum = u.reduce(0, +)
    var slopes = [Double](repeating: 0, count: k)
    var mean = 0.0
    for j in 0..<k {
      let p = u[j] / sum
      let clipped = max(p, floor)
      let ratio = log(clipped / (j == target ? 1 : floor))
      loss += clipped * ratio
      slopes[j] = p >= floor ? ratio + 1 : 0
      mean += slopes[j] * p
    }
    factors = (0..<k).map { -2 * u[$0] * u[$0] / sum * (slopes[$0] - mean) }
  }
}
