import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  private static func grid(of model: String) -> String { "uns.grid.\(model)" }
  private static func columns(of model: String) -> String { "uns.grid.\(model)_columns" }

  /// Takes out the tables of earlier runs.
  package mutating func clearGrids() {
    for model in ModelName.allCases.map(\.rawValue) {
      (tensors[Self.grid(of: model)], settings[Self.columns(of: model)]) = (nil, nil)
    }
  }

  /// Trains all trials from the same start, `width` at a time, and reports them.
  func searchGrid<Model: CodingModel>(
    _ prepared: PreparedClustering<Model>, _ count: Int,
    from start: (Matrix<Float>) throws -> StartingPartition, width: Int, _ stage: Stage
  ) throws -> GridOutcome {
    let grid = ClusteringGrid(count: count, training: prepared.training)
    let costs = [Double](repeating: 1, count: count)
    let found = try grid.run(width: width, from: start) { number, epoch in
      stage.progress.update(
        part: number, costs: costs, done: epoch.epoch, total: epoch.epochs,
        note: "combination \(number + 1)")
    }
    stage.progress.finish()
    for trial in found.trials { stage.announce(trial, cells: cellCount) }
    let best = found.trials[found.number]
    stage.log.note(
      "grid: the best of \(count) pairs is \(best.words) (score \(threeDecimals(best.score ?? 0))); \(found.trials.count { $0.keptEpoch > 0 }) improved on the initial clusters"
    )
    return found
  }

  mutating func storeGrid(_ trials: [GridTrial], of model: String) {
    tensors[Self.grid(of: model)] = Tensor(
      Matrix(
        trials.map { trial in
          trial.settings.map { Float($0.value) } + [
            Float(trial.score ?? 0), Float(trial.keptEpoch), Float(trial.epochs),
            Float(trial.reliableCount ?? 0) / Float(max(1, cellCount)),
            trial.isCollapsed ? 1 : 0,
          ]
        }))
    let names =
      (trials.first?.settings.map(\.name) ?? [])
      + ["score", "kept_epoch", "epochs", "reliable", "collapsed"]
    settings[Self.columns(of: model)] = JSONValue.array(names.map { .string($0) }).text
  }
}

extension GridTrial {
  /// "confidence 0.7, latent_neighbors 4"
  fileprivate var words: String {
    settings.map { "\($0.name) \(shortest($0.value))" }.joined(separator: ", ")
  }
}

extension Stage {
  /// Reports a combination: a line a machine can read with `--log-format json`, a line of text with
  /// `--verbose`.
  fileprivate func announce(_ trial: GridTrial, cells: Int) {
    let share = Double(trial.reliableCount ?? 0) / Double(max(1, cells))
    let place = trial.keptEpoch == 0 ? "the start" : "epoch \(trial.keptEpoch)"
    let settings = trial.settings.map { (key: $0.name, value: JSONValue.number($0.value)) }
    log.event(
      "combination",
      settings + [
        ("score", .number(trial.score ?? 0)), ("kept_epoch", .integer(trial.keptEpoch)),
        ("epochs", .integer(trial.epochs)), ("reliable", .number(share)),
        ("collapsed", .boolean(trial.isCollapsed)),
      ],
      text:
        "grid: \(trial.words): score \(threeDecimals(trial.score ?? 0)) at \(place) of \(trial.epochs) epochs; reliable \((share * 1000).rounded() / 10) %\(trial.isCollapsed ? "; collapsed" : "")",
      level: log.format == .json ? .normal : .verbose)
  }
}

/// Whole numbers without a point.
private func shortest(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
