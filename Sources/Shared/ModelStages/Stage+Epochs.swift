import Models
import StageSupport
import Training

extension Stage {
  /// Reports an epoch: the progress bar, a line a machine can read with `--log-format json`, a
  /// line of text with `--verbose`.
  ///
  /// - Parameters:
  ///   - model: which of several models it is, from 0.
  ///   - costs: what an epoch of each of them costs, in any unit.
  package func announce(
    _ epoch: EpochReport, _ phase: String, model: Int = 0, costs: [Double] = [1]
  ) {
    let losses = [("total", epoch.loss.total)] + epoch.loss.parts.map { ($0.name, $0.value) }
    var fields: [(key: String, value: JSONValue)] = [
      ("phase", .string(phase)), ("epoch", .integer(epoch.epoch)),
      ("epochs", .integer(epoch.epochs)),
      ("losses", .object(losses.map { ($0.0, .number($0.1)) })),
      ("epoch_seconds", .number(epoch.seconds)),
    ]
    if let count = epoch.reliableCount { fields.append(("reliable", .integer(count))) }
    log.event(
      "epoch", fields, text: "epoch \(epoch.epoch): \(epoch.loss.summary)",
      level: log.format == .json ? .normal : .verbose)
    progress.update(
      part: model, costs: costs, done: epoch.epoch, total: epoch.epochs,
      note: "loss \(fourDecimals(epoch.loss.total))")
  }
}

extension LossTerms {
  /// `loss 1.7312 (adjacency 0.1612, zinb 1.6829)`
  package var summary: String {
    let terms = parts.map { "\($0.name) \(fourDecimals($0.value))" }.joined(separator: ", ")
    return "loss \(fourDecimals(total)) (\(terms))"
  }
}

func fourDecimals(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
