import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// One transformer layer without dropout: numbers by scEMC's published program (PyTorch), Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceTransformerTests {
  /// PyTorch's name of a parameter's weights, whether they are transposed there, and the rows of
  /// the three projections in one.
  static func source(of name: String) -> (key: String, isTransposed: Bool, part: Int?)? {
    let projections = ["query": 0, "key": 1, "value": 2]
    let parts = name.split(separator: ".").map(String.init)
    let isKernel = parts.last == "kernel"
    let ending = isKernel ? "weight" : "bias"
    if let part = projections[parts[1]] {
      return ("self_attn.in_proj_\(ending)", isKernel, part)
    }
    switch parts[1] {
    case "projection": return ("self_attn.out_proj.\(ending)", isKernel, nil)
    case "inner": return ("linear1.\(ending)", isKernel, nil)
    case "outer": return ("linear2.\(ending)", isKernel, nil)
    case "norm":
      let number = (Int(parts[2]) ?? 0) + 1
      return ("norm\(number).\(parts[3] == "scale" ? "weight" : "bias")", false, nil)
    default: return nil
    }
  }

  /// The reference's values for a parameter, in our orientation.
  private func values(
    of parameter: Parameter, _ prefix: String, in reference: [String: Matrix<Double>]
  )
    throws -> Matrix<Double>
  {
    let (key, isTransposed, part) = try #require(Self.source(of: parameter.name))
    let matrix = try #require(reference[prefix + key])
    let rows = isTransposed ? parameter.columns : parameter.rows
    let columns = isTransposed ? parameter.rows : parameter.columns
    var result = Matrix<Double>.zeros(parameter.rows, parameter.columns)
    for i in 0..<rows {
      for j in 0..<columns {
        let value = matrix.elements[((part ?? 0) * rows + i) * columns + j]
        if isTransposed { result[j, i] = value } else { result[i, j] = value }
      }
    }
    return result
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let reference = try Reference.load("transformer")
    let x = try #require(reference["x"])
    let parameters = Parameters<S>()
    let input = parameters.declare("x", rows: x.rows, columns: x.columns, .zeros)
    let layer = TransformerLayer("layer", width: x.columns, in: parameters)
    parameters.weights(of: input).copy(from: x.converted(to: S.self))
    for parameter in parameters.all.dropFirst() {
      parameters.weights(of: parameter).copy(
        from: try values(of: parameter, "w_", in: reference).converted(to: S.self))
    }
    let tape = Tape(parameters)
    let out = layer(tape.variable(input), dropping: nil, on: tape)
    tape.sink(for: out)?.window.copy(
      from: try #require(reference["upstream"]).converted(to: S.self))
    tape.backward()
    assertClose(
      out.value.matrix(), try #require(reference["out"]), tolerance: tolerance, scale: 1)
    for parameter in parameters.all {
      let expected =
        parameter == input
        ? try #require(reference["g_x"]) : try values(of: parameter, "g_", in: reference)
      // A shift of all keys alike moves no share: the gradient of their bias is nothing but
      // rounding.
      let largest = expected.elements.map { abs($0) }.max() ?? 1
      assertClose(
        parameters.gradient(of: parameter).matrix(), expected, tolerance: tolerance,
        scale: max(largest, 0.1), parameter.name)
    }
    // What serves all cells is the same if all are the reference.
    let z = tape.variable(input)
    let all = layer(z, attendingTo: z, on: tape)
    assertClose(
      all.value.matrix(), try #require(reference["out"]), tolerance: tolerance, scale: 1)
  }

  @Test func layerInDouble() throws { try check(Double.self, tolerance: 1e-10) }
  @Test func layerInFloat() throws { try check(Float.self, tolerance: 1e-5) }
}
