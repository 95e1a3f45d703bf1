/// What the columns of a matrix measure.
package enum FeatureKind: String, CaseIterable, Sendable {
  /// Transcripts of genes.
  case rna
  /// Surface proteins, counted by antibodies.
  case proteins
  /// Stretches of open chromatin.
  case peaks
  /// Anything else, such as guides or sample tags.
  case other

  /// Finds the kind by the name of the modality. If that shows none, by the column `feature_types`
  /// of 10x. If that shows none, by the names of the features: intervals of a chromosome are peaks.
  package init(modality name: String, features: Frame) {
    self =
      FeatureKind(name: name) ?? FeatureKind(types: features["feature_types"]?.classes)
      ?? (FeatureKind.areIntervals(features.index) ? .peaks : .other)
  }

  /// The kind that a modality, or a feature type of 10x, is named after; nil for other names.
  package init?(name: String) {
    switch name.lowercased() {
    case "rna", "gex", "gene", "genes", "mrna", "scrna", "gene expression": self = .rna
    case "adt", "prot", "protein", "proteins", "antibody", "antibodies", "cite", "antibody capture",
      "protein expression":
      self = .proteins
    case "atac", "peak", "peaks", "scatac", "chromatin": self = .peaks
    default: return nil
    }
  }

  /// The kind of the most frequent feature type; nil without types, and for types of no kind.
  private init?(types: Categories?) {
    guard let types else { return nil }
    var counts = [Int](repeating: 0, count: types.names.count)
    for code in types.codes where code >= 0 { counts[Int(code)] += 1 }
    guard let most = counts.indices.max(by: { counts[$0] < counts[$1] }),
      let kind = FeatureKind(name: types.names[most])
    else { return nil }
    self = kind
  }

  /// Whether most of the first hundred names read like `chr1:100-200` (or with `-` or `_` between
  /// the parts).
  private static func areIntervals(_ names: [String]) -> Bool {
    let sample = names.prefix(100)
    let intervals = sample.count { name in
      let parts = name.split { ":-_".contains($0) }
      guard parts.count >= 3, let begin = Int(parts[parts.count - 2]),
        let end = Int(parts[parts.count - 1])
      else { return false }
      return begin >= 0 && end > begin
    }
    return intervals > 0 && 2 * intervals > sample.count
  }

  /// What such features are called in messages.
  package var noun: String {
    switch self {
    case .rna: "genes"
    case .proteins: "proteins"
    case .peaks: "peaks"
    case .other: "features"
    }
  }
}
