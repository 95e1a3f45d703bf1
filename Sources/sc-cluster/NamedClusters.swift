import CellData
import DataFormats
import StageSupport
import Tensors

/// Clusters with names, and how they are divided, merged and renamed.
struct NamedClusters {
  /// Indices of `names`, −1 for cells without a cluster. (N)
  private(set) var codes: [Int]
  private(set) var names: [String]

  /// Reads a column of obs. Throws kind `badData` with all columns if it is missing.
  init(of cells: CellData, column: String) throws {
    guard cells.obs[column] != nil else {
      throw StageFault(
        .badData,
        "there is no column '\(column)' of clusters; run sc-cluster first, or name one with --key-added; there are \(listed(cells.obs.columnNames))"
      )
    }
    let classes = try cells.obs.classes(column, option: "--key-added")
    (codes, names) = (classes.codes.map { Int($0) }, classes.names)
  }

  /// The index of a name. Throws kind `badData` with all names if it is missing.
  private func place(of name: String, _ option: String) throws -> Int {
    if let place = names.firstIndex(of: name) { return place }
    throw StageFault(
      .badData, "\(option): there is no cluster '\(name)'; there are \(listed(names))")
  }

  /// The cells of a cluster.
  func rows(of name: String) throws -> [Int] {
    let wanted = try place(of: name, "--within \(name)")
    let rows = codes.indices.filter { codes[$0] == wanted }
    if rows.count > 1 { return rows }
    throw StageFault(
      .badData,
      "--within \(name): the cluster has \(counted(rows.count, "cell")); too few to divide")
  }

  /// Puts `count` parts in place of a cluster: NAME.0, NAME.1, …. `parts` has the part of each
  /// of its cells. (rows.count)
  mutating func divide(_ name: String, _ rows: [Int], into parts: [Int], count: Int) throws {
    let old = try place(of: name, "--within \(name)")
    let new = (0..<count).map { "\(name).\($0)" }
    if let taken = new.first(where: names.contains) {
      throw StageFault(
        .badData,
        "--within \(name): there is a cluster '\(taken)' already; give one of the two another name with --rename"
      )
    }
    names.replaceSubrange(old...old, with: new)
    codes = codes.map { $0 > old ? $0 + count - 1 : $0 }
    for (row, part) in zip(rows, parts) { codes[row] = old + part }
  }

  /// Merges clusters. The result has the index and the name of the first.
  mutating func merge(_ merged: MergedClusters) throws {
    let option = "--merge \(merged.names.joined(separator: ","))"
    let places = try merged.names.map { try place(of: $0, option) }
    unite(places.map { $0 }, as: names[places[0]])
  }

  private mutating func unite(_ places: [Int], as name: String) {
    let (into, gone) = (places[0], Set(places.dropFirst()))
    names[into] = name
    var next = 0
    let moved = names.indices.map { place -> Int in
      if gone.contains(place) { return -1 }
      defer { next += 1 }
      return next
    }
    codes = codes.map { $0 < 0 ? -1 : gone.contains($0) ? moved[into] : moved[$0] }
    names = names.indices.filter { !gone.contains($0) }.map { names[$0] }
  }

  /// Headers of the first column in a table of names, in small letters.
  private static let headerWords: Set<String> = [
    "", "cluster", "clusters", "clusterid", "clustername", "old", "oldname", "oldcluster", "from",
    "before", "name", "id", "label", "leiden", "louvain", "kmeans", "group",
  ]

  /// Gives clusters the names of a table of old and new names, with or without a header. Clusters
  /// of one new name become one. Returns lines for the log.
  ///
  /// Throws kind `badData` for a table of other columns, a name that no cluster has, and a name
  /// that appears twice. Only a header in the first line may name no cluster.
  mutating func rename(_ table: DelimitedTable, file: String) throws -> [String] {
    func fault(_ text: String) -> StageFault { StageFault(.badData, text, in: file) }
    if table.rows.isEmpty {
      throw fault("names no clusters; write the old and the new name on each line")
    }
    if table.columnCount != 2 {
      throw fault("has \(counted(table.columnCount, "column")); give two, the old name and the new")
    }
    var new: [String: String] = [:]
    for (number, (row, line)) in zip(table.rows, table.lineNumbers).enumerated() {
      guard names.contains(row[0]) else {
        let isFirst = number == 0 && table.rows.count > 1
        if isFirst && NamedClusters.headerWords.contains(row[0].wordOnly) { continue }
        let remark = isFirst ? " (a header begins with 'cluster' or 'old')" : ""
        throw fault(
          "line \(line): there is no cluster '\(row[0])'\(remark); there are \(listed(names))")
      }
      if row[1].isEmpty { throw fault("line \(line): the new name of '\(row[0])' is missing") }
      if new.updateValue(row[1], forKey: row[0]) != nil {
        throw fault("line \(line): the cluster '\(row[0])' appears twice; keep one of them")
      }
    }
    let wanted = names.map { new[$0] ?? $0 }
    var said: [String] = []
    names = wanted
    for name in wanted where names.count(where: { $0 == name }) > 1 {
      let places = names.indices.filter { names[$0] == name }
      said.append("\(places.count) clusters are called '\(name)' now and become one")
      unite(places, as: name)
    }
    return said
  }
}

extension String {
  /// `oldname` of `Old name`.
  fileprivate var wordOnly: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}
