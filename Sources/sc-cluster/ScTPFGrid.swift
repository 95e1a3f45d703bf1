import CellData
import ModelStages
import Models
import StageSupport
import Tensors

extension CellData {
  private static let grid = "uns.grid.sctpf"
  private static let columns = "uns.grid.sctpf_columns"

  /// Takes out the table of an earlier run.
  mutating func clearGrid() {
    (tensors[Self.grid], settings[Self.columns]) = (nil, nil)
  }

  /// Tries the pairs of ε and k from the same start, `width` at a time; the model gets the weights of the best, the schedule its filter, and the table of all is stored.
  mutating func searchGrid(
    for model: ScTPF<Float>, _ clusters: Int, on input: ModelInput,
    _ schedule: inout ClusteringSchedule,
    from start: (Matrix<Float>) throws -> StartingPartition, width: Int, _ stage: Stage
  ) throws -> ClusteringOutcome {
    let (shape, stored) = (model.configuration, model.weights)
    let grid = ClusteringGrid(
      on: input.data, adjacency: input.adjacency, schedule: schedule
    ) {
      let model = ScTPF<Float>(shape, clusters: clusters)
      try model.load(stored)
      return model
    }
    let found = try grid.run(width: width, from: start) { number, epoch in
      stage.progress.update(
        part: number, of: grid.count, done: epoch.epoch, total: epoch.epochs,
        note: "combination \(number + 1)")
    }
    stage.progress.finish()
    try model.load(found.weights)
    for trial in found.trials { stage.announce(trial, cells: cellCount) }
    schedule.calibration = found.calibration
    let filter = found.best.usedFilter
    stage.log.note(
      "grid: of \(grid.count) combinations ε \(filter.margin), k \(filter.neighbors) is best by score (\(threeDecimals(found.best.score))); \(found.trials.count { $0.keptEpoch > 0 }) bettered the start"
    )
    store(found.trials)
    return found.best
  }

  private mutating func store(_ trials: [GridTrial]) {
    tensors[Self.grid] = Tensor(
      Matrix(
        trials.map { trial in
          [
            Float(trial.filter.margin), Float(trial.filter.neighbors), Float(trial.score),
            Float(trial.keptEpoch), Float(trial.epochs),
            Float(trial.reliableCount) / Float(max(1, cellCount)), trial.isCollapsed ? 1 : 0,
          ]
        }))
    settings[Self.columns] =
      #"["confidence","latent_neighbors","score","kept_epoch","epochs","reliable","collapsed"]"#
  }
}

extension Stage {
  /// Tells of a combination: a line a machine can read with `--log-format json`, a line of text with `--verbose`.
  fileprivate func announce(_ trial: GridTrial, cells: Int) {
    let share = Double(trial.reliableCount) / Double(max(1, cells))
    let place = trial.keptEpoch == 0 ? "the start" : "epoch \(trial.keptEpoch)"
    log.event(
      "combination",
      [
        ("confidence", .number(trial.filter.margin)),
        ("latent_neighbors", .integer(trial.filter.neighbors)), ("score", .number(trial.score)),
        ("kept_epoch", .integer(trial.keptEpoch)), ("epochs", .integer(trial.epochs)),
        ("reliable", .number(share)), ("collapsed", .boolean(trial.isCollapsed)),
      ],
      text:
        "grid: ε \(trial.filter.margin), k \(trial.filter.neighbors)\(trial.isCalibrated ? " (from the data)" : ""): score \(threeDecimals(trial.score)) at \(place) of \(trial.epochs) epochs; reliable \((share * 1000).rounded() / 10) %\(trial.isCollapsed ? "; collapsed" : "")",
      level: log.format == .json ? .normal : .verbose)
  }
}

extension ClusteringSchedule {
  /// The settings of the filter that was used, for the provenance, and where they came from.
  func settings(of used: ReliabilityFilter) -> [(String, JSONValue)] {
    [
      ("confidence", .number(used.margin)), ("latent_neighbors", .integer(used.neighbors)),
      (
        "from_data",
        .array(
          [("confidence", calibration.setsMargin), ("latent_neighbors", calibration.setsNeighbors)]
            .filter(\.1).map { .string($0.0) })
      ),
    ]
  }

  /// `ε 0.312 and k 4 from the data`
  func origin(of used: ReliabilityFilter) -> String {
    let margin = "ε \(used.margin)\(calibration.setsMargin ? " from the data" : "")"
    return "\(margin), k \(used.neighbors)\(calibration.setsNeighbors ? " from the data" : "")"
  }
}
