import Autodiff
import Tensors

/// What the optimizers have in common. Their memory can be stored, so that a training can be
/// resumed.
package protocol Optimizer<S>: AnyObject {
  associatedtype S: EngineScalar

  /// Steps done.
  var step: Int { get set }
  var learningRate: Double { get set }
  /// The values that are kept for every weight from step to step, by name, in the order of the
  /// weights. (1, count)
  var memory: [(name: String, values: Window<S>)] { get }

  /// Moves the weights by one step along their gradients.
  func update(_ parameters: Parameters<S>)
}

extension Optimizer {
  /// Resets all steps: a new training begins.
  package func forget() {
    step = 0
    for (_, values) in memory { values.fill(with: 0) }
  }
}

/// An optimizer as a value, so that a preset of a model can name it.
package enum OptimizerKind: Sendable, Equatable {
  /// Kingma and Ba 2015.
  case adam(beta1: Double = 0.9, epsilon: Double = 1e-8)
  /// Reddi, Kale and Kumar 2018.
  case amsgrad
  /// Zeiler 2012.
  case adadelta
  /// Liu et al. 2020.
  case rectifiedAdam
  /// Polyak 1964.
  case momentum(Double)

  /// An optimizer for that many weights, before its first step.
  package func optimizer<S: EngineScalar>(weightCount: Int, learningRate: Double)
    -> any Optimizer<S>
  {
    switch self {
    case .adam(let beta1, let epsilon):
      Adam<S>(
        weightCount: weightCount, learningRate: learningRate, beta1: beta1, epsilon: epsilon)
    case .amsgrad: AMSGrad<S>(weightCount: weightCount, learningRate: learningRate)
    case .rectifiedAdam:
      RectifiedAdam<S>(weightCount: weightCount, learningRate: learningRate)
    case .adadelta: Adadelta<S>(weightCount: weightCount, learningRate: learningRate)
    case .momentum(let momentum):
      MomentumDescent<S>(
        weightCount: weightCount, learningRate: learningRate, momentum: momentum)
    }
  }
}
