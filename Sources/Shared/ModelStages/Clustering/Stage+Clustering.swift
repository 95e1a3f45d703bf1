import StageSupport
import Tensors
import Training

extension Stage {
  /// Reports the first partition, with `--verbose`.
  func announce(_ start: StartingPartition) {
    let compared = start.criterion.map { criterion in
      ", \(criterion.name) \(threeDecimals(start.score ?? 0))"
    }
    log.detail("start: \(start.method?.rawValue ?? "")\(compared ?? "")")
  }

  /// Reports how a training with clusters ended, and which state gave the clusters.
  package func announce(_ found: ModelClustering) {
    let (outcome, schedule) = (found.outcome, found.schedule)
    if let division = found.division {
      log.note(
        "\(found.model): two clusterings; the alignment of their embeddings is \(threeDecimals(division.alignment)), from 0 (nothing in common) to 1"
      )
      return
    }
    if outcome.curve.isEmpty {
      log.note("\(found.model): without clustering losses the clusters are those of the start")
      return
    }
    if let collapse = outcome.collapse { warn(of: collapse, found) }
    for warning in found.remarks.warnings { log.warning(warning) }
    let waited = schedule.patience * schedule.interval
    let end =
      outcome.collapse != nil && schedule.keeps == .best
      ? "its clusters collapsed"
      : outcome.isConverged
        ? found.remarks.goal
        : outcome.curve.count < schedule.epochs
          ? "nothing had improved for \(counted(waited, "epoch"))" : "the limit of --epochs"
    let details = [found.remarks.summary, outcome.curve.last?.summary].compactMap(\.self)
    log.note(
      (["\(found.model): \(counted(outcome.curve.count, "epoch")), until \(end)"] + details)
        .joined(separator: "; "))
    if outcome.keptEpoch < outcome.curve.count, let best = outcome.score,
      let last = outcome.lastScore, let criterion = found.criterion
    {
      log.note(
        "the clusters are those of \(found.keptState): their \(criterion) is \(threeDecimals(best)), and \(threeDecimals(last)) at the end; --keep last returns the last state"
      )
    }
  }

  private func warn(of collapse: Collapse, _ found: ModelClustering) {
    let result =
      found.schedule.keeps == .best
      ? "it ended there, and the clusters are those of \(found.keptState)"
      : "it continued, because --keep last keeps the last epoch; --keep best keeps an earlier state"
    log.warning(
      "training had collapsed by epoch \(collapse.epoch): \(collapse.summary(cells: found.outcome.labels.count)); \(result); try a smaller --learning-rate or --gamma"
    )
  }
}

extension ModelClustering {
  /// What the state is called that gave the clusters. Where a network of its own finds them, they
  /// are not those of the start before its first epoch either.
  fileprivate var keptState: String {
    if outcome.keptEpoch > 0 { return "epoch \(outcome.keptEpoch)" }
    return codesShowClusters ? "the start" : "the graph network before epoch 1"
  }
}

package func threeDecimals(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
