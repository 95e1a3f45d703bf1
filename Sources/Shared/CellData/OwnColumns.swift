// Whose a column of obs or var is. A stage replaces only columns that an earlier stage of this project wrote, as the provenance says
// (`obs.cluster = "cluster"`: the clusters stand in obs/cluster). A column that the user brought stays: ours gets a suffix then.

import Ground

/// A table whose rows have names.
package enum Axis: String, Sendable {
  case obs
  case `var`
}

extension CellData {
  /// The table of that axis.
  package subscript(axis: Axis) -> Frame {
    get { axis == .obs ? obs : self.var }
    set { if axis == .obs { obs = newValue } else { self.var = newValue } }
  }

  /// Whether an earlier stage of this project wrote the column.
  package func isOwn(_ column: String, of axis: Axis = .obs) -> Bool {
    history.contains { $0.roles(of: column, on: axis).isEmpty == false }
  }

  /// The name under which the last stage that wrote it put the column `role`; `role` itself where none says so.
  package func ownColumn(_ role: String, of axis: Axis = .obs) -> String {
    let names = self[axis].columnNames
    for entry in history.reversed() {
      if let name = names.first(where: { entry.roles(of: $0, on: axis).contains(role) }) {
        return name
      }
    }
    return role
  }

  /// The column `role` that the stage wrote beside the clusters in the column `clusters`; nil where it wrote none, or is not of this project.
  package func column(_ role: String, beside clusters: String) -> String? {
    let entry = history.last { $0.roles(of: clusters, on: .obs).contains("cluster") }
    guard let entry else { return nil }
    return obs.columnNames.first { entry.roles(of: $0, on: .obs).contains(role) }
  }
}

extension Provenance {
  /// What stages of the versions before 0.2 wrote without noting it.
  private static let unnoted: [String: Set<String>] = [
    "sc-preprocess": ["size_factors", "n_counts", "n_genes", "label"],
    "sc-cluster": ["cluster", "confidence", "reliability"],
  ]

  /// What this stage wrote into the column: `cluster`, `confidence`, …; empty where it wrote nothing there.
  package func roles(of column: String, on axis: Axis) -> [String] {
    let prefix = axis.rawValue + "."
    let noted = settings.filter { $0.key.hasPrefix(prefix) }
    if noted.isEmpty {
      let isUnnoted =
        axis == .obs
        ? Self.unnoted[tool]?.contains(column) == true
        : tool == "sc-preprocess" && ["mean", "std", "highly_variable"].contains(column)
      return isUnnoted ? [column] : []
    }
    let name = JSONText.quoted(column)
    return noted.filter { $0.value == name }.map { String($0.key.dropFirst(prefix.count)) }
  }
}

/// The columns that a stage writes.
package struct OwnColumns: Sendable {
  /// What was written where, for the provenance: JSON text by `obs.ROLE`.
  package private(set) var settings: [(name: String, text: String)] = []
  /// The user's columns that stayed, and the names that ours got instead: `obs/cluster`, `obs/cluster_sc`.
  package private(set) var moved: [(kept: String, own: String)] = []

  package init() {}

  /// Writes a column under its name, or, where the user has another column of that name, under the name with a suffix.
  package mutating func write(
    _ column: Column, _ role: String, as name: String? = nil, to cells: inout CellData,
    of axis: Axis = .obs
  ) {
    let wanted = name ?? role
    let free = freeName(wanted, for: column, in: cells, axis)
    if free != wanted {
      moved.append(("\(axis.rawValue)/\(wanted)", "\(axis.rawValue)/\(free)"))
    }
    cells[axis][free] = column
    settings.append(("\(axis.rawValue).\(role)", JSONText.quoted(free)))
  }

  /// Whether `role` was written into that column of obs.
  package func holds(_ role: String, in column: String) -> Bool {
    settings.contains { $0.name == "obs.\(role)" && $0.text == JSONText.quoted(column) }
  }

  private func freeName(_ name: String, for column: Column, in cells: CellData, _ axis: Axis)
    -> String
  {
    func isFree(_ name: String) -> Bool {
      guard let present = cells[axis][name] else { return true }
      return cells.isOwn(name, of: axis) || present.holdsTheSame(as: column)
    }
    if isFree(name) { return name }
    var (candidate, number) = (name + "_sc", 2)
    while !isFree(candidate) { (candidate, number) = ("\(name)_sc\(number)", number + 1) }
    return candidate
  }
}

extension Column {
  /// Whether the values are equal, whatever type of number holds them.
  fileprivate func holdsTheSame(as other: Column) -> Bool {
    if let numbers, let others = other.numbers { return numbers == others }
    return self == other
  }
}
