import CellData
import StageSupport

/// The losses of one phase of training.
struct LossHistory {
  /// The name in `uns/loss`: `sctpf/pretrain`.
  let phase: String
  /// The total first.
  let terms: [(name: String, values: [Double])]

  /// Pretraining first.
  static func all(in cells: CellData) -> [LossHistory] {
    let prefix = "uns.loss."
    let names = cells.tensors.keys.filter { $0.hasPrefix(prefix) }
      .sorted { ($0.contains("pretrain") ? 0 : 1, $0) < ($1.contains("pretrain") ? 0 : 1, $1) }
    return names.compactMap { name in
      guard let tensor = cells.tensors[name], tensor.shape.count == 2, tensor.shape[0] > 0 else {
        return nil
      }
      let (values, terms) = (tensor.numbers, tensor.shape[1])
      let known = texts(inList: cells.settings["\(name)_terms"] ?? "")
      return LossHistory(
        phase: String(name.dropFirst(prefix.count)),
        terms: (0..<terms).map { term in
          let title = term < known.count ? known[term] : term == 0 ? "total" : "term \(term)"
          return (title, stride(from: term, to: values.count, by: terms).map { values[$0] })
        })
    }
  }

  /// The texts of a JSON list of plain names.
  static func texts(inList json: String) -> [String] {
    json.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.isMultiple(of: 2) ? nil : String($1) }
  }
}

/// A value over the epochs of one run.
struct RunCurve {
  /// A phase of training, or `gradients`.
  let phase: String
  let term: String
  /// Rising.
  let epochs: [Int]
  /// Not finite for a missing value.
  let values: [Double]

  /// The phase of the diagnosis.
  static let gradients = "gradients"

  /// The losses, and with a diagnosis the agreement of gradients.
  static func all(of cells: CellData, _ figures: Figures) -> [RunCurve] {
    LossHistory.all(in: cells).flatMap { history in
      history.terms.map { term in
        RunCurve(
          phase: history.phase, term: term.name, epochs: Array(1...max(1, term.values.count)),
          values: term.values)
      }
    } + (figures.diagnosis?.runCurves ?? [])
  }

  /// A line an epoch. Throws kind `badData` if there is no curve at all.
  static func text(_ runs: [(run: String, curves: [RunCurve])]) throws -> String {
    guard runs.contains(where: { !$0.curves.isEmpty }) else {
      throw StageFault(
        .badData,
        "there are no curves (--curves): they are the losses of a model's training, and with --diagnose the snapshots that sc-cluster --keep-snapshots stores"
      )
    }
    var lines = ["run\tphase\tterm\tepoch\tvalue"]
    for (run, curves) in runs {
      for curve in curves {
        let head = [run, curve.phase, curve.term].map(\.printable).joined(separator: "\t")
        for (epoch, value) in zip(curve.epochs, curve.values) {
          lines.append("\(head)\t\(epoch)\t\(value.isFinite ? "\(value)" : "NA")")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension [RunCurve] {
  /// Their mean at every epoch that all of them have.
  var mean: (epochs: [Int], values: [Double]) {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    for curve in self {
      for (epoch, value) in zip(curve.epochs, curve.values) {
        let known = sums[epoch] ?? (0, 0)
        sums[epoch] = (known.sum + value, known.count + 1)
      }
    }
    let epochs = sums.filter { $0.value.count == count }.keys.sorted()
    return (epochs, epochs.map { (sums[$0]?.sum ?? .nan) / Double(count) })
  }
}
