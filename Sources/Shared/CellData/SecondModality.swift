// Paired measurements. RNA is the main object. Every other measurement of the same cells is in
// `modalities`, each an object of its own with the same cells in the same order. One of them may be
// *the second modality*, which stages and models use together with the RNA. sc-preprocess prepares
// it and notes its name. Its object then holds the same parts as the RNA's, under the same names:
//
//     x                       transformed values, not scaled: sparse, or dense where the transform
//                             leaves no zeros (CLR)
//     var/mean, var/std       make x's standardization implicit
//     layers/counts           raw counts of the kept features; absent where the file had
//                             transformed values only
//     obs/size_factors        the cells' totals in this modality over their median; absent where
//                             there are no counts
//     settings                uns.features.kind (proteins, peaks, other), uns.features.transform
//                             (clr, tfidf, log, none)

import Ground

extension CellData {
  private static let secondKey = "uns.second_modality"
  private static let kindKey = "uns.features.kind"
  private static let transformKey = "uns.features.transform"

  /// The modality that sc-preprocess has prepared for use with the RNA; nil for RNA alone.
  package var secondModality: Modality? {
    guard let name = settings[Self.secondKey] else { return nil }
    return modalities.first { JSONText.quoted($0.name) == name }
  }

  /// Puts a prepared modality in place of the one of its name, or after the others, and makes
  /// it the second.
  package mutating func setSecondModality(_ modality: Modality) {
    if let place = modalities.firstIndex(where: { $0.name == modality.name }) {
      modalities[place] = modality
    } else {
      modalities.append(modality)
    }
    settings[Self.secondKey] = JSONText.quoted(modality.name)
  }

  /// Leaves the RNA alone; the modalities stay.
  package mutating func clearSecondModality() { settings[Self.secondKey] = nil }

  /// What the columns measure, as sc-preprocess noted it for a second modality; nil if it noted
  /// nothing.
  package var featureKind: FeatureKind? {
    get {
      FeatureKind.allCases.first { JSONText.quoted($0.rawValue) == settings[Self.kindKey] }
    }
    set { settings[Self.kindKey] = newValue.map { JSONText.quoted($0.rawValue) } }
  }

  /// How `x` was made from the counts: the name of a transform; nil if nothing is noted.
  package var featureTransform: String? {
    get { settings[Self.transformKey].map { String($0.dropFirst().dropLast()) } }
    set { settings[Self.transformKey] = newValue.map(JSONText.quoted) }
  }
}
