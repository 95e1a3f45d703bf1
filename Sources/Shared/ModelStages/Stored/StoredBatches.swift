// The batches that the decoder of a stored model sees. Their column of obs is uns.NAME.batch_key.
// Their names, in the order of the decoder's columns, are uns.NAME.batches. So the batches of the
// cells, or of some of them, are the same in every stage. If the encoder sees them too, there is
// uns.NAME.encode_batch.

import CellData
import StageSupport
import Tensors
import Training

extension CellData {
  private static func key(of model: String) -> String { "uns.\(model).batch_key" }
  private static func names(of model: String) -> String { "uns.\(model).batches" }
  private static func encodes(of model: String) -> String { "uns.\(model).encode_batch" }

  /// Notes by which column the model of this name is to see batches; nil: it sees none.
  ///
  /// - Throws: kind `badData` if there is no such column, a cell has no batch, or there is one
  ///   batch only. It also throws for more than one batch for ten cells.
  package mutating func store(batchKey key: String?, isEncoded: Bool, of model: String) throws {
    for name in [Self.key(of: model), Self.names(of: model), Self.encodes(of: model)] {
      settings[name] = nil
    }
    guard let key else { return }
    let names = try obs.batches(key).names
    settings[Self.key(of: model)] = JSONValue.string(key).text
    settings[Self.names(of: model)] = JSONValue.array(names.map { .string($0) }).text
    if isEncoded { settings[Self.encodes(of: model)] = JSONValue.boolean(true).text }
  }

  fileprivate func encodesBatches(of model: String) -> Bool {
    settings[Self.encodes(of: model)] == JSONValue.boolean(true).text
  }

  /// Whether a model sees batches.
  func seesBatches(of model: String) -> Bool { batchNames(of: model) != nil }

  /// The names of the batches that a model sees; nil where it sees none.
  func batchNames(of model: String) -> [String]? {
    settings[Self.names(of: model)].flatMap { JSONText.strings(in: $0) }
  }

  /// The batches of the cells as the model of this name sees them; nil where it sees none.
  ///
  /// - Parameter count: how many a stored model sees, by its weights; nil: one to be trained.
  /// - Throws: `ModelStageFault` where the column is gone, or a cell is of no batch that the model
  ///   knows.
  func batchCovariate(of model: String, count: Int? = nil) throws(ModelStageFault)
    -> BatchCovariate?
  {
    let names = batchNames(of: model) ?? []
    if let count, count != names.count {
      throw ModelStageFault(
        "uns.\(model).batches: names \(names.count) batches, but the model sees \(count); run sc-pretrain on these data"
      )
    }
    if names.isEmpty { return nil }
    let stored = settings[Self.key(of: model)].flatMap { JSONText.string(in: $0) }
    guard let key = stored, let classes = obs[key]?.classes else {
      throw ModelStageFault(
        "obs/\(stored ?? "batch"): the column of batches that the model sees is missing; run sc-pretrain on these data"
      )
    }
    let place = Dictionary(
      names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { a, _ in a })
    let known = classes.names.map { place[$0] ?? -1 }
    let codes = classes.codes.map { $0 < 0 ? -1 : known[Int($0)] }
    let others = codes.count { $0 < 0 }
    if others > 0 {
      throw ModelStageFault(
        "obs/\(key): \(others) of \(cellCount) cells belong to none of the batches that the model sees (\(listed(names))); run sc-pretrain on these data"
      )
    }
    return BatchCovariate(
      Buffer(codes), count: names.count, isEncoded: encodesBatches(of: model))
  }
}

extension TrainingExtent {
  /// Counts the batches that the model of this name sees.
  mutating func seeBatches(of model: String, in cells: CellData) {
    batches = cells.batchNames(of: model)?.count ?? 0
    encodesBatches = cells.encodesBatches(of: model)
  }
}

/// What a model reads of the cells, with the batches that its decoder sees.
protocol BatchedInput {
  associatedtype Data: BatchedData
  var data: Data { get set }
}

protocol BatchedData {
  var covariate: BatchCovariate? { get set }
}

extension BatchedInput {
  /// The same with the batches of the cells, where the model of this name sees them.
  ///
  /// - Throws: `ModelStageFault` as `batchCovariate`.
  func seeingBatches(of model: String, count: Int? = nil, in cells: CellData)
    throws(ModelStageFault) -> Self
  {
    var result = self
    result.data.covariate = try cells.batchCovariate(of: model, count: count)
    return result
  }

  /// How many batches the decoder sees, and whether the encoder sees them too.
  var batches: (count: Int, areEncoded: Bool) {
    data.covariate.map { ($0.count, $0.isEncoded) } ?? (0, false)
  }
}

extension ModelInput: BatchedInput {}
extension AveragedInput: BatchedInput {}
extension PairedInput: BatchedInput {}
extension GraphData: BatchedData {}
extension PairedData: BatchedData {}
