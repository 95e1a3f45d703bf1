// The checkpoints of one run: read at its beginning, written while it trains. A checkpoint is a
// tensor stream without cells. Its one line of history is that of the run: program, version,
// settings, seed, digest of the input. By it a run knows its own checkpoints.

import CellData
import Models
import StageSupport
import Tensors
import Training

/// Reads the checkpoint to go on from, and writes those of this run.
package final class Checkpoints {
  /// The name of the training in progress among the parts.
  private static let trainingPart = "training"

  private let options: CheckpointOptions
  private let stage: Stage
  /// What the run is: what its line in the history of the output will be.
  private let identity: Provenance
  /// Every part that is done, and the one in progress.
  private var parts: [String: TrainingState<Float>] = [:]
  /// When the last checkpoint was written, by the log's clock.
  private var written: Double

  /// Takes up the checkpoint that `--resume` names, if it is there.
  ///
  /// - Parameter settings: all that shape the result, as they will stand in the provenance.
  /// - Throws: kind `badData` naming what differs, if it is not a checkpoint of this run.
  package init(
    _ options: CheckpointOptions, settings: [(String, JSONValue)], inputCRC: String, _ stage: Stage
  ) throws {
    self.options = options
    self.stage = stage
    identity = Provenance(of: stage, settings: settings, inputCRC: inputCRC)
    written = stage.log.seconds
    guard let path = options.resume else { return }
    guard stage.exists(path) else {
      stage.log.note("\(path.description): there is no checkpoint yet; training starts")
      return
    }
    let stored = try stage.openCheckpoint(path)
    if let difference = identity.difference(from: stored, .checkpoint) {
      throw StageFault(.badData, difference, in: path.description)
    }
    parts = try reading { try stored.trainingParts() }
    stage.log.note("resuming from the checkpoint \(path.description)")
    if let checkpoint = options.checkpoint, checkpoint != path { try write(to: checkpoint) }
  }

  /// What was kept of a part of the work that an earlier run has done; nil if it has not.
  package func finished(_ part: String) -> TrainingState<Float>? { parts[part] }

  /// What an earlier run has found for a part of the work, or else what `find` finds now, kept for
  /// the next.
  package func keeping(_ part: String, _ find: () throws -> TrainingState<Float>) throws
    -> TrainingState<Float>
  {
    if let known = parts[part] { return known }
    let found = try find()
    parts[part] = found
    if let checkpoint = options.checkpoint { try writeOrWarn(to: checkpoint) }
    return found
  }

  /// Trains; `body` gets the epoch to begin with, and what takes its states.
  package func training<Result>(_ body: (Resumption<Float>) throws -> Result) throws -> Result {
    let resumption = Resumption(from: parts[Self.trainingPart]) { [self] moment, state in
      try offer(moment, state)
    }
    return try reading { try body(resumption) }
  }

  /// Keeps the result of a part of the work, whose training is over.
  package func finish(_ part: String, _ state: TrainingState<Float>) throws {
    parts[part] = state
    try finishTraining(writing: true)
  }

  /// The training is over; from now on signals end the stage at once again.
  package func finishTraining(writing: Bool = false) throws {
    parts[Self.trainingPart] = nil
    guard let checkpoint = options.checkpoint else { return }
    if writing { try writeOrWarn(to: checkpoint) }
    if case .stop = Interruption.take() { stage.progress.finish() }
    Interruption.endDeferring()
  }

  /// Writes a checkpoint where one is due or asked for, and ends the stage where that is.
  private func offer(_ moment: TrainingMoment, _ state: () -> TrainingState<Float>) throws {
    guard let checkpoint = options.checkpoint else { return }
    Interruption.beginDeferring()
    let request = Interruption.take()
    if request == nil && !isDue(moment) { return }
    let current = state()
    // Training is about to fail: the last good checkpoint stays.
    guard current.isFinite else { return }
    parts[Self.trainingPart] = current
    switch request {
    case nil: try writeOrWarn(to: checkpoint)
    case .checkpoint:
      try writeOrWarn(to: checkpoint)
      stage.log.note("epoch \(moment.epoch): wrote the checkpoint \(checkpoint.description)")
    case .stop(let signal):
      stage.progress.finish()
      try write(to: checkpoint)
      stage.log.note(
        "epoch \(moment.epoch): interrupted; --resume \(checkpoint.description) continues")
      Interruption.end(bySignal: signal)
    }
  }

  private func isDue(_ moment: TrainingMoment) -> Bool {
    guard let every = options.checkpointEvery else { return stage.log.seconds - written >= 60 }
    return moment.endsEpoch && moment.epoch % every == 0
  }

  /// A checkpoint that cannot be written is no reason to throw hours of training away.
  private func writeOrWarn(to path: Path) throws {
    do {
      try write(to: path)
    } catch let fault as any Fault {
      stage.log.warning("no checkpoint was written: \(fault.description)")
      written = stage.log.seconds
    }
  }

  private func write(to path: Path) throws {
    var cells = CellData(obs: Frame(index: []), var: Frame(index: []))
    cells.history = [identity]
    for (name, state) in parts { cells.store(state, part: name) }
    try stage.writeCheckpoint(cells, to: path)
    written = stage.log.seconds
  }

  /// Puts the name of the checkpoint that was read before what `body` finds wrong with it.
  package func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let fault as ResumptionFault {
      throw StageFault(fault.kind, fault.description, in: options.resume?.description)
    }
  }
}
