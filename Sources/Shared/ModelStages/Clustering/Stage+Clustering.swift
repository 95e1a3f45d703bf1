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
      log.note("\(found.model): without clustering losses, the initial clusters are kept")
      return
    }
    if let collapse = outcome.collapse { warn(of: collapse, found) }
    for warning in found.remarks.warnings { log.warning(warning) }
    let waited = schedule.patience * schedule.interval
    let end =
      outcome.collapse != nil && schedule.keeps == .best
      ? "until its clusters collapsed"
      : outcome.isConverged
        ? "until \(found.remarks.goal)"
        : outcome.curve.count < schedule.epochs
          ? "stopped after \(counted(waited, "epoch")) without improvement"
          : "until the limit of --epochs"
    let details = [found.remarks.summary, outcome.curve.last?.summary].compactMap(\.self)
    log.note(
      (["\(found.model): \(counted(outcome.curve.count, "epoch")), \(end)"] + details)
        .joined(separator: "; "))
    if outcome.keptEpoch < outcome.curve.count, let best = outcome.score,
      let last = outcome.lastScore, let criterion = found.criterion
    {
      log.note(
        "kept \(found.keptClusters): \(criterion) \(threeDecimals(best)), and \(threeDecimals(last)) after training; --keep last keeps the final ones"
      )
    }
  }

  private func warn(of collapse: Collapse, _ found: ModelClustering) {
    let result =
      found.schedule.keeps == .best
      ? "it ended there and kept \(found.keptClusters)"
      : "it continued, because --keep last keeps the last epoch; --keep best keeps an earlier state"
    log.warning(
      "training collapsed by epoch \(collapse.epoch): \(collapse.summary(cells: found.outcome.labels.count)); \(result); try a smaller --learning-rate or --gamma"
    )
  }
}

extension ModelClustering {
  /// What the state is called that gave the clusters. Where a network of its own finds them, they
  /// are not those of the start before its first epoch either.
  fileprivate var keptClusters: String {
    if outcome.keptEpoch > 0 { return "the clusters of epoch \(outcome.keptEpoch)" }
    return codesShowClusters
      ? "the initial clusters" : "the clusters of the graph network before epoch 1"
  }
}

package func threeDecimals(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
