import Tensors

/// An error of a figure's computation.
package enum MetricsFault: Fault, Equatable {
  /// Two sets of labels, or labels and cells, differ in number.
  case unequalCounts(labels: Int, cells: Int)
  /// There is nothing to compare.
  case noCells
  /// A coordinate of the embedding is NaN or infinite.
  case notFinite(row: Int, column: Int)

  package var kind: FaultKind { .badData }

  package var description: String {
    switch self {
    case .unequalCounts(let labels, let cells):
      "labels: \(labels) labels for \(cells) cells; give one label per cell"
    case .noCells:
      "labels: there are no cells to score; check that the labels name the cells of this file"
    case .notFinite(let row, let column):
      "embedding: row \(row), column \(column) is not a finite number; compute the embedding again"
    }
  }
}
