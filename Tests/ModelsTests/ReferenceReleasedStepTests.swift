import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// One whole step of scTPF's released program (TensorFlow and spektral, Float64) on 24 cells × 10
/// genes. It has one hop three times, standardized values as the target of the likelihood, and
/// constant centers.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceReleasedStepTests {
  private static let names = [
    "encoder.0.kernel": "tag1_kernel", "encoder.0.bias": "tag1_bias",
    "encoder.1.kernel": "tag2_kernel", "encoder.1.bias": "tag2_bias",
    "adjacency.kernel": "adjdense_kernel", "adjacency.bias": "adjdense_bias",
    "adjacency.bilinear": "bilinear", "decoder.0.kernel": "dec1_kernel",
    "decoder.0.bias": "dec1_bias", "decoder.1.kernel": "dec2_kernel",
    "decoder.1.bias": "dec2_bias", "decoder.2.kernel": "dec3_kernel",
    "decoder.2.bias": "dec3_bias", "zinb.pi.kernel": "pi_kernel", "zinb.pi.bias": "pi_bias",
    "zinb.mean.kernel": "mean_kernel", "zinb.mean.bias": "mean_bias",
    "zinb.dispersion.kernel": "disp_kernel", "zinb.dispersion.bias": "disp_bias",
  ]

  @Test func oneStep() throws {
    let reference = try Reference.load("sctpf_step")
    func matrix(_ key: String) throws -> Matrix<Double> { try #require(reference[key]) }
    var shape = ScTPF<Double>.Configuration(genes: 10)
    (shape.hidden, shape.latent, shape.adjacencyWidth) = (6, 4, 3)
    (shape.decoder, shape.repeatsHop, shape.trainsCenters) = ([5, 6, 7], true, false)
    let model = ScTPF<Double>(shape, clusters: 3)
    for parameter in model.parameters.all where parameter != model.centers {
      let name = try #require(Self.names[parameter.name])
      model.parameters.weights(of: parameter).copy(from: try matrix("w_\(name)"))
    }
    model.centerValues.copy(from: try matrix("centers"))
    let x = try matrix("x")
    let data = GraphData<Double>(
      standardized: x, counts: SparseMatrix(x), sizeFactors: [Double](repeating: 1, count: 24))
    let graph = ModelGraph<Double>(
      adjacency: SparseMatrix(try matrix("adj")),
      propagation: Propagation(SparseMatrix(try matrix("adj_norm"))))
    let steps = model.steps(over: data, graph, plan: BatchPlan())
    let reliable = Set(try matrix("reliable").elements.map { Int($0) })
    steps.trusted = Buffer((0..<24).map { reliable.contains($0) ? 1 : 0 })
    assertClose(model.codes(over: steps), try matrix("z"), tolerance: 1e-10, scale: 1)
    let tape = Tape(model.parameters)
    let loss = model.clusteringStep(steps.batch(nil, step: 0, on: tape), on: tape)
    for (part, key) in zip(loss.parts, ["loss_adj", "loss_zinb", "loss_cluster"]) {
      assertClose([part.value], try matrix(key).elements, tolerance: 1e-9, part.name)
    }
    assertClose([loss.total], try matrix("loss_total").elements, tolerance: 1e-9)
    for parameter in model.parameters.all where parameter != model.centers {
      let name = try #require(Self.names[parameter.name])
      let expected = try matrix("g_\(name)").elements
      let largest = expected.map { abs($0) }.max() ?? 1
      assertClose(
        model.parameters.gradient(of: parameter).matrix().elements, expected, tolerance: 1e-8,
        scale: 1e-2 * largest, parameter.name)
    }
  }
}
