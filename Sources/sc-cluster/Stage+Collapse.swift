import Models
import StageSupport

extension Stage {
  /// Says what happened to the clusters of a training, which result that left, and what to do.
  func warn(of collapse: Collapse, cells: Int, keeps: KeptState, keptEpoch: Int) {
    let result =
      keeps == .best
      ? "it ended there, and the clusters are those of \(keptEpoch == 0 ? "the start" : "epoch \(keptEpoch)")"
      : "it went on, for the last epoch was to be kept; --keep best keeps a state before it"
    log.warning(
      "training had collapsed by epoch \(collapse.epoch): \(collapse.summary(cells: cells)); \(result); try a smaller --learning-rate or --gamma"
    )
  }
}
