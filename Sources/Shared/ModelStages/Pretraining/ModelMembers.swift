// Models of one run that jobs of their own train: each job writes its model, and a last one gathers them. A model's file is a tensor stream
// without cells, whose one line of history is that of the whole run and names the model.

import CellData
import StageSupport
import Tensors
import Training

/// The models of a run, as files of jobs.
package struct ModelMembers {
  private let settings: [(String, JSONValue)]
  private let inputCRC: String
  private let stage: Stage
  private let count: Int

  /// - Parameters:
  ///   - settings: all that shape the result, as they will stand in the provenance.
  ///   - count: how many models the run has.
  package init(of count: Int, settings: [(String, JSONValue)], inputCRC: String, _ stage: Stage) {
    (self.settings, self.inputCRC, self.stage, self.count) = (settings, inputCRC, stage, count)
  }

  /// The settings of the job that trains this model.
  package func settings(of number: Int) -> [(String, JSONValue)] {
    settings + [(Self.member, .integer(number))]
  }

  /// Writes a trained model.
  package func write(_ model: TrainedModel, _ number: Int, to path: Path) throws {
    var cells = CellData(obs: Frame(index: []), var: Frame(index: []))
    cells.history = [
      Provenance(of: stage, settings: settings(of: number), inputCRC: inputCRC)
    ]
    cells.store(model.state, part: Self.part(number))
    try stage.writeCheckpoint(cells, to: path)
    stage.log.note("model \(number) of \(count) is trained; --gather joins all")
  }

  /// The models of these files, in the order of their numbers.
  ///
  /// - Parameter cellCount: the cells that they learn from.
  /// - Throws: kind `badData` naming the file that holds no model of this run, or the model that none holds.
  package func gathered(from paths: [Path], cellCount: Int) throws -> [TrainedModel] {
    let identity = Provenance(of: stage, settings: settings, inputCRC: inputCRC)
    var models: [Int: TrainedModel] = [:]
    for path in paths {
      let stored = try stage.openCheckpoint(path, remedy: "train the model again with --member")
      if let difference = identity.difference(from: stored, .member, ignoring: [Self.member]) {
        throw StageFault(.badData, difference, in: path.description)
      }
      do throws(ResumptionFault) {
        let parts = try stored.trainingParts()
        for number in 0..<count {
          guard let state = parts[Self.part(number)] else { continue }
          models[number] = try TrainedModel(state, cellCount: cellCount)
        }
      } catch {
        throw StageFault(error.kind, error.description, in: path.description)
      }
    }
    return try (0..<count).map { number in
      if let model = models[number] { return model }
      throw StageFault(
        .badData,
        "no file of --gather holds model \(number) of \(count); train it with --member \(number)")
    }
  }

  /// The name of a model among the parts of a run.
  static func part(_ number: Int) -> String { "model_\(number)" }

  private static let member = "member"
}
