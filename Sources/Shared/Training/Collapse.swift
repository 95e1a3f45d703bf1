// Collapse: training on a model's own labels can end in the trivial answer, all cells in one
// cluster (Caron et al. 2018, "Deep Clustering for Unsupervised Learning of Visual Features"). Both
// signs depend only on the sizes of the clusters: one holds most cells, or some have no cells.

import Tensors

/// A loss of clusters that no further epoch can undo.
package struct Collapse: Sendable, Equatable {
  package enum Sign: Sendable, Equatable, CaseIterable {
    /// One cluster holds most cells.
    case swallowed
    /// Clusters have lost all their cells.
    case died
  }

  /// The number of epochs before it.
  package let epoch: Int
  package let sign: Sign
  /// The cells of the largest cluster (swallowed), or the clusters with cells (died); then and at
  /// the start.
  package let count: Int
  package let countAtStart: Int

  /// `one cluster has 4614 of 5685 cells, at the start the largest had 1200`
  package func summary(cells: Int) -> String {
    switch sign {
    case .swallowed:
      "one cluster has \(count) of \(cells) cells, at the start the largest had \(countAtStart)"
    case .died: "\(count) of \(countAtStart) clusters still \(count == 1 ? "has" : "have") cells"
    }
  }
}

/// Distinguishes collapsed partitions from sound ones by the partition at the start of the
/// training.
package struct CollapseWatch: Sendable {
  private let start: ClusterSizes

  /// - Parameter partitions: partitions of the same cells, each of which counts as a start. A
  ///   partition is sound if it is no worse than the worst of them.
  package init(_ partitions: [Int]...) {
    let sizes = partitions.map { ClusterSizes($0) }
    start = ClusterSizes(
      cells: sizes[0].cells, largest: sizes.map(\.largest).max() ?? 0,
      occupied: sizes.map(\.occupied).min() ?? 0)
  }

  /// The collapse of the labels (N) after that many epochs; nil if there is none.
  ///
  /// A cluster has swallowed the others if it holds more than half of the cells outside the largest
  /// at the start. If that one held the share s, this is more than (1 + s) / 2 of all.
  package func collapse(in labels: [Int], after epoch: Int) -> Collapse? {
    let sizes = ClusterSizes(labels)
    if 2 * sizes.largest > sizes.cells + start.largest {
      return Collapse(
        epoch: epoch, sign: .swallowed, count: sizes.largest, countAtStart: start.largest)
    }
    if sizes.occupied < start.occupied {
      return Collapse(
        epoch: epoch, sign: .died, count: sizes.occupied, countAtStart: start.occupied)
    }
    return nil
  }
}

private struct ClusterSizes {
  var cells: Int
  /// The cells of the largest cluster.
  var largest: Int
  /// The clusters that have cells.
  var occupied: Int

  init(cells: Int, largest: Int, occupied: Int) {
    self.cells = cells
    self.largest = largest
    self.occupied = occupied
  }

  init(_ labels: [Int]) {
    var sizes = [Int](repeating: 0, count: 1 + (labels.max() ?? 0))
    for label in labels { sizes[label] += 1 }
    self.init(
      cells: labels.count, largest: sizes.max() ?? 0, occupied: sizes.count { $0 > 0 })
  }
}

// For checkpoints: a training that continues after a collapse still knows it.
extension Collapse {
  /// The collapse in a stored training; nil if there was none.
  ///
  /// - Throws: `ResumptionFault` if it does not fit that number of cells.
  static func stored(in state: TrainingState<Float>, cells: Int) throws(ResumptionFault)
    -> Collapse?
  {
    guard state.numbers["collapse"] != nil else { return nil }
    let found = try state.integers("collapse", count: 4, in: 0..<Int(Int32.max))
    guard found[1] < Sign.allCases.count, max(found[2], found[3]) <= cells else {
      throw ResumptionFault("collapse")
    }
    return Collapse(
      epoch: found[0], sign: Sign.allCases[found[1]], count: found[2], countAtStart: found[3])
  }

  func store(in state: inout TrainingState<Float>) {
    let place = Sign.allCases.firstIndex(of: sign) ?? 0
    state.numbers["collapse"] = [epoch, place, count, countAtStart].map { Double($0) }
  }
}
