import CellData
import Tensors

/// Reads MuData (`.h5mu`): several AnnData objects under `/mod`. The cells that all of them have are kept, in the order of the main
/// modality: the one called `rna` (or `gex`), else the first.
struct MuDataReader {
  let root: HDF5Group

  func read() throws -> CellData {
    guard let group = try root.group("mod") else {
      throw FormatFault("mod", "is missing", "check the format")
    }
    let names = try group.texts("mod-order") ?? group.names
    var parts: [(name: String, data: CellData)] = []
    for name in names {
      guard let modality = try group.group(name) else {
        throw FormatFault("mod/\(name)", "is named in `mod-order`, but missing")
      }
      parts.append((name, try AnnDataReader(group: modality).read()))
    }
    guard !parts.isEmpty else { throw FormatFault("mod", "holds no modality") }
    let main = parts.firstIndex { ["rna", "gex"].contains($0.name.lowercased()) } ?? 0
    var data = try pair(parts, main: main)
    try addTable(to: &data)
    return data
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
      root.file.announce(
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

  /// Adds the columns of the common table that the main modality lacks.
  private func addTable(to data: inout CellData) throws {
    guard let frame = try AnnDataFrameReader(parent: root, uns: nil).frame("obs") else { return }
    var row: [String: Int] = [:]
    for (i, name) in frame.index.enumerated() { row[name] = i }
    let rows = data.obs.index.compactMap { row[$0] }
    guard rows.count == data.cellCount else { return }
    for name in frame.columnNames where data.obs[name] == nil {
      data.obs[name] = frame[name]?.selecting(rows)
    }
  }
}
