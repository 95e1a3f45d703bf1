import CellData
import Tensors

extension CellData {
  /// The embedding in which the last run of sc-knn integrated batches; nil if it did not.
  package var integratedEmbedding: String? {
    guard let text = history.last(where: { $0.tool == "sc-knn" })?.settings["integrated"] else {
      return nil
    }
    return obsm.keys.first { JSONValue.string($0).text == text }
  }

  /// The stored embedding of a name that a user or a stage chose.
  ///
  /// Throws kind `badData` with all names if it is missing, and if its numbers are not finite or
  /// all vanish.
  package func embedding(named name: String) throws -> Matrix<Float> {
    guard let points = obsm[name] else {
      throw StageFault(
        .badData, "there is no embedding '\(name)' (--use); obsm has \(listed(obsm.keys.sorted()))")
    }
    guard points.columns > 0 else {
      throw StageFault(
        .badData, "obsm.\(name): the embedding has no columns; name another with --use")
    }
    try points.requireFinite("obsm.\(name)")
    if points.magnitude == .vanishing {
      throw StageFault(
        .badData,
        "obsm.\(name): no value reaches ±1.2e-38, so all count as 0; multiply them in the program that made them"
      )
    }
    return points
  }
}
