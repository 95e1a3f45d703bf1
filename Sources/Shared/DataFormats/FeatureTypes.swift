// One matrix may hold several kinds of measurement, such as genes and proteins; a list of feature
// types distinguishes them. A list of other words (chromosomes, biotypes) is an annotation and
// splits nothing.

import CellData
import Tensors

/// The features of one matrix by their type.
struct FeatureTypes {
  /// The types in the order of their appearance, in 10x's words if it has one.
  let kinds: [String]
  /// The features of each type, rising.
  private(set) var members: [[Int]]
  /// The number of features without a type; they count as genes, or as the first type.
  let untypedCount: Int

  /// Nil if the values are not feature types: none of 10x's words is among them, and not all name a
  /// kind of measurement.
  init?(_ values: [String]) {
    let names = Set(values.filter { !$0.isEmpty })
    let known = names.filter { FeatureTypes.canonical($0) != nil }
    guard !known.isEmpty || (!names.isEmpty && names.allSatisfy { FeatureKind(name: $0) != nil })
    else { return nil }
    let standard = Dictionary(
      uniqueKeysWithValues: names.map { ($0, FeatureTypes.canonical($0) ?? $0) })
    var kinds: [String] = []
    for value in values {
      if let kind = standard[value], !kinds.contains(kind) { kinds.append(kind) }
    }
    self.kinds = kinds
    let main = FeatureTypes.usualMain(kinds)
    var members = [[Int]](repeating: [], count: kinds.count)
    var untyped = 0
    let place = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
    for (j, value) in values.enumerated() {
      if value.isEmpty { untyped += 1 }
      members[standard[value].flatMap { place[$0] } ?? main].append(j)
    }
    self.members = members
    untypedCount = untyped
  }

  /// The position of the type that is the main matrix. It is the one asked for by its own name or
  /// its modality's, else gene expression, else the first.
  func main(_ wanted: String?) throws -> Int {
    guard let wanted else { return FeatureTypes.usualMain(kinds) }
    let word = wanted.wordLetters
    if let found = kinds.firstIndex(where: {
      $0.wordLetters == word || FeatureTypes.modalityName($0) == wanted
    }) {
      return found
    }
    throw FormatFault(
      "features", "there are no features of type \(wanted)",
      "choose one of \(kinds.joined(separator: ", "))", kind: .usage)
  }

  /// Reports if no feature is a gene, and which ones are treated as genes. A file that is read for
  /// its proteins or peaks gets no such message.
  func sayGuess(of main: Int, at place: String, _ options: ReadingOptions) {
    guard options.rna == nil, options.knownCells == nil, FeatureKind(name: kinds[main]) != .rna
    else { return }
    let advice = kinds.count > 1 ? "; sc-preprocess --rna NAME chooses another type" : ""
    options.announce?(
      "\(place): no feature has the type of genes; the \(members[main].count) of type '\(kinds[main])' are treated as genes\(advice)"
    )
  }

  private static func usualMain(_ kinds: [String]) -> Int {
    kinds.firstIndex { FeatureKind(name: $0) == .rna } ?? 0
  }

  /// The feature types that 10x's programs write.
  private static let standardTypes: [String: String] = {
    let all = [
      "Gene Expression", "Antibody Capture", "Peaks", "CRISPR Guide Capture",
      "Multiplexing Capture", "Custom", "Antigen Capture", "VDJ", "VDJ-T", "VDJ-B", "VDJ-T-GD",
      "Negative Control Probe", "Negative Control Codeword", "Unassigned Codeword",
      "Deprecated Codeword", "Blank Codeword", "Genomic Control", "Protein Expression",
      "Chromatin Accessibility",
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.wordLetters, $0) })
  }()

  /// 10x's word for a feature type, in any case and with any gaps; nil for other text.
  static func canonical(_ text: String) -> String? { standardTypes[text.wordLetters] }

  /// Whether every text is a feature type in 10x's words.
  static func areCanonical(_ texts: [String]) -> Bool {
    !texts.isEmpty && Set(texts).allSatisfy { canonical($0) != nil }
  }

  /// The short name of a type.
  static func modalityName(_ kind: String) -> String {
    switch kind {
    case "Gene Expression": "rna"
    case "Antibody Capture": "adt"
    case "Peaks": "atac"
    case "CRISPR Guide Capture": "crispr"
    default: String(kind.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
  }

  /// Whether a column of a table is called as feature types are.
  static func isColumnName(_ name: String) -> Bool {
    ["featuretype", "featuretypes"].contains(name.wordLetters)
  }
}

extension Frame {
  /// The feature types of the rows, if a column has several.
  fileprivate var featureTypes: FeatureTypes? {
    guard let name = columnNames.first(where: FeatureTypes.isColumnName),
      let classes = self[name]?.classes,
      let types = FeatureTypes(
        classes.codes.map { $0 < 0 ? "" : classes.names[Int($0)] })
    else { return nil }
    return types
  }
}

extension CellData {
  /// The object with one more modality for each further feature type, as files of 10x have them.
  /// Unchanged if there are no types, or only one.
  ///
  /// Throws kind `usage` if a type is asked for that is not there.
  func parted(_ options: ReadingOptions) throws -> CellData {
    guard options.splitsFeatureTypes, modalities.isEmpty else { return self }
    guard let types = self.var.featureTypes else {
      guard options.rna != nil else {
        sayPeaks(options)
        return self
      }
      throw FormatFault(
        "", "the file has one matrix, not modalities to choose from", "leave --rna out",
        kind: .usage)
    }
    let main = try types.main(options.rna)
    if history.isEmpty { types.sayGuess(of: main, at: "var", options) }
    guard types.kinds.count > 1 else { return self }
    if types.untypedCount > 0 {
      options.announce?(
        "var: \(types.untypedCount) features have no type and are treated as \(types.kinds[main])")
    }
    let sizes = zip(types.kinds, types.members).map { "\($1.count) of type '\($0)'" }
    options.announce?(
      "var has several feature types, which are split: \(sizes.joined(separator: ", "))")
    let rawTypes = raw?.var.featureTypes
    func rawPart(_ kind: String) -> RawValues? {
      guard let raw, let rawTypes, let place = rawTypes.kinds.firstIndex(of: kind) else {
        return nil
      }
      let chosen = rawTypes.members[place]
      return RawValues(x: raw.x.selectingColumns(chosen), var: raw.var.selectingRows(chosen))
    }
    var result = selectingGenes(types.members[main])
    if rawTypes != nil { result.raw = rawPart(types.kinds[main]) }
    for (place, kind) in types.kinds.enumerated() where place != main {
      let all = CellData(obs: Frame(index: obs.index), var: self.var, x: x)
      var part = all
      (part.layers, part.varm) = (layers, varm)
      part = part.selectingGenes(types.members[place])
      part.raw = rawPart(kind)
      result.modalities.append(Modality(name: FeatureTypes.modalityName(kind), data: part))
    }
    return result
  }

  /// Reports that features without types are named as peaks are.
  private func sayPeaks(_ options: ReadingOptions) {
    guard history.isEmpty, options.knownCells == nil,
      FeatureKind(modality: "", features: self.var) == .peaks
    else { return }
    options.announce?(
      "var: the \(geneCount) features are named as peaks are; they are treated as genes")
  }
}
