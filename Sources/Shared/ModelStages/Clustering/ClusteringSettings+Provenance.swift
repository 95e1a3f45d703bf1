import Models
import StageSupport
import Training

extension StableClusteringSettings {
  /// What the provenance notes of a training until the labels are stable.
  ///
  /// - Parameters:
  ///   - used: the schedule, where it is not that of the settings.
  ///   - stepSize: the cells in a step, where it is not that of the settings; 0: all.
  ///   - own: what is the model's own.
  ///   - switches: what is noted where it is on.
  package func provenance(
    _ used: ClusteringSchedule? = nil, stepSize: Int? = nil, own: [(String, JSONValue)] = [],
    switches: [(String, Bool)] = []
  ) -> [(String, JSONValue)] {
    let schedule = used ?? schedule
    return [
      ("start", .string(start.rawValue)), ("gamma", .number(gamma)),
      ("epochs", .integer(schedule.epochs)), ("update_interval", .integer(schedule.interval)),
      ("learning_rate", .number(schedule.learningRate)),
      ("batch_size", .integer(stepSize ?? batchSize)),
      ("freeze_centers", .boolean(!trainsCenters)), ("stable_share", .number(stableShare)),
      ("keep", .string(schedule.keeps.rawValue)), ("patience", .integer(schedule.patience)),
    ] + schedule.optimizer.provenance + own + (filter?.provenance ?? [])
      + switchedOn(switches + [("keep_snapshots", schedule.keepsSnapshots)])
  }
}
