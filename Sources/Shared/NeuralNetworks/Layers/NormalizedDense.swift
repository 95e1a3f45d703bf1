import Autodiff
import Tensors

/// How a layer normalizes its outputs, and the function after it; the defaults are scEMC's.
package struct Normalization: Sendable, Equatable {
  /// The function of the normalized values.
  package enum Activation: Sendable { case elu, relu, none }

  package var activation = Activation.elu
  /// ε, added to the variance.
  package var epsilon = 1e-5
  /// How far the running statistics move towards the moments of each batch.
  package var momentum = 0.1

  package init() {}

  /// For the layers of scDSC, and for its codes.
  package static let rectified: Normalization = {
    var result = Normalization()
    result.activation = .relu
    return result
  }()
  package static let linear: Normalization = {
    var result = Normalization()
    result.activation = .none
    return result
  }()

  /// For DCCA, after scVI.
  package static let variational: Normalization = {
    var result = Normalization()
    (result.activation, result.epsilon, result.momentum) = (.relu, 1e-3, 0.01)
    return result
  }()
}

/// A dense layer whose outputs are normalized: y = f(batchNorm(x W + b)), f = elu as in scEMC, relu
/// or nothing.
package struct NormalizedDense<S: EngineScalar>: Sendable {
  package let name: String
  package let kernel: Parameter
  package let bias: Parameter
  package let scale: Parameter
  package let shift: Parameter
  /// The statistics that evaluation uses.
  package let statistics: RunningStatistics<S>
  private let activation: Normalization.Activation

  /// Declares NAME.kernel (inputs, outputs), NAME.bias, NAME.norm.scale and NAME.norm.shift, each
  /// (1, outputs).
  package init(
    _ name: String, inputs: Int, outputs: Int, drawn initializer: Initializer = .glorotUniform,
    normalization: Normalization = Normalization(), in parameters: Parameters<S>
  ) {
    self.name = name
    kernel = parameters.declare("\(name).kernel", rows: inputs, columns: outputs, initializer)
    bias = parameters.declare("\(name).bias", rows: 1, columns: outputs, .zeros)
    scale = parameters.declare("\(name).norm.scale", rows: 1, columns: outputs, .ones)
    shift = parameters.declare("\(name).norm.shift", rows: 1, columns: outputs, .zeros)
    statistics = RunningStatistics(
      columns: outputs, epsilon: normalization.epsilon, momentum: normalization.momentum)
    activation = normalization.activation
  }

  /// (N, inputs) → (N, outputs)
  package func callAsFunction(_ x: Variable<S>, mode: NormalizationMode, on tape: Tape<S>)
    -> Variable<S>
  {
    activated(
      tape.affine(
        x, kernel: tape.variable(kernel), bias: tape.variable(bias), rectifying: false),
      mode, on: tape)
  }

  /// The same for standardized sparse rows, which are never formed.
  package func callAsFunction(_ x: StandardizedRows<S>, mode: NormalizationMode, on tape: Tape<S>)
    -> Variable<S>
  {
    activated(
      tape.affine(x, kernel: tape.variable(kernel), bias: tape.variable(bias)), mode, on: tape)
  }

  /// f(batchNorm(x)) of the kernel's products with the bias added. (N, outputs) → (N, outputs)
  package func activated(_ x: Variable<S>, _ mode: NormalizationMode, on tape: Tape<S>)
    -> Variable<S>
  {
    let normalized = tape.batchNormalization(
      x, scale: tape.variable(scale), shift: tape.variable(shift), statistics: statistics,
      mode: mode)
    switch activation {
    case .elu: return tape.elu(normalized)
    case .relu: return tape.relu(normalized)
    case .none: return normalized
    }
  }
}
