import CellData
import Tensors

/// Reads MuData (`.h5mu`, or in zarr): several AnnData objects under `/mod`. The cells that the
/// main modality and the second one share are kept, in the order of the main one. A modality that
/// is not used must have all of them, or is left out. The contents of the root (the common table,
/// embeddings, graphs, `uns`) come before the main modality's of that name.
struct MuDataReader {
  let root: any StoredGroup
  let options: ReadingOptions

  typealias Part = (name: String, data: CellData)

  func read() throws -> CellData {
    guard let group = try root.group("mod") else {
      throw FormatFault("mod", "is missing", "check the format")
    }
    let names = try group.texts("mod-order") ?? group.names
    var parts: [Part] = []
    for name in names {
      guard let modality = try group.group(name) else {
        throw FormatFault(
          "mod/\(name)", "is named in `mod-order`, but missing",
          "copy the whole file or store again")
      }
      let reader = AnnDataReader(group: modality, isModality: true, isInOwnFile: try isOurs)
      parts.append((name, try reader.read()))
    }
    guard !parts.isEmpty else { throw FormatFault("mod", "holds no modality", "check the format") }
    if options.rna == nil, try root.attribute("axis")?.integers().first == 1 {
      throw FormatFault(
        "mod", "no cell is in every modality: they share their genes instead (axis 1)",
        "write the one that you want as an .h5ad file")
    }
    let main = try mainPart(parts)
    var data = try pair(parts, main: main, second: try secondPart(parts, main: main))
    try addCommon(to: &data)
    if try !isOurs { data.nameNumberedCells(options) }
    return data
  }

  /// Whether our writer made it.
  var isOurs: Bool { get throws { try root.group("uns")?.group(ownGroupName) != nil } }

  // MARK: Cells

  /// Cuts all to the cells that the main modality and the second one have.
  private func pair(_ parts: [Part], main: Int, second: Int?) throws -> CellData {
    let cells = parts[main].data.obs.index
    let used = parts.indices.filter { $0 == main || $0 == second }
    var common = Set(cells)
    for place in used { common.formIntersection(parts[place].data.obs.index) }
    guard !common.isEmpty else {
      throw FormatFault(
        "mod", "no cell is in every modality (\(names(of: used, parts)))",
        "the modalities must share the names of their cells")
    }
    let kept = cells.filter(common.contains)
    try requireAgreement(used, parts)
    var data = parts[main].data.selectingCells(named: kept)
    for place in used { sayDropped(parts[place], kept.count, names(of: used, parts)) }
    sayAlternative(to: second, besides: main, parts, kept: kept.count)
    for place in parts.indices where place != main {
      let part = parts[place]
      if place != second {
        let present = Set(part.data.obs.index)
        let count = kept.count(where: present.contains)
        if count < kept.count {
          root.tree.announce(
            "mod/\(part.name): has \(count) of the \(kept.count) cells and is not used, so it is left out; sc-preprocess --second-modality \(part.name) keeps the cells that both have"
          )
          continue
        }
        sayDropped(part, kept.count, names(of: used, parts))
      }
      data.modalities.append(Modality(name: part.name, data: part.data.selectingCells(named: kept)))
    }
    return data
  }

  /// Throws if the modalities name other cells for most of their numbers or names.
  private func requireAgreement(_ used: [Int], _ parts: [Part]) throws {
    for place in used.dropFirst() {
      let (one, other) = (parts[used[0]], parts[place])
      guard let column = other.data.obs.contradictedColumn(by: one.data.obs) else { continue }
      throw FormatFault(
        "mod/\(other.name)/obs/\(column)",
        "names other cells than mod/\(one.name)/obs/\(column) for most names of the index",
        "give the cells of all modalities their barcodes as index")
    }
  }

  private func names(of places: [Int], _ parts: [Part]) -> String {
    places.map { parts[$0].name }.joined(separator: ", ")
  }

  private func sayDropped(_ part: Part, _ kept: Int, _ names: String) {
    let count = part.data.cellCount
    if count == kept { return }
    root.tree.announce(
      "mod/\(part.name): \(count - kept) of \(count) cells are missing from another modality in use (\(names)) and are dropped"
    )
  }
}
