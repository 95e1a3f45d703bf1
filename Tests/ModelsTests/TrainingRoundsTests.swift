import Autodiff
import Models
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct TrainingRoundsTests {
  @Test func epochsAreSharedOut() {
    let rounds = (1...6).map { TrainingRound(part: $0, epochs: 50, learningRate: 0.1) }
    let shared = TrainingRound.sharing(14, among: rounds)
    #expect(shared.map(\.epochs).reduce(0, +) == 14 && shared.count == 6)
    #expect(TrainingRound.sharing(2, among: rounds).map(\.part) == [3, 6])
    #expect(TrainingRound.sharing(300, among: rounds) == rounds)
  }

  private func schedule(_ rounds: [TrainingRound], patience: Int? = nil) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(rounds: rounds)
    (schedule.optimizer, schedule.patience, schedule.tolerance) = (.momentum(0.9), patience, 0.5)
    return schedule
  }

  private let data = PairedSimulation(cells: 90, seed: 2).data(.none)

  private func model() -> DESC<Float> {
    let model = DESC<Float>(DESC<Float>.Configuration(genes: 40, encoder: [12, 5]))
    model.initialize(seed: 1)
    return model
  }

  private func weights(_ schedule: PretrainingSchedule) throws -> (ModelWeights, Int) {
    let model = model()
    let curve = try pretrain(
      model, on: PairedSteps(data, size: 30, seed: 0), schedule: schedule)
    return (model.weights, curve.count)
  }

  /// A round changes the weights of its part alone.
  @Test func onePartLearns() throws {
    let start = model().weights
    let (found, epochs) = try weights(
      schedule([TrainingRound(part: 2, epochs: 2, learningRate: 0.1)]))
    #expect(epochs == 2)
    for (name, matrix) in found {
      #expect((matrix == start[name]) == !name.contains(".1."), "\(name)")
    }
  }

  /// Patience ends a round, not the training; every round has an optimizer of its own.
  @Test func everyRoundBeginsAfresh() throws {
    let rounds = [
      TrainingRound(part: 1, epochs: 9, learningRate: 1e-9),
      TrainingRound(part: 0, epochs: 9, learningRate: 1e-9),
    ]
    #expect(try weights(schedule(rounds, patience: 2)).1 == 6)
    // With steps of 0 in the second round the first round's speed would go on moving the weights.
    let first = TrainingRound(part: 1, epochs: 2, learningRate: 0.1)
    let still = TrainingRound(part: 1, epochs: 3, learningRate: 0)
    #expect(try weights(schedule([first, still])).0 == weights(schedule([first])).0)
  }
}
