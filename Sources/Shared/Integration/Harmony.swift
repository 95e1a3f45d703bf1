// Harmony (Korsunsky et al. 2019, Nature Methods 16:1289). Soft k-means on the sphere prefers
// clusters of many batches, and each batch is corrected linearly within each cluster. Both
// alternate until neither changes. The defaults are those of the authors' programs. The order in
// which blocks of cells choose their clusters is drawn from the seed. Every sum runs over tiles of
// fixed size, so the number of threads changes nothing.
//
// N cells, d dimensions, B batches, K clusters.

import Glibc
import Tensors

/// The settings of the integration.
package struct HarmonyOptions: Sendable {
  /// θ: how strongly clusters of few batches are avoided.
  package var theta = 2.0
  /// σ: how soft clusters are.
  package var sigma = 0.1
  /// λ: the ridge of the correction.
  package var lambda = 1.0
  /// The largest number of turns of clustering and correction.
  package var rounds = 10
  package var seed: UInt64 = 0

  package init() {}
}

/// Coordinates of cells in which their batches are mixed.
package struct Harmony: Sendable {
  /// (N, d)
  package let corrected: Matrix<Float>
  /// The number of turns.
  package let rounds: Int
  /// Whether the objective had settled before the turns were over.
  package let hasConverged: Bool
  /// The objective (equation 3 of the paper) at the start and after every turn.
  package let objective: [Double]

  /// The number of clusters for that many cells: one for 30, 100 at most.
  package static func clusters(of cells: Int) -> Int {
    max(1, min(Int((Double(cells) / 30).rounded(.toNearestOrEven)), 100))
  }

  /// The least relative gain of a turn.
  private static let epsilon = 1e-4

  /// Corrects `points` (N, d).
  ///
  /// - Parameters:
  ///   - batches: the batch of every cell, from 0. (N)
  ///   - progress: called with the number of completed turns.
  /// - Throws: if there are fewer than two batches, a cell has none, or a coordinate is not finite.
  package init(
    of points: Matrix<Float>, batches: [Int], options: HarmonyOptions = HarmonyOptions(),
    progress: (_ round: Int) -> Void = { _ in }
  ) throws {
    precondition(batches.count == points.rows, "\(batches.count) batches, \(points.rows) cells")
    if let bad = points.elements.firstIndex(where: { !$0.isFinite }) {
      throw IntegrationFault(
        "the embedding: row \(bad / max(1, points.columns)) is not finite; compute it again")
    }
    if let none = batches.firstIndex(where: { $0 < 0 }) {
      throw IntegrationFault("cell \(none + 1) has no batch; give it one")
    }
    let codes = Set(batches).sorted()
    guard codes.count > 1 else {
      throw IntegrationFault(
        "all cells are of one batch, so there is nothing to integrate; leave --integrate out"
      )
    }
    let rank = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
    var clustering = try DiverseClustering(
      points, batches: batches.map { Int32(rank[$0] ?? 0) }, count: codes.count, options)
    var objective = [clustering.objective]
    var corrected = points
    var (turns, settled) = (0, false)
    while turns < options.rounds && !settled {
      clustering.settle(turn: turns)
      corrected = clustering.corrected(points, lambda: options.lambda)
      clustering.directions = corrected.onSphere()
      objective.append(clustering.objective)
      let (before, now) = (objective[objective.count - 2], objective[objective.count - 1])
      settled = (before - now) / abs(before) < Self.epsilon
      turns += 1
      progress(turns)
    }
    self.corrected = corrected
    self.objective = objective
    (rounds, hasConverged) = (turns, settled)
  }
}

extension Matrix<Float> {
  /// The rows scaled to length 1; rows of zeros do not change.
  func onSphere() -> Matrix<Float> {
    var result = self
    let width = columns
    parallelRows(of: &result) { rows, out in
      for r in 0..<rows.count {
        var square = 0.0
        for j in 0..<width { square += Double(out[r * width + j]) * Double(out[r * width + j]) }
        let scale = square > 0 ? Float(1 / square.squareRoot()) : 0
        for j in 0..<width { out[r * width + j] *= scale }
      }
    }
    return result
  }
}
