import Autodiff
import Tensors
import TestSupport
import Testing

/// Numbers by PyTorch's BatchNorm1d and ELU, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceNormalizationTests {
  private func checkBatchNorm<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("batchnorm")
    func matrix(_ key: String) throws -> Matrix<S> {
      try #require(reference[key]).converted(to: S.self)
    }
    func check(_ window: Window<S>, _ key: String) throws {
      assertClose(
        window.matrix().elements, try #require(reference[key]).elements, tolerance: tolerance,
        scale: 1, key)
    }
    let parameters = Parameters<S>()
    let names = ["x", "gamma", "beta"]
    let declared = try names.map { name in
      let values = try matrix(name)
      return parameters.declare(
        name, rows: values.rows, columns: values.columns, .zeros)
    }
    for (name, parameter) in zip(names, declared) {
      parameters.weights(of: parameter).copy(from: try matrix(name))
    }
    let statistics = RunningStatistics<S>(columns: 4)
    statistics.mean.copy(from: try matrix("running_mean0"))
    statistics.variance.copy(from: try matrix("running_var0"))
    let tape = Tape(parameters)
    for (prefix, mode) in [
      ("", NormalizationMode.training(updatingStatistics: true)), ("eval_", .evaluation),
    ] {
      tape.reset()
      let v = declared.map { tape.variable($0) }
      let out = tape.batchNormalization(
        v[0], scale: v[1], shift: v[2], statistics: statistics, mode: mode)
      tape.sink(for: out)?.window.copy(from: try matrix("upstream"))
      tape.backward()
      try check(out.value, "\(prefix)out")
      for (name, parameter) in zip(names, declared) {
        try check(parameters.gradient(of: parameter), "\(prefix)g_\(name)")
      }
      try check(statistics.mean, "running_mean1")
      try check(statistics.variance, "running_var1")
    }
  }

  @Test func batchNormalizationInDouble() throws {
    try checkBatchNorm(Double.self, tolerance: 1e-10)
  }
  @Test func batchNormalizationInFloat() throws {
    try checkBatchNorm(Float.self, tolerance: 1e-5)
  }

  private func checkELU<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("elu")
    let x = try #require(reference["x"]).converted(to: S.self)
    let parameters = Parameters<S>()
    let input = parameters.declare("x", rows: x.rows, columns: x.columns, .zeros)
    parameters.weights(of: input).copy(from: x)
    let tape = Tape(parameters)
    let out = tape.elu(tape.variable(input))
    tape.sink(for: out)?.window.fill(with: 1)
    tape.backward()
    assertClose(
      out.value.matrix().elements, try #require(reference["out"]).elements, tolerance: tolerance)
    assertClose(
      parameters.gradients.matrix().elements, try #require(reference["g_x"]).elements,
      tolerance: tolerance)
  }

  @Test func exponentialLinearUnitInDouble() throws { try checkELU(Double.self, tolerance: 1e-10) }
  @Test func exponentialLinearUnitInFloat() throws { try checkELU(Float.self, tolerance: 1e-5) }
}
