import CellData
import ModelStages
import Models
import NeuralNetworks
import StageSupport

extension Stage {
  /// Trains a model from its first weights: the paper's way, or of reads from the genes' moments, and with a smaller step where that fails.
  func pretrain(
    _ network: ScTPF<Float>, on batches: Batches<Float>, _ data: ModelData<Float>,
    schedule: TrainingSchedule, isPaper: Bool, seed: UInt64, resumption: Resumption<Float>,
    report: (EpochReport) -> Void
  ) throws -> [LossTerms] {
    if isPaper {
      network.parameters.initialize(seed: seed)
      return try Models.pretrain(
        network, on: batches, schedule: schedule, resumption: resumption, report: report)
    }
    return try pretrainGuarded(
      network, on: batches, schedule: schedule, bounds: CountLossBounds(of: data.target),
      resumption: resumption,
      begin: {
        network.parameters.initialize(seed: seed)
        if data.target.countsReads { network.startHeads(at: data) }
      }, restarted: announce, report: report)
  }

  private func announce(_ restart: TrainingRestart) {
    let loss = decimals(restart.loss)
    let known = decimals(restart.geneMeans)
    let reason =
      switch restart.reason {
      case .explosion:
        "the first epoch ended with a count loss of \(loss), where gene means alone give \(known)"
      case .plateau:
        "training ended with a count loss of \(loss), no better than gene means alone (\(known))"
      }
    log.warning("\(reason); it begins again with --learning-rate \(restart.learningRate)")
  }

  /// How much of the counts a loss of sctpf explains, for the line that sums up; warns where that is next to nothing. Empty for another model.
  func explained(by loss: LossTerms, of cells: CellData) throws -> String {
    guard let loss = loss.countLoss, !cells.weights(of: .sctpf).isEmpty else { return "" }
    let target = try ModelInput(cells).data.target
    if target.countsReads {
      log.detail("the counts are taken for reads: half of those above 0 are 20 or more")
    }
    let share = CountLossBounds(of: target).explainedShare(at: loss)
    let percent = "\((share * 1000).rounded() / 10) %"
    if share < leastExplained {
      log.warning(
        "the model explains \(percent) of the deviance that gene means leave; its codes may mean nothing: give more --epochs, or another --learning-rate"
      )
    }
    return "; \(percent) of the deviance explained"
  }
}

/// A model that explains less has learnt next to nothing.
private let leastExplained = 0.02

private func decimals(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
