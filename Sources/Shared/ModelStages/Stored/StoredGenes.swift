// The names of the genes of a stored model, in the order of its weights: uns.NAME.genes, and
// uns.NAME.features for a second modality. Another program may sort or rename genes; the weights do
// not follow.

import CellData
import Models
import StageSupport
import Tensors

extension CellData {
  private static func genes(of model: String) -> String { "uns.\(model).genes" }
  private static func features(of model: String) -> String { "uns.\(model).features" }

  /// Notes the genes of a model whose weights and settings are stored. A model that reads the
  /// second modality has its features noted too.
  mutating func noteGenes(of model: String) {
    settings[Self.genes(of: model)] = JSONText.array(of: self.var.index)
    let stored = try? ModelName(rawValue: model)?.kind.init(storedIn: self, clusters: nil)
    let second = stored?.readsSecond == true ? secondModality : nil
    settings[Self.features(of: model)] = second.map { JSONText.array(of: $0.data.var.index) }
  }

  /// Puts the genes, and the features of the second modality, into the order of a stored model's
  /// weights. Returns whether they were in another order.
  ///
  /// Models of earlier versions have no names; their genes are taken as they are.
  ///
  /// - Throws: `ModelStageFault` naming the genes that differ.
  @discardableResult
  package mutating func followGenes(of model: ModelName) throws(ModelStageFault) -> Bool {
    let places = try self.var.places(
      of: settings[Self.genes(of: model.rawValue)], called: "genes")
    if let places { self = selectingGenes(places) }
    guard var second = secondModality else { return places != nil }
    let features = try second.data.var.places(
      of: settings[Self.features(of: model.rawValue)], called: "features of '\(second.name)'")
    if let features {
      second.data = second.data.selectingGenes(features)
      setSecondModality(second)
    }
    return places != nil || features != nil
  }

  /// A remark if X is not what a stored model learned from; nil if it is, or if nothing shows it.
  /// The genes are in the model's order.
  package func remarkOnValues(of model: ModelName) -> String? {
    let training = history.last {
      $0.tool == "sc-pretrain" && $0.settings["model"] == JSONValue.string(model.rawValue).text
    }
    guard let known = training?.settings[Self.cellDigestsSetting], hasOtherValues(than: known)
    else { return nil }
    return "X was changed after sc-pretrain trained the model; run sc-pretrain on these values"
  }
}

extension Frame {
  /// The row of every name in a list (JSON text); nil without a list, or if the rows are in its
  /// order.
  fileprivate func places(of list: String?, called noun: String) throws(ModelStageFault) -> [Int]? {
    guard let names = list.flatMap({ JSONText.strings(in: $0) }), names != index else { return nil }
    let row = index.firstPositions
    let places = names.compactMap { row[$0] }
    if places.count == names.count && names.count == rowCount { return places }
    let known = Set(names)
    let differences = [
      ("missing", names.filter { row[$0] == nil }), ("new", index.filter { !known.contains($0) }),
    ]
    let texts = differences.filter { !$0.1.isEmpty }.map { "\($0): \(listed($1, limit: 3))" }
    throw ModelStageFault(
      "the model was trained on \(names.count) \(noun), but the data have \(rowCount) (\(texts.joined(separator: "; "))); give them the names that they had, or run sc-pretrain on these data"
    )
  }
}
