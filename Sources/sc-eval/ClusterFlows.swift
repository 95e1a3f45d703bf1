import CellData
import Plots
import StageSupport
import Tensors

/// Which clusters of a run went into which clusters of the next.
struct ClusterFlows {
  private let runs: [(file: String, cells: [String], clusters: Categories)]

  init(_ views: [(run: String, view: RunView)]) {
    runs = views.compactMap { name, view in view.clusters.map { (name, $0.cells, $0.classes) } }
  }

  /// A panel for each run but the last. Throws kind `badData` for one run, and for two that share
  /// no cell.
  func panels(_ log: Log) throws -> [Panel] {
    guard runs.count > 1 else {
      throw StageFault(
        .badData, "--figures alluvial: there is one run; give --compare two files or more")
    }
    let names = ComparedPictures.short(runs.map(\.file))
    return try (1..<runs.count).map { number in
      let (left, right) = try shared(runs[number - 1], runs[number], log)
      let crossed = try CrossedClasses(left, right)
      return .alluvial(
        AlluvialChart(
          title: "Clusters of the same \(counted(left.codes.count, "cell"))",
          .init(name: names[number - 1], classes: left.names),
          .init(name: names[number], classes: right.names, colors: crossed.colors),
          counts: left.shared(with: right)))
    }
  }

  /// The clusters of the cells that both runs have, by their names.
  private func shared(
    _ one: (file: String, cells: [String], clusters: Categories),
    _ other: (file: String, cells: [String], clusters: Categories), _ log: Log
  ) throws -> (Categories, Categories) {
    if one.cells == other.cells { return (one.clusters, other.clusters) }
    var place: [String: Int] = [:]
    for (row, name) in other.cells.enumerated() { place[name] = row }
    let rows = one.cells.enumerated().compactMap { row, name in place[name].map { (row, $0) } }
    guard !rows.isEmpty else {
      throw StageFault(
        .badData,
        "--figures alluvial: '\(one.file)' and '\(other.file)' share no cells; give runs of the same cells"
      )
    }
    if rows.count < max(one.cells.count, other.cells.count) {
      log.note(
        "--figures alluvial: \(counted(rows.count, "cell")) are in both '\(one.file)' (\(one.cells.count)) and '\(other.file)' (\(other.cells.count)); the others are left out"
      )
    }
    return (one.clusters.selecting(rows.map(\.0)), other.clusters.selecting(rows.map(\.1)))
  }
}
