// The owner of a column of obs or var. A stage replaces only columns that an earlier stage of this
// project wrote and that nobody changed since. The provenance shows the writer: with
// `obs.cluster = "cluster"` the clusters are in obs/cluster. A digest shows changes
// (`crc.obs.cluster`). A column that the user brought or changed stays; ours then gets a suffix.

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

  /// Whether an earlier stage of this project wrote the column, and it still holds what that stage
  /// left there.
  ///
  /// Stages of the versions before 0.2 noted no digests. Their columns count as ours, with any
  /// values.
  package func isOwn(_ column: String, of axis: Axis = .obs) -> Bool {
    for entry in history.reversed() {
      if let digest = entry.digest(of: "\(axis.rawValue)/\(column)") {
        return self[axis][column]?.digest == digest
      }
      if !entry.roles(of: column, on: axis).isEmpty { return true }
    }
    return false
  }

  /// The name that the last stage gave the column `role` when it wrote it; `role` itself if no
  /// stage noted one.
  package func ownColumn(_ role: String, of axis: Axis = .obs) -> String {
    let names = self[axis].columnNames
    for entry in history.reversed() {
      if let name = names.first(where: { entry.roles(of: $0, on: axis).contains(role) }) {
        return name
      }
    }
    return role
  }

  /// The same for a column whose intended name is `name`, but which may have a suffix; nil if there
  /// is none.
  package func ownColumn(_ role: String, called name: String, of axis: Axis = .obs) -> String? {
    let names = self[axis].columnNames.filter { OwnColumns.isVariant($0, of: name) }
    for entry in history.reversed() {
      if let found = names.first(where: { entry.roles(of: $0, on: axis).contains(role) }) {
        return found
      }
    }
    return nil
  }

  /// The column `role` that a stage wrote with the clusters in the column `clusters`. Nil if it
  /// wrote none, or is no stage of this project.
  package func column(_ role: String, beside clusters: String) -> String? {
    let last = history.lastIndex { $0.roles(of: clusters, on: .obs).contains("cluster") }
    guard let last else { return nil }
    return obs.columnNames.first { name in
      history[last].roles(of: name, on: .obs).contains(role)
        && history[(last + 1)...].allSatisfy { $0.roles(of: name, on: .obs).isEmpty }
    }
  }
}

extension Provenance {
  /// What stages of the versions before 0.2 wrote without noting it.
  private static let unnoted: [String: Set<String>] = [
    "sc-preprocess": ["size_factors", "n_counts", "n_genes", "label"],
    "sc-cluster": ["cluster", "confidence", "reliability"],
  ]

  /// What this stage wrote into the column: `cluster`, `confidence`, …; empty if it wrote nothing
  /// there.
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
  /// A column of a table.
  private struct Place: Hashable {
    let axis: Axis
    let column: String

    var text: String { "\(axis.rawValue)/\(column)" }
  }

  /// The place of each written role: `obs.ROLE`.
  private var written: [(role: String, place: Place)] = []
  /// The user's columns that stayed, and the names that ours got instead: `obs/cluster`,
  /// `obs/cluster_sc`.
  package private(set) var moved: [(kept: String, own: String)] = []
  /// The columns of the input that stages of this project wrote before; nil to look at the object
  /// itself.
  private var found: Set<Place>?
  /// Columns that stay though a stage wrote them.
  private var left: Set<Place> = []

  package init() {}

  /// For a stage that selects rows: the owner of a column can be found only before that.
  package init(of cells: CellData) {
    found = Set(
      [Axis.obs, .var].flatMap { axis in
        cells[axis].columnNames.filter { cells.isOwn($0, of: axis) }.map {
          Place(axis: axis, column: $0)
        }
      })
  }

  /// Whether a stage of this project wrote the column, and it may be replaced.
  package func isOwn(_ column: String, in cells: CellData, of axis: Axis = .obs) -> Bool {
    let place = Place(axis: axis, column: column)
    return !left.contains(place)
      && (found?.contains(place) ?? cells.isOwn(column, of: axis))
  }

  /// From now on the column of obs counts as the user's.
  package mutating func keep(_ column: String) {
    left.insert(Place(axis: .obs, column: column))
  }

  /// Writes a column under its name. If the user has another column of that name, it gets a suffix.
  /// Returns the name used.
  @discardableResult
  package mutating func write(
    _ column: Column, _ role: String, as name: String? = nil, to cells: inout CellData,
    of axis: Axis = .obs
  ) -> String {
    let wanted = name ?? role
    let free = freeName(wanted, for: column, in: cells, axis)
    if free != wanted {
      moved.append(("\(axis.rawValue)/\(wanted)", "\(axis.rawValue)/\(free)"))
    }
    cells[axis][free] = column
    written.append(("\(axis.rawValue).\(role)", Place(axis: axis, column: free)))
    return free
  }

  /// For the provenance, JSON text by name: the place of each written column, and its digest.
  /// Columns of earlier stages that this stage shortened are included.
  package func settings(in cells: CellData) -> [(name: String, text: String)] {
    let places = Set(written.map(\.place)).union(found ?? [])
    let digests = places.compactMap { place in
      cells[place.axis][place.column].map {
        (name: Provenance.digestSetting(place.text), text: JSONText.quoted($0.digest))
      }
    }
    return written.map { ($0.role, JSONText.quoted($0.place.column)) } + digests
  }

  /// The suffix of a column of ours if the user has one of its name.
  package static let suffix = "_sc"

  /// Whether a column of `name` may have got this name.
  fileprivate static func isVariant(_ found: String, of name: String) -> Bool {
    if found == name { return true }
    guard found.hasPrefix(name + suffix) else { return false }
    return found.dropFirst(name.count + suffix.count).allSatisfy(\.isNumber)
  }

  private func freeName(_ name: String, for column: Column, in cells: CellData, _ axis: Axis)
    -> String
  {
    func isFree(_ name: String) -> Bool {
      guard let present = cells[axis][name] else { return true }
      if left.contains(Place(axis: axis, column: name)) { return false }
      return isOwn(name, in: cells, of: axis) || present.holdsTheSame(as: column)
    }
    if isFree(name) { return name }
    var (candidate, number) = (name + Self.suffix, 2)
    while !isFree(candidate) {
      (candidate, number) = ("\(name)\(Self.suffix)\(number)", number + 1)
    }
    return candidate
  }
}

extension Column {
  /// Whether the values are equal, in any type of number.
  fileprivate func holdsTheSame(as other: Column) -> Bool {
    if let numbers, let others = other.numbers { return numbers == others }
    return self == other
  }
}
