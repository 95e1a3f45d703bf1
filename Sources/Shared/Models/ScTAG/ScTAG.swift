// scTAG: the graph autoencoder from which scTPF was made (Yu, Lu, Wang, Xu, Dai, Sun: AAAI 2022,
// 36(4), 4671–4679). Layers and self-supervised loss are scTPF's. Instead of filter and
// transform, all cells learn from DEC's target distribution P, which is renewed between epochs:
//
//   L = 0.3 mean (A − A')² + mean −log ZINB(x | π, μ, θ) + γ mean_i KL(p_i ‖ q_i), γ = 1.5

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scTAG: scTPF's layers with another clustering loss.
package struct ScTAG<S: EngineScalar>: TrainableModel {
  package typealias Source = GraphSteps<S>
  package static var name: String { "sctag" }

  /// Layers, centers and L_SS.
  package let base: ScTPF<S>

  package init(_ base: ScTPF<S>) { self.base = base }

  package var parameters: Parameters<S> { base.parameters }
  package var centers: Parameter? { base.centers }

  package func codes(over source: GraphSteps<S>) -> Matrix<S> { base.codes(over: source) }
  package func assignment(of codes: Matrix<S>) -> Assignment<S> { base.assignment(of: codes) }

  /// L_SS.
  package func pretrainingLoss(_ cells: GraphBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    base.pretrainingLoss(cells, on: tape)
  }

  /// L_SS + γ KL(p ‖ q), or one of the two; with given clusters their one-hot is p.
  package func clusteringLoss(
    _ cells: GraphBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    let latent = base.embed(cells, on: tape)
    let own =
      objective.reconstructs ? base.selfSupervisedLoss(of: latent, cells, on: tape) : []
    let c = base.configuration
    guard objective.clusters, c.gamma > 0, centers != nil else { return own }
    let centers = centerWeights(areTrained: c.trainsCenters, on: tape)
    let targets = tape.targets(of: cells.targets, objective, clusters: centers.rows)
    return own + [
      LossTerm("cluster", weight: c.gamma) {
        tape.divergenceLoss(of: latent, to: centers, targets: targets, weight: S($0))
      }
    ]
  }
}
