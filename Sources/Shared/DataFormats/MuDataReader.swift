import CellData
import Tensors

/// Reads MuData (`.h5mu`, or in zarr): several AnnData objects under `/mod`. The cells that all of
/// them have are kept, in the order of the main modality: the one asked for, else the RNA by name
/// or feature types, else the first that is neither proteins nor peaks. What stands at the root
/// (the common table, embeddings, graphs, `uns`) is added to it where it has nothing of that name.
struct MuDataReader {
  let root: any StoredGroup
  let options: ReadingOptions

  func read() throws -> CellData {
    guard let group = try root.group("mod") else {
      throw FormatFault("mod", "is missing", "check the format")
    }
    let names = try group.texts("mod-order") ?? group.names
    var parts: [(name: String, data: CellData)] = []
    for name in names {
      guard let modality = try group.group(name) else {
        throw FormatFault(
          "mod/\(name)", "is named in `mod-order`, but missing",
          "copy the whole file or store again")
      }
      parts.append((name, try AnnDataReader(group: modality).read()))
    }
    guard !parts.isEmpty else { throw FormatFault("mod", "holds no modality", "check the format") }
    var data = try pair(parts, main: try mainPart(parts))
    try addCommon(to: &data)
    return data
  }

  private func mainPart(_ parts: [(name: String, data: CellData)]) throws -> Int {
    if let wanted = options.rna {
      guard let place = parts.firstIndex(where: { $0.name == wanted }) else {
        throw FormatFault(
          "mod", "there is no modality \(wanted)",
          "choose one of \(parts.map(\.name).joined(separator: ", "))", kind: .usage)
      }
      return place
    }
    // MuDataWriter calls it so where the second modality has the name of an RNA.
    let isOurs = try root.group("uns")?.group(ownGroupName) != nil
    if isOurs, let place = parts.firstIndex(where: { $0.name == "main" }) { return place }
    let kinds = parts.map { FeatureKind(modality: $0.name, features: $0.data.var) }
    return parts.firstIndex { FeatureKind(name: $0.name) == .rna } ?? kinds.firstIndex(of: .rna)
      ?? kinds.firstIndex(of: .other) ?? 0
  }

  private func pair(_ parts: [(name: String, data: CellData)], main: Int) throws -> CellData {
    let cells = parts[main].data.obs.index
    var common = Set(cells)
    for part in parts { common.formIntersection(part.data.obs.index) }
    guard !common.isEmpty else {
      throw FormatFault(
        "mod", "no cell is in every modality (\(parts.map(\.name).joined(separator: ", ")))",
        "the modalities must share the names of their cells")
    }
    let kept = cells.filter(common.contains)
    for part in parts where part.data.cellCount > kept.count {
      root.tree.announce(
        "mod/\(part.name): \(part.data.cellCount - kept.count) of \(part.data.cellCount) cells are not in every modality and are dropped"
      )
    }
    var data = aligned(parts[main].data, to: kept)
    for (i, part) in parts.enumerated() where i != main {
      data.modalities.append(Modality(name: part.name, data: aligned(part.data, to: kept)))
    }
    return data
  }

  private func aligned(_ data: CellData, to names: [String]) -> CellData {
    if data.obs.index == names { return data }
    let row = Dictionary(uniqueKeysWithValues: data.obs.index.enumerated().map { ($1, $0) })
    return data.selectingCells(names.compactMap { row[$0] })
  }

  /// Adds what stands at the root and the main modality lacks: columns of the common table,
  /// matrices, graphs and `uns`.
  private func addCommon(to data: inout CellData) throws {
    guard var frame = try AnnDataFrameReader(parent: root, uns: nil).frame("obs") else { return }
    // As the modalities' cells were.
    if options.makesCellsUnique { frame.index = uniqueNames(frame.index) }
    var row: [String: Int] = [:]
    for (i, name) in frame.index.enumerated() { row[name] = i }
    let rows = data.obs.index.compactMap { row[$0] }
    guard rows.count == data.cellCount else { return }
    for name in frame.columnNames where data.obs[name] == nil {
      data.obs[name] = frame[name]?.selecting(rows)
    }
    var common = CellData(obs: frame, var: Frame(index: []))
    try AnnDataReader(group: root).readCommon(into: &common)
    // mudata keeps there which cells a modality has.
    let modalities = Set(
      [data.modalities.map(\.name), try root.group("mod")?.names ?? []].joined())
    for name in modalities { common.obsm[name] = nil }
    if frame.index != data.obs.index { common = common.selectingCells(rows) }
    data.obsm.merge(common.obsm) { own, _ in own }
    data.obsp.merge(common.obsp) { own, _ in own }
    data.tensors.merge(common.tensors) { own, _ in own }
    data.settings.merge(common.settings) { own, _ in own }
    if data.history.isEmpty { data.history = common.history }
  }
}
