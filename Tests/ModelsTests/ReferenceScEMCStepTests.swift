import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// A whole joint-training step of scEMC's published program (PyTorch, Float64) on 20 cells, 9 genes
/// and 5 proteins. It has a transformer layer, no noise, no dropout, constant centers, and the
/// target of L_kl differentiated.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceScEMCStepTests {
  /// PyTorch's name of a parameter or statistic.
  private static func source(of name: String) -> (key: String, isTransposed: Bool, part: Int?)? {
    if name == "centers" { return ("mu", false, nil) }
    let parts = name.split(separator: ".").map(String.init)
    let isKernel = parts.last == "kernel"
    let ending = isKernel ? "weight" : "bias"
    if parts[0] == "transformer" {
      guard let (key, isTransposed, part) = transformerSource(of: parts) else { return nil }
      return ("extract_layers.layers.0.\(key)", isTransposed, part)
    }
    let number = parts[1] == "rna" ? 1 : 2
    if parts[0] == "zinb" {
      let heads = ["pi": "dec_pi", "mean": "dec_mean", "dispersion": "dec_disp"]
      return heads[parts[2]].map { ("\($0)\(number).0.\(ending)", isKernel, nil) }
    }
    let place = 3 * (Int(parts[2]) ?? 0)
    if parts[3] != "norm" { return ("\(parts[0])\(number).\(place).\(ending)", isKernel, nil) }
    let norms = [
      "scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var",
    ]
    return norms[parts[4]].map { ("\(parts[0])\(number).\(place + 1).\($0)", false, nil) }
  }

  private static func transformerSource(of parts: [String]) -> (String, Bool, Int?)? {
    let isKernel = parts.last == "kernel"
    let ending = isKernel ? "weight" : "bias"
    if let part = ["query": 0, "key": 1, "value": 2][parts[1]] {
      return ("self_attn.in_proj_\(ending)", isKernel, part)
    }
    switch parts[1] {
    case "projection": return ("self_attn.out_proj.\(ending)", isKernel, nil)
    case "inner": return ("linear1.\(ending)", isKernel, nil)
    case "outer": return ("linear2.\(ending)", isKernel, nil)
    default:
      let number = (Int(parts[2]) ?? 0) + 1
      return ("norm\(number).\(parts[3] == "scale" ? "weight" : "bias")", false, nil)
    }
  }

  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: ScEMC<S>
    let data: PairedData<S>
    let batch: PairedBatch<S>

    init(_ name: String, mode: NormalizationMode?) throws {
      let reference = try Reference.load(name)
      self.reference = reference
      func matrix(_ key: String) throws -> Matrix<S> {
        try #require(reference[key]).converted(to: S.self)
      }
      func measurement(_ number: Int) throws -> Measurement<S> {
        Measurement(
          try matrix("x\(number)"), counts: SparseMatrix(try matrix("raw\(number)")),
          sizeFactors: Array(try matrix("sf\(number)").elements))
      }
      data = PairedData(rna: try measurement(1), second: try measurement(2))
      var configuration = ScEMC<S>.Configuration(for: data)
      configuration.encoder = [7, 6, 5, 4]
      configuration.decoder = [6, 7]
      configuration.secondDecoder = [5]
      configuration.aggregation = .transformer
      configuration.dropout = 0
      configuration.lambda2 = 1
      configuration.trainsCenters = false
      configuration.differentiatesTarget = true
      configuration.mode = mode
      model = ScEMC(configuration, clusters: 3)
      batch = PairedBatch(of: data)
      for parameter in model.parameters.all {
        let place = model.parameters.weights(of: parameter)
        place.copy(
          from: try values(parameter.name, place.rows, place.columns, "w_").converted(to: S.self))
      }
      for (name, place) in model.statistics {
        place.copy(from: try values(name, 1, place.columns, "b0_").converted(to: S.self))
      }
      batch.take(data.order, withTargets: true)
    }

    /// The reference's values, in our orientation.
    func values(_ name: String, _ rows: Int, _ columns: Int, _ prefix: String) throws
      -> Matrix<Double>
    {
      let (key, isTransposed, part) = try #require(source(of: name))
      let matrix = try #require(reference[prefix + key])
      let (height, width) = isTransposed ? (columns, rows) : (rows, columns)
      var result = Matrix<Double>.zeros(rows, columns)
      for i in 0..<height {
        for j in 0..<width {
          let value = matrix.elements[((part ?? 0) * height + i) * width + j]
          if isTransposed { result[j, i] = value } else { result[i, j] = value }
        }
      }
      return result
    }
  }

  private func check<S: EngineScalar>(
    _ name: String, mode: NormalizationMode?, scalar: S.Type, tolerance: Double, scale: Double
  ) throws {
    let setup = try Setup<S>(name, mode: mode)
    let tape = Tape(setup.model.parameters)
    let loss = setup.model.clusteringStep(setup.batch, on: tape)
    let keys = ["loss_total", "loss_zinb1", "loss_zinb2", "loss_kl", "loss_kmeans"]
    for (value, key) in zip([loss.total] + loss.parts.map(\.value), keys) {
      assertClose(
        [value], try #require(setup.reference[key]).elements, tolerance: tolerance, key)
    }
    for parameter in setup.model.parameters.all {
      let gradient = setup.model.parameters.gradient(of: parameter).matrix()
      let expected = try setup.values(
        parameter.name, parameter.rows, parameter.columns, "g_")
      // The biases before a normalization have no gradient but rounding.
      let largest = max(1e-2, expected.elements.map { abs($0) }.max() ?? 1)
      assertClose(
        gradient, expected, tolerance: tolerance, scale: scale * largest, parameter.name)
    }
    for (name, window) in setup.model.statistics {
      assertClose(
        window.matrix(), try setup.values(name, 1, window.columns, "b1_"), tolerance: tolerance,
        scale: 1, name)
    }
  }

  @Test func evaluationStepInDouble() throws {
    try check(
      "scemc_step_eval", mode: .evaluation, scalar: Double.self, tolerance: 1e-10, scale: 1e-2)
  }
  @Test func evaluationStepInFloat() throws {
    try check("scemc_step_eval", mode: .evaluation, scalar: Float.self, tolerance: 1e-5, scale: 1)
  }
  @Test func trainingStepInDouble() throws {
    try check(
      "scemc_step_train_nodropout", mode: nil, scalar: Double.self, tolerance: 1e-10, scale: 1e-2)
  }
  @Test func trainingStepInFloat() throws {
    try check(
      "scemc_step_train_nodropout", mode: nil, scalar: Float.self, tolerance: 1e-5, scale: 1)
  }

  /// The codes of a batch, and the codes of all cells in evaluation, with the whole data as the
  /// reference cells.
  @Test func codesInEvaluation() throws {
    let setup = try Setup<Double>("scemc_step_eval", mode: .evaluation)
    let expected = try #require(setup.reference["h"])
    let tape = Tape(setup.model.parameters)
    let batched = setup.model.codes(
      setup.batch, noise: nil, dropping: nil, mode: .evaluation, on: tape)
    assertClose(
      batched.value.matrix(), expected.selectingRows(setup.data.order), tolerance: 1e-10, scale: 1)
    assertClose(setup.model.embed(setup.data), expected, tolerance: 1e-10, scale: 1)
  }
}
