// pandas lets an index have a name (`barcode`), which AnnData keeps. CellData's tables have no
// place for it: it travels as a setting, through streams too.

import CellData
import Ground

extension CellData {
  private static func key(_ axis: Axis) -> String { "uns.index_names.\(axis.rawValue)" }

  /// Whether a setting is the name of an index, which is stored in the tables and not in `uns`.
  static func isIndexName(_ key: String) -> Bool { [self.key(.obs), self.key(.var)].contains(key) }

  /// The name of a table's index; `_index` if it has none.
  func indexName(of axis: Axis) -> String {
    // The setting is JSON: a name with characters that JSON escapes is not taken back.
    guard let text = settings[CellData.key(axis)], text.count > 2, !text.contains("\\") else {
      return "_index"
    }
    return String(text.dropFirst().dropLast())
  }

  /// Notes what the index of a table is called.
  mutating func setIndexName(_ name: String?, of axis: Axis) {
    let isNamed = name != nil && name != "_index" && name != ""
    settings[CellData.key(axis)] = isNamed ? name.map { JSONText.quoted($0) } : nil
  }

  /// Exchanges the names of the tables' indices, for a transposed matrix.
  mutating func exchangeIndexNames() {
    let (cells, genes) = (indexName(of: .obs), indexName(of: .var))
    setIndexName(genes, of: .obs)
    setIndexName(cells, of: .var)
  }
}
