import Autodiff
import Tensors
import TestSupport
import Testing

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceTagConvolutionTests {
  /// `truepower_lin_out` is [X, ÂX, Â²X, Â³X] K + b, computed by NumPy beside spektral 0.6.1.
  @Test func truePowersAgreeWithTheReference() throws {
    let reference = try Reference.load("tagconv")
    let x = try #require(reference["x"])
    let normalized = try #require(reference["adj_norm"])
    let parameters = Parameters<Double>()
    let kernel = parameters.declare("kernel", rows: 20, columns: 4, .zeros)
    let bias = parameters.declare("bias", rows: 1, columns: 4, .zeros)
    parameters.weights(of: kernel).copy(from: try #require(reference["lin_kernel"]))
    parameters.weights(of: bias).copy(from: try #require(reference["lin_bias"]))
    let tape = Tape(parameters)
    let out = tape.tagConvolution(
      tape.constant(Window(reading: x)), over: Propagation(SparseMatrix(normalized)),
      kernel: tape.variable(kernel), bias: tape.variable(bias), hops: 3, rectifying: false)
    assertClose(
      out.value.matrix(), try #require(reference["truepower_lin_out"]), tolerance: 1e-10)
  }

  /// With one hop whose kernel is the sum of the three hops' kernels, the layer is the published
  /// program's, gradients included.
  @Test func oneHopAgreesWithThePublishedProgram() throws {
    let reference = try Reference.load("tagconv")
    let x = try #require(reference["x"])
    let full = try #require(reference["lin_kernel"])
    let upstream = try #require(reference["upstream"])
    let parameters = Parameters<Double>()
    let input = parameters.declare("x", rows: 9, columns: 5, .zeros)
    let kernel = parameters.declare("kernel", rows: 10, columns: 4, .zeros)
    let bias = parameters.declare("bias", rows: 1, columns: 4, .zeros)
    parameters.weights(of: input).copy(from: x)
    parameters.weights(of: bias).copy(from: try #require(reference["lin_bias"]))
    let place = parameters.weights(of: kernel)
    for i in 0..<5 {
      for j in 0..<4 {
        place[i, j] = full[i, j]
        place[5 + i, j] = full[5 + i, j] + full[10 + i, j] + full[15 + i, j]
      }
    }
    let tape = Tape(parameters)
    let graph = Propagation(SparseMatrix(try #require(reference["adj_norm"])))
    let out = tape.tagConvolution(
      tape.variable(input), over: graph, kernel: tape.variable(kernel),
      bias: tape.variable(bias), hops: 1, rectifying: false)
    assertClose(out.value.matrix(), try #require(reference["lin_out"]), tolerance: 1e-10)
    let sink = try #require(tape.sink(for: out))
    sink.window.copy(from: upstream)
    tape.backward()
    assertClose(
      parameters.gradient(of: input).matrix(), try #require(reference["lin_g_x"]),
      tolerance: 1e-10)
    let kernelGradient = try #require(reference["lin_g_kernel"])
    assertClose(
      parameters.gradient(of: kernel).matrix().elements,
      (0..<40).map { kernelGradient[$0 / 4, $0 % 4] }, tolerance: 1e-10)
    assertClose(
      parameters.gradient(of: bias).matrix().elements,
      try #require(reference["lin_g_bias"]).elements, tolerance: 1e-10)
  }
}
