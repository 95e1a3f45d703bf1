import Tensors

/// The model after a run of the filter: all that the losses of the next steps, and their gradients,
/// depend on.
package struct TrainingSnapshot: Sendable, Equatable {
  /// Epochs done before; 0 is the start.
  package let epoch: Int
  /// The values of all parameters, including the centers.
  package let weights: ModelWeights
  /// Z, as the filter saw it. (N, D)
  package let latent: Matrix<Float>
  /// What the filter found; nil without one. (N)
  package let reliability: [Reliability]?

  package init(
    epoch: Int, weights: ModelWeights, latent: Matrix<Float>, reliability: [Reliability]?
  ) {
    self.epoch = epoch
    self.weights = weights
    self.latent = latent
    self.reliability = reliability
  }

  /// The weights that a state of a training holds. The model gives their names, and has these
  /// weights afterwards.
  init(_ state: ClusteringState, of model: some TrainableModel<Float>) {
    model.restore(state.snapshot)
    self.init(
      epoch: state.epoch, weights: model.weights, latent: state.latent,
      reliability: state.filter?.reliability)
  }
}
