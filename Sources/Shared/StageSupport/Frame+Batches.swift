import CellData
import Tensors

/// The batches (samples) in a column of obs that --batch-key names.
package struct CellBatches: Sendable {
  /// The batch of every cell, from 0. (N)
  package let codes: [Int]
  /// The names of the batches with cells, in the order of the column's classes.
  package let names: [String]
}

extension Frame {
  /// The least mean number of cells in a batch. A column with more batches holds no samples, but
  /// perhaps names or numbers of cells.
  private static let cellsOfABatch = 10

  /// The classes in the column that --batch-key names; cells without one have the code −1.
  ///
  /// - Throws: kind `badData` where there is no such column, listing those that there are, or it
  ///   has more batches than a tenth of its cells.
  package func batchClasses(_ key: String) throws -> Categories {
    let classes = try classes(key, option: "--batch-key")
    let count = Set(classes.codes.filter { $0 >= 0 }).count
    if count > 1, count * Self.cellsOfABatch > rowCount {
      throw StageFault(
        .badData,
        "--batch-key: obs/\(key) has \(count) batches for \(rowCount) cells, more than one for \(Self.cellsOfABatch) cells; name a column of samples"
      )
    }
    return classes
  }

  /// The batches in the column `key`.
  ///
  /// - Parameter rows: the cells that count; nil: all.
  /// - Throws: kind `badData` as `batchClasses`, and if a cell has no batch, or all are of one.
  package func batches(_ key: String, among rows: [Int]? = nil) throws -> CellBatches {
    let classes = try batchClasses(key)
    let codes = rows?.map { classes.codes[$0] } ?? Array(classes.codes)
    let missing = codes.count { $0 < 0 }
    if missing > 0 {
      throw StageFault(
        .badData,
        "--batch-key: \(missing) of \(codes.count) cells have no batch in obs/\(key)\(missingWords(in: key)); give them one, or name another column"
      )
    }
    let present = Set(codes).sorted()
    guard present.count > 1 else {
      throw StageFault(
        .badData,
        "--batch-key: all cells are of one batch in obs/\(key); name another column, or leave it out"
      )
    }
    let rank = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
    return CellBatches(
      codes: codes.map { rank[$0] ?? 0 }, names: present.map { classes.names[Int($0)] })
  }
}

extension Provenance {
  /// The column of batches that the run notes, if the table still has it.
  package func batchKey(in obs: Frame) -> String? {
    guard let text = settings["batch_key"] else { return nil }
    return obs.columnNames.first { JSONValue.string($0).text == text }
  }
}
