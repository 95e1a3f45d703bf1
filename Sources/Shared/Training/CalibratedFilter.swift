import Tensors

/// The filter F of a training with clusters: its settings, some of which may come from the start.
package struct CalibratedFilter: Sendable, Equatable {
  /// The filter with the settings in use, once `begin` was called.
  package var filter: ReliabilityFilter
  /// Which settings come from the start.
  package var calibration: FilterCalibration

  package init(
    _ filter: ReliabilityFilter = ReliabilityFilter(),
    _ calibration: FilterCalibration = FilterCalibration()
  ) {
    (self.filter, self.calibration) = (filter, calibration)
  }

  /// ε and k from the data, and at most as many voters as a cluster has other cells.
  package static let standard: CalibratedFilter = {
    var calibration = FilterCalibration()
    (calibration.setsMargin, calibration.setsNeighbors) = (true, true)
    return CalibratedFilter(
      ReliabilityFilter(margin: ReliabilityFilter.paperMargin, neighbors: 4, capsVoters: true),
      calibration)
  }()

  /// Sets ε and k from the codes (N, D) and the clusters of the start, if the calibration sets
  /// them.
  ///
  /// - Throws: `NeighborsFault` if the codes are not finite.
  package mutating func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws {
    filter = try filter.calibrated(
      calibration, codes: codes, softAssignment: assignment.shares)
  }

  /// Assesses every cell by its code (N, D) and cluster.
  ///
  /// - Throws: `NeighborsFault` if the codes are not finite.
  package func callAsFunction(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws
    -> FilterResult
  {
    try filter(codes: codes, softAssignment: assignment.shares)
  }

  /// ε and k by name.
  package var settings: [(name: String, value: Double)] {
    [("margin", filter.margin), ("latent_neighbors", Double(filter.neighbors))]
  }
}
