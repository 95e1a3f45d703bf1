// Which modality of MuData is the RNA, and which one is the second. The names of the modalities are
// tried first, then their feature types, then the names of their features.

import CellData
import Ground
import Tensors

extension MuDataReader {
  /// The position of the RNA: the one asked for, else the one with such a name, else the one whose
  /// feature types are genes. Else it is guessed, and a message reports that.
  func mainPart(_ parts: [Part]) throws -> Int {
    if let wanted = options.rna {
      guard let place = parts.firstIndex(where: { $0.name == wanted }) else {
        throw FormatFault(
          "mod", "there is no modality \(wanted)",
          "choose one of \(parts.map(\.name).joined(separator: ", "))", kind: .usage)
      }
      return place
    }
    // MuDataWriter uses this name if the second modality has the name of an RNA.
    if try isOurs, let place = parts.firstIndex(where: { $0.name == "main" }) { return place }
    let kinds = parts.map(kind)
    return parts.firstIndex { FeatureKind(name: $0.name) == .rna } ?? kinds.firstIndex(of: .rna)
      ?? guessedPart(parts, kinds)
  }

  /// The position of the modality that is used with the main one; nil for none.
  func secondPart(_ parts: [Part], main: Int) throws -> Int? {
    let place: Int?
    switch options.second {
    case .none: place = nil
    case .named(let name): place = parts.firstIndex { $0.name == name }
    case .usual:
      let noted = try isOurs ? root.group("uns")?.dataset("second_modality") : nil
      let name = try noted?.strings().first
      place =
        parts.firstIndex { $0.name == name }
        ?? parts.indices.first {
          $0 != main && [.proteins, .peaks].contains(kind(parts[$0]))
        }
    }
    return place == main ? nil : place
  }

  /// If the second modality costs cells, and another one that could be it costs fewer, says which.
  func sayAlternative(to second: Int?, besides main: Int, _ parts: [Part], kept: Int) {
    guard let second, case .usual = options.second else { return }
    let cells = parts[main].data.obs.index
    let others = parts.indices.filter {
      $0 != main && $0 != second && [.proteins, .peaks].contains(kind(parts[$0]))
    }
    let counts = others.map { place in
      let present = Set(parts[place].data.obs.index)
      return (place: place, cells: cells.count(where: present.contains))
    }
    guard let most = counts.map(\.cells).max(), most > kept,
      let best = counts.first(where: { $0.cells == most })
    else { return }
    let name = parts[best.place].name
    root.tree.announce(
      "mod/\(parts[second].name): is the second modality, as the first of proteins or peaks in the file; sc-preprocess --second-modality \(name) keeps \(most == cells.count ? "all \(most)" : "\(most)") cells"
    )
  }

  private func kind(_ part: Part) -> FeatureKind {
    FeatureKind(modality: part.name, features: part.data.var)
  }

  /// The modality whose features have names of genes. If there are several such, or none, it is the
  /// one with most features. Proteins and peaks are taken only if there is nothing else.
  private func guessedPart(_ parts: [Part], _ kinds: [FeatureKind]) -> Int {
    let unknown = parts.indices.filter { kinds[$0] == .other }
    let possible = unknown.isEmpty ? Array(parts.indices) : unknown
    let named = possible.filter { NameEvidence(parts[$0].data.var.index).kind == .genes }
    let places = unknown.isEmpty || named.isEmpty ? possible : named
    let most = places.map { parts[$0].data.geneCount }.max()
    let place = places.first { parts[$0].data.geneCount == most } ?? 0
    let (part, count) = (parts[place], parts[place].data.geneCount)
    let advice = parts.count > 1 ? "; sc-preprocess --rna NAME chooses another" : ""
    if unknown.isEmpty {
      root.tree.announce(
        "mod/\(part.name): no modality is known to be RNA; the \(count) \(kinds[place].noun) of this one are treated as genes\(advice)"
      )
    } else if parts.count > 1 {
      let reason = places == named ? "with features named as genes are" : "by its size"
      root.tree.announce(
        "mod/\(part.name): no modality is named as RNA, nor has its feature type; this one (\(count) features) is taken, \(reason)\(advice)"
      )
    }
    return place
  }
}
