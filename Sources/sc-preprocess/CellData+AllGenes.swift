// Models use the variable genes; markers, pictures and other programs need all. All genes are where
// AnnData's users look for them, in raw. Their ranking values are in raw/var under scanpy's names.

import CellData
import Preprocessing
import StageSupport
import Tensors

extension CellData {
  /// Writes all genes that pass the filters to raw, unless the input's own raw has them; with
  /// --only-variable leaves no raw.
  ///
  /// - Parameters:
  ///   - result: with the genes that were asked for.
  ///   - genes: the input's table of all genes, with the rows of `result.filteredGenes` among them.
  ///   - input: what came in, with its raw.
  ///   - form: what an earlier run left in raw; nil if raw is the user's.
  ///   - options: whether raw is wanted.
  /// - Returns: the settings for the provenance, and a clause for the summary.
  mutating func keepAllGenes(
    of result: Preprocessed, _ genes: Frame, from input: CellData, _ columns: OwnColumns,
    ownRaw form: String?, _ options: FilterOptions, _ log: Log
  ) -> (settings: [(String, JSONValue)], summary: String) {
    if options.onlyVariable {
      raw = nil
      return ([], "")
    }
    let names = result.filteredGenes.map { genes.index[$0] }
    if let present = raw, Set(present.var.index).isSuperset(of: names) {
      if let wanted = options.rawForm, wanted.rawValue != form {
        log.note("--raw changes nothing: raw of the input has all genes and stays as it is")
      }
      guard let form else { return ([], "") }
      let kept = Set(self.var.index)
      let isVariable = Buffer(present.var.index.map(kept.contains))
      if names == present.var.index {
        var table = AllGenes.withoutRanks(present.var, input.history)
        _ = AllGenes.rank(&table, result, options.hvgFlavor)
        raw?.var = table
      } else {
        raw?.var[AllGenes.flag] = .boolean(isVariable)
      }
      return (settings(ofRawHolding: form).map { ($0.name, .raw($0.text)) }, "")
    }
    guard let values = result.allGenes else { return ([], "") }
    if raw != nil {
      log.note("raw of the input lacks genes that pass the filters, so it is replaced")
    }
    var table = genes.selectingRows(result.filteredGenes)
    for name in table.columnNames where columns.isOwn(name, in: input, of: .var) {
      table[name] = nil
    }
    let moved = AllGenes.rank(&table, result, options.hvgFlavor)
    if !moved.isEmpty {
      log.note("kept your columns: \(moved.joined(separator: ", "))")
    }
    raw = RawValues(x: .sparse(values), var: table)
    let kind = options.resolvedRaw
    return (
      settings(ofRawHolding: kind.rawValue).map { ($0.name, .raw($0.text)) },
      "; raw has \(kind.noun) of all \(names.count) genes that pass the filters"
    )
  }
}

/// The columns of raw/var.
enum AllGenes {
  static let flag = "highly_variable"

  /// Writes the variability of each gene, under the names of scanpy's `highly_variable_genes`. A
  /// column of the user stays; ours gets another name. Returns the names that were used.
  static func rank(
    _ table: inout Frame, _ result: Preprocessed, _ flavor: VariableGeneFlavor
  ) -> [String] {
    let (ranked, genes) = (result.variableGenes, result.filteredGenes)
    let kept = Set(result.keptGenes)
    var places = [Int](repeating: 0, count: genes.count)
    for (place, gene) in ranked.ranking.enumerated() { places[gene] = place }
    let spread = flavor == .seuratV3 ? "variances" : "dispersions"
    let columns: [(String, Column)] = [
      (flag, .boolean(Buffer(genes.map(kept.contains)))),
      ("means", .float32(Buffer(ranked.means.map { Float($0) }))),
      (spread, .float32(Buffer(ranked.dispersions.map { Float($0) }))),
      ("\(spread)_norm", .float32(Buffer(ranked.normalizedDispersions.map { Float($0) }))),
      ("\(flag)_rank", .integer(Buffer(places))),
    ]
    var moved: [String] = []
    for (name, column) in columns {
      var free = name
      while table[free] != nil { free += OwnColumns.suffix }
      if free != name { moved.append("raw/var/\(name) (ours: raw/var/\(free))") }
      table[free] = column
    }
    return moved
  }

  /// The table without what `rank` has written in the last run of `history`.
  static func withoutRanks(_ table: Frame, _ history: [Provenance]) -> Frame {
    let made = history.last { $0.settings[CellData.rawSetting] != nil }
    let isThird = made?.settings["hvg_flavor"] == "\"\(VariableGeneFlavor.seuratV3.rawValue)\""
    let spread = isThird ? "variances" : "dispersions"
    var result = table
    for name in [flag, "\(flag)_rank", "means", spread, "\(spread)_norm"] {
      let moved = name + OwnColumns.suffix
      result[result[moved] == nil ? name : moved] = nil
    }
    return result
  }
}

extension AllGenesForm {
  /// What messages call the values.
  fileprivate var noun: String { self == .log ? "log-normalized values" : "counts" }
}

extension FilterOptions {
  /// What raw is to hold.
  var resolvedRaw: AllGenesForm { rawForm ?? .log }
}
