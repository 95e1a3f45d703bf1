import Models
import NeuralNetworks
import Testing
import Training

@Suite struct GuardedPretrainingTests {
  private static let schedule = PretrainingSchedule(epochs: 6, learningRate: 30)

  /// Trains with a step that is far too large; ends after `limit` states were offered.
  private func run(
    _ simulation: Simulation, from state: TrainingState<Float>? = nil, limit: Int = .max
  ) throws -> (curve: [LossTerms], restarts: [TrainingRestart], state: TrainingState<Float>?) {
    struct Interrupted: Error {}
    var shape = ScTPF<Float>.Configuration(genes: 60)
    shape.latentHops = 0
    let model = ScTPF<Float>(shape)
    var restarts: [TrainingRestart] = []
    var (offered, kept) = (0, TrainingState<Float>?.none)
    let resumption = Resumption<Float>(from: state) { _, current in
      offered += 1
      kept = current()
      if offered == limit { throw Interrupted() }
    }
    do {
      let curve = try pretrainGuarded(
        model, on: simulation.batches(of: model, size: 50), schedule: Self.schedule,
        bounds: CountLossBounds(of: simulation.data.target), resumption: resumption,
        begin: { model.parameters.initialize(seed: 3) }, restarted: { restarts.append($0) })
      return (curve, restarts, kept)
    } catch is Interrupted {
      return ([], restarts, kept)
    }
  }

  @Test func anExplosionBeginsAgainWithASmallerStep() throws {
    let found = try run(try Simulation(cells: 150, seed: 1))
    let first = try #require(found.restarts.first)
    #expect(first.reason == .explosion && first.learningRate == 6)
    #expect(first.loss > 3 * first.geneMeans + 1)
    #expect(found.curve.count == 6)
  }

  @Test func aResumedTrainingGoesOnWithTheSmallerStep() throws {
    let simulation = try Simulation(cells: 150, seed: 1)
    let whole = try run(simulation)
    // Three steps an epoch: the state is one of the second or a later attempt.
    let begun = try run(simulation, limit: 8)
    let state = try #require(begun.state)
    #expect(state.numbers["attempt"] != [0])
    let resumed = try run(simulation, from: state)
    #expect(resumed.curve == whole.curve)
    #expect(begun.restarts.count + resumed.restarts.count == whole.restarts.count)
  }
}
