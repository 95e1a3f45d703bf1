// Genes that share a symbol are made distinct in the order of their file: `TBCE`, `TBCE-1`. Another
// file may have them in another order. If all samples have identifiers, these identify each gene.

import CellData
import Tensors

/// The column of var with the genes' identifiers, as programs of 10x and scanpy name it.
private let identifierColumn = "gene_ids"

/// Gives genes of repeated symbols the names that the first sample uses for the same identifier.
/// Nothing changes unless all samples have identifiers.
func matchRepeatedSymbols(in samples: inout [CellData]) {
  let identifiers = samples.compactMap { $0.var.identifiers }
  guard samples.count > 1, identifiers.count == samples.count else { return }
  // Identifiers of another kind, or with other version numbers, do not identify the genes.
  let known = Set(identifiers[0])
  if identifiers.contains(where: { known.isDisjoint(with: $0) }) { return }
  let bases = Set(samples.flatMap { repeatedSymbols(among: $0.var.index) })
  if bases.isEmpty { return }
  var names: [String: String] = [:]
  var owners: [String: String] = [:]
  for (place, ids) in identifiers.enumerated() {
    var index = samples[place].var.index
    let own = Set(index)
    for gene in index.indices {
      guard let base = symbol(of: index[gene], among: bases) else { continue }
      let id = ids[gene]
      let name = names[id] ?? freeName(index[gene], base, owners, own)
      (names[id], owners[name]) = (name, id)
      index[gene] = name
    }
    if Set(index).count == index.count { samples[place].var.index = index }
  }
}

/// `name` if no other gene has it, else the next of `TBCE`, `TBCE-1`, … that none has.
private func freeName(
  _ name: String, _ base: String, _ owners: [String: String], _ others: Set<String>
) -> String {
  if owners[name] == nil { return name }
  var (candidate, number) = (base, 0)
  while owners[candidate] != nil || others.contains(candidate) {
    number += 1
    candidate = "\(base)-\(number)"
  }
  return candidate
}

/// The symbols that have a number behind them in other names of the same genes.
private func repeatedSymbols(among names: [String]) -> Set<String> {
  let all = Set(names)
  return Set(names.compactMap { numbered($0) }.filter(all.contains))
}

/// The repeated symbol of a gene; nil for a gene with a symbol of its own.
private func symbol(of name: String, among bases: Set<String>) -> String? {
  if bases.contains(name) { return name }
  return numbered(name).flatMap { bases.contains($0) ? $0 : nil }
}

/// `TBCE` for `TBCE-1`; nil without a number.
private func numbered(_ name: String) -> String? {
  guard let dash = name.lastIndex(of: "-") else { return nil }
  let number = name[name.index(after: dash)...]
  return !number.isEmpty && number.allSatisfy(\.isNumber) ? String(name[..<dash]) : nil
}

extension Frame {
  /// The identifiers of all rows; nil if one is missing, or two rows have the same.
  fileprivate var identifiers: [String]? {
    guard let classes = self[identifierColumn]?.classes else { return nil }
    let texts = classes.codes.compactMap { $0 < 0 ? nil : classes.names[Int($0)] }
    return texts.count == rowCount && Set(texts).count == rowCount ? texts : nil
  }
}
