// What is stored by cell outside obs, obsm, obsp, layers and raw. Other programs do not know it
// when they reorder cells or leave some out. So the names of its cells are stored with it, and
// reading puts it into the order of obs:
//
//     modalities              tables of their own
//     uns.sketch.…, uns.snapshots.NAME.…
//                             tensors with a row a cell, and `cells` beside them: a number made of
//                             the name of every row's cell

import Ground
import Tensors

/// Something stored by cell that cannot follow obs.
package struct CellOrderFault: Fault {
  package let kind = FaultKind.badData
  package let description: String

  init(_ description: String) { self.description = description.printable }
}

extension CellData {
  /// Puts everything that is stored by cell into the order of obs, by the names of the cells. Rows
  /// of other cells are left out, so every modality then has the same cells.
  ///
  /// Tensors that lack a cell stay unchanged; their readers ask `areRows`.
  ///
  /// - Throws: `CellOrderFault` if a modality lacks a cell.
  package mutating func followObs() throws(CellOrderFault) {
    for place in modalities.indices where modalities[place].data.obs.index != obs.index {
      try modalities[place].follow(obs.index)
    }
    for name in tensors.keys where Self.areRowNames(name) {
      orderRows(below: String(name.dropLast(Self.rowNamesKey.count)))
    }
  }

  /// Gives the cells other names, in all modalities.
  package mutating func renameCells(_ names: [String]) {
    for place in modalities.indices where modalities[place].data.obs.index == obs.index {
      modalities[place].data.obs.index = names
    }
    obs.index = names
  }

  // MARK: Tensors with a row a cell

  /// The name, behind a prefix, of the tensor that says whose the rows below it are.
  package static let rowNamesKey = "cells"

  /// Notes that the tensors below a prefix (`uns.sketch.`) have a row for each of these cells.
  package mutating func noteRows(below prefix: String, of names: [String]) {
    tensors[prefix + Self.rowNamesKey] = Tensor(names.map(nameNumber))
  }

  /// Whether the tensors below a prefix have a row for each of these cells, in that order. True
  /// without names: files of earlier versions have none.
  package func areRows(below prefix: String, of names: [String]) -> Bool {
    guard let stored = tensors[prefix + Self.rowNamesKey] else { return true }
    return stored.values(UInt64.self).map { Array($0) } == names.map(nameNumber)
  }

  private static func areRowNames(_ name: String) -> Bool {
    name == "uns.sketch.\(rowNamesKey)"
      || name.hasPrefix("uns.snapshots.") && name.hasSuffix(".\(rowNamesKey)")
        && !name.contains(".weights.")
  }

  /// The rows were in the order of obs when they were stored.
  private mutating func orderRows(below prefix: String) {
    guard let stored = tensors[prefix + Self.rowNamesKey]?.values(UInt64.self) else { return }
    let numbers = obs.index.map(nameNumber)
    var next = 0
    for number in numbers where next < stored.count && stored[next] == number { next += 1 }
    if next == stored.count { return }
    let place = numbers.firstPositions
    let places = stored.map { place[$0] ?? -1 }
    if places.contains(-1) { return }
    let order = places.indices.sorted { places[$0] < places[$1] }
    for (name, tensor) in tensors
    where name.hasPrefix(prefix) && !name.contains(".weights.") && tensor.shape.first == order.count
    {
      tensors[name] = tensor.selectingRows(order)
    }
  }
}

extension Modality {
  /// Selects the cells named, in that order.
  fileprivate mutating func follow(_ names: [String]) throws(CellOrderFault) {
    let (own, found) = (data.obs.index, data.selectingCells(named: names))
    if found.cellCount < names.count {
      let known = Set(own)
      let missing = names.first { !known.contains($0) } ?? ""
      throw CellOrderFault(
        "modality '\(name)': \(names.count - found.cellCount) of the \(names.count) cells in obs are missing from its own table, such as '\(missing)' (its first cell is '\(own.first ?? "")'); give the cells the names that they had when the file was written"
      )
    }
    data = found
  }
}

/// A number made of a name: two names of a file have the same one practically never (FNV-1a, 64
/// bits).
private func nameNumber(_ name: String) -> UInt64 {
  var result: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in name.utf8 { result = (result ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return result
}

extension Tensor {
  /// The rows named, in that order, of a tensor with at least one dimension.
  fileprivate func selectingRows(_ rows: [Int]) -> Tensor {
    let size = shape.dropFirst().reduce(elementType.size, *)
    var selected = Buffer<UInt8>(uninitializedCount: rows.count * size)
    for (new, old) in rows.enumerated() {
      selected.copy(old * size..<(old + 1) * size, of: bytes, to: new * size)
    }
    return Tensor(
      elementType: elementType, shape: [rows.count] + shape.dropFirst(), bytes: selected)
  }
}
