import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// Steps of DESC on 12 cells × 7 genes with layers of 5 and 3 under given masks. Numbers by a
/// program in NumPy, Float64.
@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceDESCTests {
  private struct Setup<S: EngineScalar> {
    let reference: [String: Matrix<Double>]
    let model: DESC<S>
    let data: PairedData<S>
    let batch: PairedBatch<S>

    init() throws {
      let reference = try Reference.load("peers/desc")
      data = PairedData(
        rna: Measurement(try #require(reference["x"]).converted(to: S.self)), second: nil)
      model = DESC(DESC<S>.Configuration(genes: 7, encoder: [5, 3]), clusters: 3)
      for parameter in model.parameters.all {
        model.parameters.weights(of: parameter).copy(
          from: try #require(reference["w.\(Self.key(of: parameter))"]).converted(to: S.self))
      }
      batch = PairedBatch(of: data)
      batch.take(Array(0..<12), withTargets: false)
      self.reference = reference
    }

    /// The reference's name of a parameter.
    static func key(of parameter: Parameter) -> String {
      parameter.name.replacing(".kernel", with: ".w").replacing(".bias", with: ".b")
    }

    func expected(_ key: String) throws -> Matrix<Double> { try #require(reference[key]) }

    /// A step of the whole, of a layer, or with clusters; the gradients stay.
    func step(_ part: Part, on tape: Tape<S>) throws -> LossTerms {
      tape.reset()
      let terms: [LossTerm]
      switch part {
      case .whole: terms = [model.reconstructionLoss(batch, on: tape)]
      case .layer(let i):
        let masks = try ["input\(i)", "hidden\(i)"].map {
          try expected("mask.\($0)").converted(to: S.self)
        }
        terms = [
          model.layerLoss(i, batch, on: tape) { number, _, _ in Window(reading: masks[number]) }
        ]
      case .clusters:
        batch.targets = Window(reading: try expected("p").converted(to: S.self))
        terms = model.clusteringLoss(batch, .joint, on: tape)
      }
      tape.backward()
      return LossTerms(terms)
    }

    /// Compares the gradients with the reference's; a parameter without a reference must have no
    /// gradient.
    func check(gradients prefix: String, tolerance: Double) throws {
      for parameter in model.parameters.all {
        let found = model.parameters.gradient(of: parameter).matrix()
        guard let expected = reference["\(prefix).\(Self.key(of: parameter))"] else {
          #expect(found.elements.allSatisfy { $0 == 0 }, "\(prefix) \(parameter.name)")
          continue
        }
        assertClose(
          found.elements, expected.elements, tolerance: tolerance,
          scale: expected.elements.map { abs($0) }.max() ?? 1, "\(prefix) \(parameter.name)")
      }
    }
  }

  private enum Part {
    case whole, clusters
    case layer(Int)
  }

  private func check<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    for (part, value, gradients) in [
      (Part.whole, "mse", "g_mse"), (.layer(0), "stack0_mse", "g_stack0"),
      (.layer(1), "stack1_mse", "g_stack1"), (.clusters, "kl", "g"),
    ] {
      let loss = try setup.step(part, on: tape)
      assertClose([loss.total], try setup.expected(value).elements, tolerance: tolerance, value)
      try setup.check(gradients: gradients, tolerance: tolerance)
    }
  }

  @Test func stepsInDouble() throws { try check(Double.self, tolerance: 1e-10) }
  @Test func stepsInFloat() throws { try check(Float.self, tolerance: 1e-5) }

  @Test func codesSharesAndTargets() throws {
    let setup = try Setup<Double>()
    let codes = setup.model.codes(over: PairedSteps(setup.data, size: 5, seed: 0))
    assertClose(codes, try setup.expected("z"), tolerance: 1e-10)
    let shares = setup.model.assignment(of: codes).shares
    assertClose(shares, try setup.expected("q"), tolerance: 1e-10)
    assertClose(
      targetDistribution(of: shares, order: setup.data.order), try setup.expected("p"),
      tolerance: 1e-10)
    let largest = (0..<12).map { i in (0..<3).map { shares[i, $0] }.max() ?? 0 }
    assertClose(largest, try setup.expected("max_probability").elements, tolerance: 1e-10)
  }

  /// Five steps of descent with momentum on the divergence, with constant P.
  private func fiveSteps<S: EngineScalar>(_ scalar: S.Type, tolerance: Double) throws {
    let setup = try Setup<S>()
    let tape = Tape(setup.model.parameters)
    let optimizer = MomentumDescent<S>(
      weightCount: setup.model.parameters.count, learningRate: 0.01)
    var losses: [Double] = []
    for _ in 0..<5 {
      losses.append(try setup.step(.clusters, on: tape).total)
      optimizer.update(setup.model.parameters)
    }
    assertClose(losses, try setup.expected("five_kl").elements, tolerance: tolerance)
    for parameter in setup.model.parameters.all {
      let key = Setup<S>.key(of: parameter)
      // The decoder learns nothing with clusters.
      let expected = try #require(setup.reference["w5.\(key)"] ?? setup.reference["w.\(key)"])
      assertClose(
        setup.model.parameters.weights(of: parameter).matrix(), expected, tolerance: tolerance,
        scale: 0.1, key)
    }
  }

  @Test func fiveStepsInDouble() throws { try fiveSteps(Double.self, tolerance: 1e-10) }
  @Test func fiveStepsInFloat() throws { try fiveSteps(Float.self, tolerance: 1e-5) }
}
