import Autodiff
import Tensors

/// A dense layer as scEMC has it: y = elu(batchNorm(x W + b)).
package struct NormalizedDense<S: EngineScalar>: Sendable {
  package let name: String
  package let kernel: Parameter
  package let bias: Parameter
  package let scale: Parameter
  package let shift: Parameter
  /// What evaluation normalizes by.
  package let statistics: RunningStatistics<S>

  /// Declares NAME.kernel (inputs, outputs), NAME.bias, NAME.norm.scale and NAME.norm.shift, each
  /// (1, outputs).
  package init(
    _ name: String, inputs: Int, outputs: Int, drawn initializer: Initializer = .glorotUniform,
    in parameters: Parameters<S>
  ) {
    self.name = name
    kernel = parameters.declare("\(name).kernel", rows: inputs, columns: outputs, initializer)
    bias = parameters.declare("\(name).bias", rows: 1, columns: outputs, .zeros)
    scale = parameters.declare("\(name).norm.scale", rows: 1, columns: outputs, .ones)
    shift = parameters.declare("\(name).norm.shift", rows: 1, columns: outputs, .zeros)
    statistics = RunningStatistics(columns: outputs)
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

  /// elu(batchNorm(x)) of what a kernel and the bias made. (N, outputs) → (N, outputs)
  package func activated(_ x: Variable<S>, _ mode: NormalizationMode, on tape: Tape<S>)
    -> Variable<S>
  {
    tape.elu(
      tape.batchNormalization(
        x, scale: tape.variable(scale), shift: tape.variable(shift), statistics: statistics,
        mode: mode))
  }
}
