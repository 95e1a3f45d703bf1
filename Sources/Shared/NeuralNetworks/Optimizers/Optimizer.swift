import Autodiff
import Tensors

/// What the optimizers have in common: what they remember from step to step, so that a training can be stored and taken up again.
package protocol Optimizer<S>: AnyObject {
  associatedtype S: EngineScalar

  /// Steps done.
  var step: Int { get set }
  /// What is remembered of every weight, by name, in the order of the weights. (1, count)
  var memory: [(name: String, values: Window<S>)] { get }
}
