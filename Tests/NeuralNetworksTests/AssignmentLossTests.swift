import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite struct AssignmentLossTests {
  @Test func gradientsAgreeWithFiniteDifferences() {
    let reliable = Buffer<UInt8>((0..<11).map { $0 % 3 == 0 ? 0 : 1 })
    let loss = CodesAndCenters().checkGradients { tape, codes, centers in
      tape.assignmentLoss(of: codes, to: centers, reliable: reliable, weight: 1)
    }
    #expect(loss > 0)
  }

  /// Plainly written, with the clusters that the model finds given, it is the loss of the kernel.
  @Test func targetsThatAreTheModelsOwn() {
    func gradients(_ loss: (Tape<Double>, Parameter, Parameter) -> Double) -> (Double, [Double]) {
      let parameters = Parameters<Double>()
      let codes = parameters.declare("z", rows: 1500, columns: 4, .zeros)
      let centers = parameters.declare("centers", rows: 3, columns: 4, .zeros)
      parameters.weights.copy(from: randomMatrix(1, parameters.count, seed: 1))
      let tape = Tape(parameters)
      let value = loss(tape, codes, centers)
      tape.backward()
      return (value, Array(parameters.gradients.matrix().elements))
    }
    let (kernel, expected) = gradients { tape, codes, centers in
      let reliable = Buffer<UInt8>((0..<1500).map { $0 % 3 == 0 ? 0 : 1 })
      return tape.assignmentLoss(
        of: tape.variable(codes), to: tape.variable(centers), reliable: reliable, weight: 0.7)
    }
    let (plain, found) = gradients { tape, codes, centers in
      let soft = softAssignment(
        of: tape.variable(codes).value, to: tape.variable(centers).value)
      let targets = (0..<1500).map { i in
        i % 3 == 0 ? -1 : Int32((0..<3).max { soft[i, $0] < soft[i, $1] } ?? 0)
      }
      return tape.assignmentLoss(
        of: tape.variable(codes), to: tape.variable(centers), targets: Buffer(targets), weight: 0.7)
    }
    assertClose([plain], [kernel], tolerance: 1e-12)
    assertClose(found, expected, tolerance: 1e-10)
  }

  @Test func gradientsWithTargetsAgreeWithFiniteDifferences() {
    let loss = CodesAndCenters().checkGradients { tape, codes, centers in
      tape.assignmentLoss(
        of: codes, to: centers, targets: Buffer((0..<11).map { Int32($0 % 4) - 1 }), weight: 1)
    }
    #expect(loss > 0)
  }

  @Test func noReliableCellNoLoss() {
    let parameters = Parameters<Double>()
    let codes = parameters.declare("z", rows: 4, columns: 2, .glorotUniform)
    let centers = parameters.declare("centers", rows: 2, columns: 2, .glorotUniform)
    parameters.initialize(seed: 1)
    let tape = Tape(parameters)
    let loss = tape.assignmentLoss(
      of: tape.variable(codes), to: tape.variable(centers),
      reliable: Buffer(repeating: 0, count: 4), weight: 1)
    tape.backward()
    #expect(loss == 0)
    #expect(parameters.gradients.matrix().elements.allSatisfy { $0 == 0 })
  }
}

@Suite(.enabled(if: Reference.isAvailable, "the reference numbers are not beside the checkout"))
struct ReferenceAssignmentTests {
  /// Computed by scTPF's published program (Keras' KL divergence), Float64.
  @Test func publishedLoss() throws {
    let reference = try Reference.load("dec_kl")
    let parameters = Parameters<Double>()
    let codes = parameters.declare("z", rows: 14, columns: 3, .zeros)
    let centers = parameters.declare("centers", rows: 4, columns: 3, .zeros)
    parameters.weights(of: codes).copy(from: try #require(reference["z"]))
    parameters.weights(of: centers).copy(from: try #require(reference["centers"]))
    assertClose(
      softAssignment(
        of: parameters.weights(of: codes), to: parameters.weights(of: centers)),
      try #require(reference["q"]), tolerance: 1e-10)
    let indices = Set(try #require(reference["reliable"]).elements.map { Int($0) })
    let reliable = Buffer<UInt8>((0..<14).map { indices.contains($0) ? 1 : 0 })
    let tape = Tape(parameters)
    let loss = tape.assignmentLoss(
      of: tape.variable(codes), to: tape.variable(centers), reliable: reliable, weight: 1)
    assertClose([loss], try #require(reference["loss"]).elements, tolerance: 1e-10)
    tape.backward()
    assertClose(
      parameters.gradient(of: codes).matrix(), try #require(reference["g_z"]), tolerance: 1e-10)
    assertClose(
      parameters.gradient(of: centers).matrix(),
      try #require(reference["g_centers_if_trainable"]), tolerance: 1e-10)
  }
}
