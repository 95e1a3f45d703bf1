import Tensors

/// An error of a ranking of genes.
package enum MarkersFault: Fault, Equatable {
  /// Labels and cells differ in number.
  case unequalCounts(labels: Int, cells: Int)
  /// There are too few clusters to compare.
  case tooFewClusters(Int)
  /// A value is NaN or infinite.
  case notFinite(row: Int, column: Int)

  package var kind: FaultKind { .badData }

  package var description: String {
    switch self {
    case .unequalCounts(let labels, let cells):
      "markers: \(labels) labels for \(cells) cells; give one label per cell"
    case .tooFewClusters(let count):
      "markers: \(count) \(count == 1 ? "cluster has" : "clusters have") cells, and two are needed to rank genes; cluster the cells first"
    case .notFinite(let row, let column):
      "X: row \(row), column \(column) is not a finite number; run sc-preprocess first"
    }
  }
}
