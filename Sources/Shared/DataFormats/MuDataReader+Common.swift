import CellData
import Tensors

extension MuDataReader {
  /// Adds the contents of the root to the object: columns of the common table, embeddings, graphs
  /// and `uns`. A part of the main modality under the same name is kept as `rna:NAME`.
  func addCommon(to data: inout CellData) throws {
    guard var frame = try AnnDataFrameReader(parent: root, uns: nil).frame("obs") else { return }
    // As the modalities' cells were.
    if options.makesCellsUnique { frame.index = uniqueNames(frame.index) }
    var row: [String: Int] = [:]
    for (i, name) in frame.index.enumerated() { row[name] = i }
    let rows = data.obs.index.compactMap { row[$0] }
    guard rows.count == data.cellCount else {
      root.tree.announce(
        "obs: \(data.cellCount - rows.count) of \(data.cellCount) cells are not in the table of all modalities; this table, and obsm, obsp and uns beside it, are left out"
      )
      return
    }
    var common = CellData(obs: frame, var: Frame(index: []))
    try AnnDataReader(group: root).readCommon(into: &common)
    // mudata keeps there which cells a modality has.
    for name in try root.group("mod")?.names ?? [] { common.obsm[name] = nil }
    if frame.index != data.obs.index { common = common.selectingCells(rows) }
    keepComponents(of: data, in: &common)
    let earlier = data.placesOfRNA
    data.addJointParts(common)
    try say(data.placesOfRNA.filter { !earlier.contains($0) })
    if data.history.isEmpty { data.history = common.history }
  }

  /// Principal components are the RNA's, here as in the output.
  private func keepComponents(of data: CellData, in common: inout CellData) {
    guard let own = data.obsm["X_pca"], let joint = common.obsm["X_pca"] else { return }
    if own != joint {
      root.tree.announce("obsm/X_pca of all modalities is left out; that of the RNA is kept")
    }
    common.obsm["X_pca"] = nil
  }

  /// Reports which parts have another name now; for our own files only as a note.
  private func say(_ places: [String]) throws {
    if places.isEmpty { return }
    let text =
      "\(places.joined(separator: ", ")): those of all modalities are taken; the RNA's own of the same name are kept as rna:NAME"
    if try isOurs { root.tree.note(text) } else { root.tree.announce(text) }
  }
}
