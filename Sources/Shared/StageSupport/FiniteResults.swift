// Results of our programs are finite. A weight, loss or code that is not finite is damaged, or
// another program changed it. It would spread to later results and hide its origin, so the stage
// refuses it. The user's own columns and matrices may hold NaN.

import CellData
import Tensors

extension CellData {
  /// Throws kind `badData` with the tensor's name if one of our results holds NaN or an infinity.
  func requireFiniteResults() throws {
    try requireFiniteResults(madeBy: Set(history.map(\.tool)), path: "")
    for modality in modalities {
      try modality.data.requireFiniteResults(
        madeBy: Set(history.map(\.tool)), path: "mod.\(modality.name).")
    }
  }

  /// Names that only our programs use. Names that other programs share are ours if one of `tools`
  /// is in the history.
  private func requireFiniteResults(madeBy tools: Set<String>, path: String) throws {
    for name in tensors.keys.sorted() where Self.isOurs(name, tools) {
      guard let tensor = tensors[name], let k = tensor.firstNonFinite else { continue }
      throw notFinite(path + name, at: k, width: tensor.shape.count == 2 ? tensor.shape[1] : nil)
    }
    for name in obsm.keys.sorted() where Self.isOurCodes(name, tools) {
      try obsm[name]?.requireFinite("\(path)obsm.\(name)")
    }
    if tools.contains("sc-knn"), path.isEmpty {
      // With --use, the loadings in the data come from another program.
      if history.contains(where: { $0.tool == "sc-knn" && $0.settings["use"] == "null" }) {
        try varm["PCs"]?.requireFinite("varm.PCs")
      }
      for name in ["distances", "connectivities"] {
        try obsp[name]?.requireFinite("obsp.\(name)")
      }
    }
    if tools.contains("sc-preprocess") {
      for name in ["mean", "std"] { try self.var.requireFinite(name, in: "\(path)var") }
      try obs.requireFinite("size_factors", in: "\(path)obs")
    }
  }

  private static func isOurs(_ name: String, _ tools: Set<String>) -> Bool {
    let always = ["model.", "optim.", "checkpoint.", "uns.loss.", "uns.snapshots.", "uns.grid."]
    return always.contains { name.hasPrefix($0) }
      || tools.contains("sc-knn") && name.hasPrefix("uns.pca.")
  }

  private static func isOurCodes(_ name: String, _ tools: Set<String>) -> Bool {
    let makers = [
      "X_pca": "sc-knn", "X_second": "sc-knn", "X_joint": "sc-knn", "X_tsne": "sc-eval",
      "X_umap": "sc-eval",
    ]
    if name.hasSuffix("_harmony") && tools.contains("sc-knn") { return true }
    if let maker = makers[name] { return tools.contains(maker) }
    return name.hasPrefix("X_latent") && !tools.isDisjoint(with: ["sc-pretrain", "sc-cluster"])
  }
}

/// The fault of a value that is not finite.
private func notFinite(_ name: String, at position: Int, width: Int?) -> StageFault {
  let place =
    width.map { "row \(position / max(1, $0)), column \(position % max(1, $0))" }
    ?? "number \(position)"
  return StageFault(
    .badData,
    "tensor '\(name)': \(place) is not finite; run the stage that writes it again")
}

extension Tensor {
  /// The place of the first NaN or infinity; nil for whole numbers too.
  fileprivate var firstNonFinite: Int? {
    switch elementType {
    case .float32: values(Float.self)?.firstNonFinite
    case .float64: values(Double.self)?.firstNonFinite
    case .float16, .bfloat16: numbers.firstIndex { !$0.isFinite }
    default: nil
    }
  }
}

extension Matrix where Element == Float {
  /// Throws kind `badData` with the matrix's name if a value is not finite.
  package func requireFinite(_ name: String) throws {
    if let k = elements.firstNonFinite { throw notFinite(name, at: k, width: columns) }
  }
}

extension SparseMatrix where Element == Float {
  /// Throws kind `badData` with the matrix's name if an entry is not finite.
  package func requireFinite(_ name: String) throws {
    if let k = values.firstNonFinite { throw notFinite("\(name).data", at: k, width: nil) }
  }
}

extension Frame {
  /// The same for a column of numbers.
  fileprivate func requireFinite(_ name: String, in table: String) throws {
    let found: Int? =
      switch self[name] {
      case .float32(let values): values.firstNonFinite
      case .float64(let values): values.firstNonFinite
      default: nil
      }
    if let k = found { throw notFinite("\(table).\(name)", at: k, width: nil) }
  }
}
