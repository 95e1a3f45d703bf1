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

  /// T, where the codes of some cells need no more than those cells' hop products [X, ÂX, …, ÂᵀX]; nil where they need the whole graph.
  var reachOfInput: Int? { get }

  /// The latent codes Z of a batch. (B, D)
  func embed(_ cells: Batch<S>, on tape: Tape<S>) -> Variable<S>

  /// The loss that needs no clusters: reconstruction of counts and graph. Writes the gradient of `latent`.
  func selfSupervisedLoss(of latent: Variable<S>, _ cells: Batch<S>, on tape: Tape<S>) -> LossTerms
}

extension GraphModel {
  /// One step of pretraining: the loss of a batch with its gradients, ready for the optimizer.
  package func pretrainingLoss(_ cells: Batch<S>, on tape: Tape<S>) -> LossTerms {
    let loss = selfSupervisedLoss(of: embed(cells, on: tape), cells, on: tape)
    tape.backward()
    return loss
  }

  /// One step of clustering: L_SS + γ · mean_i KL(p_i ‖ q_i), with its gradients. `reliable` holds 1 for every cell of the batch in Θ, 0 for the others.
  package func clusteringLoss(
    _ cells: Batch<S>, reliable: Buffer<UInt8>, gamma: Double, freezingCenters: Bool,
    on tape: Tape<S>
  ) -> LossTerms {
    guard let centers else { preconditionFailure("a model without clusters") }
    let latent = embed(cells, on: tape)
    var loss = selfSupervisedLoss(of: latent, cells, on: tape)
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
