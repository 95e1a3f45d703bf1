// scziDesk: scDeepCluster's layers with deep soft k-means and a loss between pairs of cells (Chen,
// Wang, Zhai, Deng: NAR Genomics and Bioinformatics 2(2), lqaa039, 2020). It reads no graph.
// Batches of B cells, G genes, K clusters; one code serves all losses, the noisy one.
//
//   Z = encoder(X + σ n)                                            (B, 32)
//   pretraining: mean −log ZINB(x | π, μ, θ) + mean π²
//   clustering: that + α L_dk + γ L_kl
//   L_dk = mean_i Σ_j w_ij ‖z_i − V_j‖²
//   L_kl = mean_i KL(p_i ‖ q_i) over the pairs of the batch

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scziDesk: scDeepCluster's layers with other losses.
package struct ScziDesk<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "sczidesk" }

  /// The weights of its losses beside the likelihood.
  package struct Weights: Sendable, Equatable {
    /// The weight of mean π².
    package var ridge = 1.0
    /// α: of the distances to the centers.
    package var centers = 0.001
    /// γ: of the mean over the cells of a batch. The paper's is 0.001 of their sum, 256 cells in a
    /// batch.
    package var pairs = 0.256

    package init() {}
  }

  /// Layers and centers.
  package let base: ScDeepCluster<S>
  package let weights: Weights

  package init(_ base: ScDeepCluster<S>, _ weights: Weights = Weights()) {
    (self.base, self.weights) = (base, weights)
  }

  package var parameters: Parameters<S> { base.parameters }
  package var centers: Parameter? { base.centers }

  package func codes(over source: PairedSteps<S>) -> Matrix<S> { base.codes(over: source) }

  /// The nearest center, and softmax_j(−‖z − V_j‖²).
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(nearest: centerValues, to: codes)
  }
}

extension ScziDesk {
  /// ZINB + mean π² of the counts, by codes with noise.
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let codes = base.codes(batch, noise: base.noise(of: batch), on: tape)
    return reconstructionLoss(of: codes, batch, on: tape)
  }

  /// ZINB + mean π² + α L_dk + γ L_kl, or the first two or the last two; with given clusters the
  /// distances to their centers.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    loss(batch, objective, noise: base.noise(of: batch), on: tape)
  }

  /// The losses of a step with clusters, under a noise that is given.
  package func loss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, noise: ScDeepCluster<S>.Noise?,
    on tape: Tape<S>
  ) -> [LossTerm] {
    let codes = base.codes(batch, noise: noise, on: tape)
    var terms = objective.reconstructs ? reconstructionLoss(of: codes, batch, on: tape) : []
    guard objective.clusters else { return terms }
    if weights.centers > 0 { terms.append(centerLoss(of: codes, objective, on: tape)) }
    if case .supervised = objective { return terms }
    if weights.pairs > 0 {
      terms.append(
        LossTerm("pairs", weight: weights.pairs) { tape.pairwiseLoss(of: codes, weight: S($0)) })
    }
    return terms
  }

  private func reconstructionLoss(
    of codes: Variable<S>, _ batch: PairedBatch<S>, on tape: Tape<S>
  ) -> [LossTerm] {
    let (likelihood, ridge) = base.countLoss(of: codes, batch, ridge: weights.ridge, on: tape)
    let terms = [LossTerm("zinb") { _ in likelihood }]
    if weights.ridge == 0 { return terms }
    return terms + [LossTerm("ridge", weight: weights.ridge) { _ in ridge }]
  }

  private func centerLoss(
    of codes: Variable<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> LossTerm {
    let centers = centerWeights(areTrained: base.configuration.trainsCenters, on: tape)
    return LossTerm("centers", weight: weights.centers) { weight in
      if case .supervised(let targets) = objective {
        return tape.distanceLoss(of: codes, to: centers, targets: targets, weight: S(weight))
      }
      return tape.deepKMeansLoss(of: codes, to: centers, weight: S(weight))
    }
  }
}
