import Autodiff
import NeuralNetworks
import Tensors

/// A published model that embeds cells over their graph.
///
/// To add one: 1. a file with a type that conforms to this; 2. a case of `ModelName`; 3. a test against reference values; 4. a pipeline.
/// The training loops, target distributions and stopping rules exist once and work with any model.
package protocol GraphModel {
  associatedtype S: EngineScalar

  /// The trained weights by name.
  var parameters: Parameters<S> { get }
  /// The cluster centers in latent space, where the model was made with clusters. (J, D)
  var centers: Parameter? { get }

  /// The latent codes Z of all cells. (N, D)
  func embed(_ data: ModelData<S>, over graph: ModelGraph<S>, on tape: Tape<S>) -> Variable<S>

  /// The loss that needs no clusters: reconstruction of counts and graph. Writes the gradient of `latent`.
  func selfSupervisedLoss(
    of latent: Variable<S>, _ data: ModelData<S>, _ graph: ModelGraph<S>, on tape: Tape<S>
  ) -> LossTerms
}

extension GraphModel {
  /// One step of pretraining: the loss of all cells with its gradients, ready for the optimizer.
  package func pretrainingLoss(
    _ data: ModelData<S>, over graph: ModelGraph<S>, on tape: Tape<S>
  ) -> LossTerms {
    tape.reset()
    let latent = embed(data, over: graph, on: tape)
    let loss = selfSupervisedLoss(of: latent, data, graph, on: tape)
    tape.backward()
    return loss
  }

  /// One step of clustering: L_SS + γ · mean_i KL(p_i ‖ q_i), with its gradients. `reliable` holds 1 for every cell of Θ, 0 for the others.
  package func clusteringLoss(
    _ data: ModelData<S>, over graph: ModelGraph<S>, reliable: Buffer<UInt8>, gamma: Double,
    freezingCenters: Bool, on tape: Tape<S>
  ) -> LossTerms {
    guard let centers else { preconditionFailure("a model without clusters") }
    tape.reset()
    let latent = embed(data, over: graph, on: tape)
    var loss = selfSupervisedLoss(of: latent, data, graph, on: tape)
    let place = tape.variable(centers)
    let cluster = tape.assignmentLoss(
      of: latent, to: freezingCenters ? tape.constant(place.value) : place, reliable: reliable,
      weight: S(gamma))
    loss.total += gamma * cluster
    loss.parts.append(("cluster", cluster))
    tape.backward()
    return loss
  }
}
