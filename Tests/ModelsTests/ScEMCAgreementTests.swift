import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

/// The gradients of scEMC that Λ_FR and Λ_FD compare.
@Suite struct ScEMCAgreementTests {
  /// 12 cells of 6 genes and 4 proteins in Double, all in one step, with noise; 3 clusters.
  private struct Tiny {
    let model: ScEMC<Double>
    let steps: PairedSteps<Double>
    let targets = Buffer<Int32>((0..<12).map { $0 == 5 ? -1 : Int32($0 % 3) })

    init(_ change: (inout ScEMC<Double>.Configuration) -> Void = { _ in }) {
      var generator = RandomGenerator(seed: 3)
      let counts = Matrix<Double>(
        (0..<12).map { i in
          (0..<6).map { ($0 / 2 == i % 3 ? 4 : 0) + (3 * generator.uniform()).rounded(.down) }
        })
      let data = PairedData(
        rna: Measurement(
          randomMatrix(12, 6, seed: 9), counts: SparseMatrix(counts),
          sizeFactors: (0..<12).map { 0.5 + Double($0) / 10 }),
        second: Measurement(randomMatrix(12, 4, seed: 10)))
      var shape = ScEMC<Double>.Configuration(for: data)
      (shape.encoder, shape.decoder, shape.secondDecoder) = ([5, 3], [4], [3])
      (shape.rnaNoise, shape.secondNoise, shape.phi) = (0.3, 0.2, 0.5)
      change(&shape)
      model = ScEMC(shape, clusters: 3)
      model.initialize(seed: 11)
      model.centerValues.copy(from: randomMatrix(3, shape.codeWidth, seed: 5))
      steps = PairedSteps(data, size: 12, seed: 1)
    }

    func loss(_ objective: ClusteringObjective, on tape: Tape<Double>) -> Double {
      let plan = steps.steps(ofEpoch: 1, of: 1)[0]
      return model.clusteringStep(steps.step(plan, on: tape), objective, on: tape).total
    }

    /// The targets in the order of the step.
    var ordered: Buffer<Int32> {
      let cells = steps.steps(ofEpoch: 1, of: 1)[0].cells ?? Buffer([])
      return Buffer(cells.map { targets[Int($0)] })
    }

    /// By central differences of the loss, one weight after the other.
    func differences(_ objective: ClusteringObjective) -> [Double] {
      centralDifferences(of: model.parameters) { loss(objective, on: $0) }
    }
  }

  @Test("the cosines are those of finite differences, each of its own losses")
  func finiteDifferences() throws {
    // P of the pairs' loss is held constant: differences of the loss see it move unless it is
    // differentiated.
    let tiny = Tiny { $0.differentiatesTarget = true }
    let objectives: [ClusteringObjective] = [
      .pseudoSupervised, .supervised(targets: tiny.ordered), .selfSupervised,
    ]
    let numeric = objectives.map { tiny.differences($0) }
    #expect(numeric.allSatisfy { ($0.map(abs).max() ?? 0) > 1e-3 })
    let found = try tiny.model.gradientAgreement(over: tiny.steps, targets: tiny.targets)
    let randomness = try #require(found.randomness)
    let drift = try #require(found.drift)
    #expect(abs(randomness - (try #require(cosine(numeric[0], numeric[1])))) < 1e-5)
    #expect(abs(drift - (try #require(cosine(numeric[0], numeric[2])))) < 1e-5)
    #expect(abs(randomness) < 0.999 && abs(drift) < 0.999)
  }

  @Test("a loss that the model does not have gives no figure")
  func missingLosses() throws {
    func agreement(_ tiny: Tiny) throws -> GradientAgreement {
      try tiny.model.gradientAgreement(over: tiny.steps, targets: tiny.targets)
    }
    let unclustered = try agreement(Tiny { $0.clusters = false })
    #expect(unclustered == GradientAgreement(randomness: nil, drift: nil))
    let unreconstructed = try agreement(Tiny { $0.reconstructs = false })
    #expect(unreconstructed.randomness != nil && unreconstructed.drift == nil)
    let uncentered = try agreement(Tiny { $0.gamma = 0 })
    #expect(uncentered.randomness == nil && uncentered.drift != nil)
  }
}
