import Tensors

/// The part of a transcript with the reads of a count.
enum Transcripts: String, CaseIterable {
  case spliced, unspliced, ambiguous
}

/// Counts of spliced, unspliced and ambiguous transcripts, as STARsolo's Velocyto, kb's `nac` and
/// alevin-fry's USA mode count them. A cell is described by the first and the last, which is what
/// the three programs' own tools add up for whole cells.
struct SplicedCounts {
  let layers: [(kind: Transcripts, matrix: SparseMatrix<Float>)]

  /// Spliced and ambiguous together.
  var counts: SparseMatrix<Float> {
    let parts = layers.filter { $0.kind != .unspliced }.map(\.matrix)
    return parts.dropFirst().reduce(parts[0]) { $0.merging($1) { _, _, a, b in a + b } }
  }

  /// From a matrix each, or one that has the genes three times. Nil for counts of one kind.
  init?(
    _ kinds: [Transcripts?], _ matrices: [SparseMatrix<Float>], _ features: inout TenXFeatures?
  ) throws {
    if kinds.count > 1 {
      layers = zip(kinds, matrices).compactMap { kind, matrix in kind.map { ($0, matrix) } }
      let (rows, columns) = (matrices[0].rows, matrices[0].columns)
      for (kind, matrix) in layers where (matrix.rows, matrix.columns) != (rows, columns) {
        throw FormatFault(
          "",
          "the \(kind.rawValue) counts are \(matrix.rows) × \(matrix.columns), the spliced ones "
            + "\(rows) × \(columns)", "the matrices must belong together")
      }
      return
    }
    guard let list = features, let genes = SplicedCounts.genesOfThreefoldList(list.ids) else {
      return nil
    }
    features = TenXFeatures(
      ids: Array(list.ids.prefix(genes)), names: Array(list.names.prefix(genes)))
    layers = Transcripts.allCases.enumerated().map { place, kind in
      (kind, matrices[0].selectingColumns(Array(place * genes..<(place + 1) * genes)))
    }
  }

  /// The number of genes if a list has all of them, then all with -U, then all with -A, as
  /// alevin-fry writes it.
  private static func genesOfThreefoldList(_ ids: [String]) -> Int? {
    let genes = ids.count / 3
    guard genes > 0, ids.count == 3 * genes else { return nil }
    let isThreefold = (0..<genes).allSatisfy {
      ids[genes + $0] == ids[$0] + "-U" && ids[2 * genes + $0] == ids[$0] + "-A"
    }
    return isThreefold ? genes : nil
  }

  /// The names of a folder's matrices for the three, if it has one list of cells for all.
  static func names(_ named: (String) -> String?, lists: Set<String>) -> [(Transcripts?, String)]? {
    let sharesList = ["barcodes.tsv", "barcodes.tsv.gz"].contains(where: lists.contains)
    let families = [
      sharesList ? ["spliced", "unspliced", "ambiguous"] : [],
      ["cells_x_genes.mature", "cells_x_genes.nascent", "cells_x_genes.ambiguous"],
    ]
    for stems in families {
      let found = zip(Transcripts.allCases, stems).compactMap { kind, stem in
        named(stem).map { (Optional(kind), $0) }
      }
      if found.count == Transcripts.allCases.count { return found }
    }
    return nil
  }
}
