import CellData
import StageSupport
import Tensors

/// The genes of a reference among those of new cells.
package struct MatchedGenes: Sendable {
  /// For every gene of the new cells its place in the reference, −1 for none.
  let places: [Int32]
  /// The genes of the reference that the new cells do not have.
  package let missing: [Int]
  /// What the names were taken from, where it is not both indexes: `var/gene_ids of the reference`.
  package let columns: [String]

  /// Matches by the names of the genes, or by another column of names on either side where that
  /// finds more.
  ///
  /// - Throws: `ModelStageFault` where fewer than half of the reference's genes are there.
  package init(of new: Frame, in reference: Frame) throws(ModelStageFault) {
    var best = (found: -1, own: NamedGenes(new.index), other: NamedGenes(reference.index))
    for own in NamedGenes.all(of: new) {
      let names = Set(own.names)
      for other in NamedGenes.all(of: reference) {
        let found = other.names.count { names.contains($0) }
        if found > best.found { best = (found, own, other) }
      }
    }
    if best.found < 0 {
      throw ModelStageFault(
        "the genes of the \(reference.mayBeNumbered ? "reference" : "new cells") have only numbers of rows as names, by which they cannot be matched; give them their names"
      )
    }
    if 2 * best.found < reference.rowCount || best.found == 0 {
      throw ModelStageFault(
        "only \(best.found) of the reference's \(reference.rowCount) genes are among the \(new.rowCount) of the input; \(Self.remedy(best.found, of: new, in: reference))"
      )
    }
    let place = Dictionary(
      best.other.names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { $0 < 0 ? $1 : $0 })
    var taken: Set<Int32> = []
    places = best.own.names.map { name in
      guard let found = place[name], taken.insert(found).inserted else { return -1 }
      return found
    }
    missing = reference.index.indices.filter { !taken.contains(Int32($0)) }
    columns = [
      best.own.column.map { "var/\($0) of the new cells" },
      best.other.column.map { "var/\($0) of the reference" },
    ].compactMap(\.self)
  }

  /// What to do about too few genes in common. If most names of the input are also names of the
  /// reference, genes are missing; else the genes have other names.
  private static func remedy(_ found: Int, of new: Frame, in reference: Frame) -> String {
    if 2 * found >= new.rowCount { return "give the file with all genes" }
    return
      "its genes are called '\(reference.index.first ?? "")', these '\(new.index.first ?? "")'; give the file with all genes, under the same names"
  }
}

/// Names of genes, from the index or a column.
private struct NamedGenes {
  let column: String?
  let names: [String]

  init(_ names: [String], column: String? = nil) { (self.names, self.column) = (names, column) }

  /// The index first unless it has numbers of rows, then every column of text with as many
  /// different names as genes.
  static func all(of frame: Frame) -> [NamedGenes] {
    (frame.mayBeNumbered ? [] : [NamedGenes(frame.index)])
      + frame.columnNames.compactMap { name in
        let texts: [String]
        switch frame[name] {
        case .strings(let values): texts = values
        case .categorical(let values) where values.valueType == .text:
          if values.codes.contains(where: { $0 < 0 }) { return nil }
          texts = values.codes.map { values.names[Int($0)] }
        default: return nil
        }
        return Set(texts).count * 10 >= texts.count * 9 ? NamedGenes(texts, column: name) : nil
      }
  }
}
