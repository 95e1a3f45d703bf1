import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

private func model(for data: PairedData<Float>, clusters: Int?) -> ScMDC<Float> {
  var shape = ScMDC<Float>.Configuration(for: data)
  (shape.encoder, shape.decoder, shape.secondDecoder) = ([32, 16, 4], [16, 32], [8])
  (shape.rnaNoise, shape.secondNoise) = (1, 0.5)
  return ScMDC(shape, clusters: clusters)
}

/// Trained as published, but shorter.
private func trained(_ data: PairedData<Float>) throws -> (
  outcome: ClusteringOutcome, curve: [LossTerms], pretrained: ModelWeights, weights: ModelWeights
) {
  let model = model(for: data, clusters: 3)
  model.initialize(seed: 5)
  var schedule = PretrainingSchedule(epochs: 40, learningRate: 1e-2)
  schedule.optimizer = .amsgrad
  let curve = try pretrain(
    model, on: PairedSteps(data, size: 64, seed: 0), schedule: schedule)
  let pretrained = model.weights
  var clustering = ScMDCClustering.paper.schedule
  clustering.epochs = 6
  let outcome = try GuardedTraining(
    model, on: PairedSteps(data, size: 64, seed: 1), rule: StabilityRule(share: 0),
    schedule: clustering
  ).run { codes in
    try StartingPartition(
      .kmeans, graph: nil, codes: codes, others: [], clusters: 3, isScored: false, seed: 0)
  }
  return (outcome, curve, pretrained, model.weights)
}

@Suite(.serialized) struct ScMDCTests {
  @Test(arguments: [PairedSimulation.Second.values, .counts])
  func trainingFindsTheTypesAtAnyNumberOfThreads(_ second: PairedSimulation.Second) throws {
    let simulation = PairedSimulation(cells: 300, seed: 2)
    let data = simulation.data(second)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let first = try trained(data)
    #expect(first.curve[39].parts[0].value < first.curve[0].parts[0].value)
    #expect(first.curve[0].parts.map(\.name) == ["rna", "second"])
    #expect(first.curve[39].parts.map(\.name) == ["rna", "second", "pairs"])
    #expect(first.outcome.curve[0].parts.map(\.name) == ["rna", "second", "pairs", "centers"])
    // One type differs by its genes, two by their proteins.
    for type in 0..<3 {
      let own = Set(zip(first.outcome.labels, simulation.truth).filter { $0.1 == type }.map(\.0))
      #expect(own.count == 1, "\(type): \(own)")
    }
    // With clusters the statistics stay as pretraining left them.
    for (name, matrix) in first.weights where name.hasSuffix("norm.mean") {
      #expect(matrix == first.pretrained[name], "\(name)")
    }
    #expect(first.weights["encoder.0.second"] != first.pretrained["encoder.0.second"])
    Threads.count = 2
    let second = try trained(data)
    #expect(first.weights == second.weights && first.outcome.curve == second.outcome.curve)
  }

  @Test func aStepAllocatesNothingAfterTheSecond() {
    let data = PairedSimulation(cells: 300, seed: 1).data(.counts)
    let model = model(for: data, clusters: 3)
    model.initialize(seed: 1)
    let tape = Tape(model.parameters)
    let steps = PairedSteps(data, size: 60, seed: 1)
    var allocations: [Int] = []
    for plan in steps.steps(ofEpoch: 1, of: 1) {
      _ = model.clusteringStep(steps.step(plan, on: tape), on: tape)
      allocations.append(tape.workspace.allocationCount + tape.doubles.allocationCount)
    }
    #expect(allocations.count == 5 && allocations.dropFirst(2).allSatisfy { $0 == allocations[1] })
  }

  /// Both kernels of the first layer are drawn as one of all inputs would be.
  @Test func firstLayer() {
    let model = ScMDC<Float>(.init(genes: 40, features: 8))
    model.initialize(seed: 1)
    let limit = (6 / Float(40 + 8 + 256)).squareRoot()
    for name in ["encoder.0.kernel", "encoder.0.second"] {
      let largest = model.weights[name]?.elements.map { abs($0) }.max() ?? 0
      #expect(largest <= limit && largest > 0.9 * limit, "\(name)")
    }
    #expect(try! ScMDC<Float>.Configuration(of: model.weights) == .init(genes: 40, features: 8))
  }

  @Test func presets() {
    let paper = ScMDCPretraining.paper.schedule(cells: 1000)
    #expect(paper.epochs == 400 && paper.patience == nil && paper.optimizer == .amsgrad)
    #expect(ScMDCPretraining.released.model.differentiatesTarget)
    let shape = ScMDCClustering.paper.shape(.init(genes: 1, features: 1))
    #expect((shape.phi, shape.gamma, shape.rnaNoise, shape.secondNoise) == (0.001, 0.1, 2.5, 1.5))
    #expect(shape.encoder == [256, 64, 32, 16] && shape.secondDecoder == [20])
    #expect(ScMDCClustering.paper.schedule.epochs == 5000)
    #expect(ScMDCClustering.standard.schedule.keeps == .best)
  }
}
