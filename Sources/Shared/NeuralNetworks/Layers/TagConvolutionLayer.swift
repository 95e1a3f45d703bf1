import Autodiff
import Tensors

/// A topology-adaptive graph convolution: y = Σ_{t=0..T} Âᵗ x W_t + b with true powers of Â (Du et
/// al. 2017), rectified if asked.
package struct TagConvolutionLayer: Sendable {
  /// W_0 … W_T stacked: ((T + 1) inputs, outputs).
  package let kernel: Parameter
  package let bias: Parameter
  let hops: Int
  /// Whether the kernel multiplies [x, Âx, Âx, …] instead of true powers.
  let repeatsHop: Bool
  let rectifies: Bool

  /// Declares NAME.kernel ((hops + 1) · inputs, outputs) and NAME.bias (1, outputs).
  package init<S>(
    _ name: String, inputs: Int, outputs: Int, hops: Int, repeatsHop: Bool = false,
    rectifying: Bool = false, in parameters: Parameters<S>
  ) {
    kernel = parameters.declare(
      "\(name).kernel", rows: (hops + 1) * inputs, columns: outputs, .glorotUniform)
    bias = parameters.declare("\(name).bias", rows: 1, columns: outputs, .zeros)
    self.hops = hops
    self.repeatsHop = repeatsHop && hops > 1
    rectifies = rectifying
  }

  /// (N, inputs) → (N, outputs)
  package func callAsFunction<S>(
    _ x: Variable<S>, over graph: Propagation<S>, on tape: Tape<S>
  ) -> Variable<S> {
    tape.tagConvolution(
      x, over: graph, kernel: weights(on: tape), bias: tape.variable(bias),
      hops: repeatsHop ? 1 : hops, rectifying: rectifies)
  }

  private func weights<S>(on tape: Tape<S>) -> Variable<S> {
    let kernel = tape.variable(kernel)
    return repeatsHop ? tape.foldedKernel(kernel, hops: hops) : kernel
  }

  /// W_0 … W_T, for sums outside of a tape; for a repeated hop, W_0 and W_1 + … + W_T. (inputs,
  /// outputs) each
  package func kernels<S>(in parameters: Parameters<S>) -> [Window<S>] {
    let stacked = parameters.weights(of: kernel)
    let inputs = stacked.rows / (hops + 1)
    let parts = (0...hops).map { stacked.slice(rows: $0 * inputs..<($0 + 1) * inputs) }
    guard repeatsHop else { return parts }
    let sum = Window<S>(uninitializedRows: inputs, columns: stacked.columns)
    for (number, part) in parts.dropFirst().enumerated() {
      addScaled(part, factor: 1, into: sum, accumulating: number > 0)
    }
    return [parts[0], sum]
  }

  /// The same for standardized sparse input, which is never formed.
  package func callAsFunction<S>(
    _ x: StandardizedInput<S>, over graph: Propagation<S>, on tape: Tape<S>
  ) -> Variable<S> {
    tape.tagConvolution(
      x, over: graph, kernel: weights(on: tape), bias: tape.variable(bias),
      hops: repeatsHop ? 1 : hops, rectifying: rectifies)
  }

  /// The same for hop products of the input that exist already: [x, Âx, …, Âᵀx] side by side. (B,
  /// (hops + 1) inputs) → (B, outputs)
  package func products<S>(_ products: Window<S>, on tape: Tape<S>) -> Variable<S> {
    local(tape.constant(products), on: tape)
  }

  /// x W + b, for a layer without hops or for products that are side by side: it needs no graph.
  package func local<S>(_ x: Variable<S>, on tape: Tape<S>) -> Variable<S> {
    tape.affine(
      x, kernel: tape.variable(kernel), bias: tape.variable(bias), rectifying: rectifies)
  }
}
