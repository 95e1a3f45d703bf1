// All genes beside the variable ones. sc-preprocess leaves in `raw` what passed its filters, since
// AnnData's users look for it there; models never see it. Whose `raw` is shows a digest, as with
// columns: what the user has put there stays the user's.

import Ground
import Tensors

extension CellData {
  /// The setting of sc-preprocess that says what it left in raw.
  package static let rawSetting = "raw"
  private static let rawPlace = "raw"

  /// What sc-preprocess left in raw (`log` or `counts`), where that still is there; nil where
  /// there is no raw, or it is the user's.
  package var formOfOwnRaw: String? {
    guard let raw, let entry = entryOfRaw, let noted = entry.digest(of: CellData.rawPlace),
      noted == raw.digest
    else { return nil }
    return notedFormOfRaw
  }

  /// What sc-preprocess left in raw at first (`log` or `counts`), whatever has become of it since.
  package var notedFormOfRaw: String? {
    entryOfRaw?.settings[CellData.rawSetting].map { String($0.dropFirst().dropLast()) }
  }

  /// The sums of the cells over all genes that sc-preprocess read, as it noted them. (N)
  ///
  /// Nil without such a column, and if a cell has more counts here. Cells may have been left out or
  /// reordered since, which no digest of the column survives.
  package func notedTotals(of counts: SparseMatrix<Float>) -> [Double]? {
    let column = ownColumn("n_counts")
    guard history.contains(where: { !$0.roles(of: column, on: .obs).isEmpty }),
      let totals = obs[column]?.numbers, totals.count == counts.rows
    else { return nil }
    // The totals were rounded to a Float.
    return zip(totals, counts.rowSums).allSatisfy { $0 >= $1 * (1 - 1e-6) } ? totals : nil
  }

  private var entryOfRaw: Provenance? {
    history.last { $0.settings[CellData.rawSetting] != nil }
  }

  /// For the provenance, JSON text by name: what sc-preprocess leaves in raw, and its digest.
  package func settings(ofRawHolding form: String) -> [(name: String, text: String)] {
    guard let raw else { return [] }
    return [
      (CellData.rawSetting, JSONText.quoted(form)),
      (Provenance.digestSetting(CellData.rawPlace), JSONText.quoted(raw.digest)),
    ]
  }
}
