import Tensors

/// The model after a run of the filter: all that the losses of the next steps, and their gradients,
/// depend on.
package struct TrainingSnapshot: Sendable, Equatable {
  /// The number of epochs before; 0 is the start.
  package let epoch: Int
  /// The values of all parameters, including the centers.
  package let weights: ModelWeights
  /// Z, the input of the filter. (N, D)
  package let latent: Matrix<Float>
  /// The outcome of the filter; nil without one. (N)
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
