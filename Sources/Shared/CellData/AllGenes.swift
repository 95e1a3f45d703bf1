// All genes, not only the variable ones. sc-preprocess writes the genes that passed its filters to
// `raw`, since AnnData's users look for them there. Models never read it. A digest shows whose
// `raw` it is, as with columns: a `raw` of the user is kept.

import Ground
import Tensors

extension CellData {
  /// The setting of sc-preprocess that names what it left in raw.
  package static let rawSetting = "raw"
  private static let rawPlace = "raw"

  /// What sc-preprocess left in raw (`log` or `counts`), if that is still there. Nil without raw,
  /// or if raw is the user's.
  package var formOfOwnRaw: String? {
    guard let raw, let entry = entryOfRaw, let noted = entry.digest(of: CellData.rawPlace),
      noted == raw.digest
    else { return nil }
    return recordedFormOfRaw
  }

  /// What sc-preprocess left in raw at first (`log` or `counts`), even if raw was changed or
  /// removed later.
  package var recordedFormOfRaw: String? {
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
