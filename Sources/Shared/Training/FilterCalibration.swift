// ε and k of the filter, set from the data. The paper chose them with the true labels, set by set.
// The sharpness of the soft assignment depends on the width of the codes relative to the unit of
// Student's t, which no model fixes. So one ε passes all cells of one set and none of another.

import Neighbors
import Tensors

/// Which of the filter's settings come from the start of a training. The shares 0.5, 0.65 and 0.8
/// were compared on five labeled sets. With the median the accuracy of reliable cells is highest.
/// Trainings that continue to the stop at 80 % reliable cells then end with the best clusters.
package struct FilterCalibration: Sendable, Equatable {
  /// ε: the margin that at least this share of the cells has at the start.
  package var confidentShare = 0.5
  /// Whether ε is set from the data.
  package var setsMargin = false
  /// Whether k is set from the data.
  package var setsNeighbors = false
  /// k: the smallest of these with which `connectedShare` of the confident cells are connected to
  /// most of their cluster; else the last.
  package var candidates = Array(2...10)
  package var connectedShare = 0.95

  package init() {}
}

extension ReliabilityFilter {
  /// ε is never set above the paper's, even if the soft assignment is sharper.
  package static let paperMargin = 0.8

  /// The filter with ε and k from the codes (N, D) and the soft assignment (N, J) of the start, if
  /// the calibration sets them.
  ///
  /// ε is the quantile of the margins m_i = p_i(1) − p_i(2) that `confidentShare` of the cells
  /// reach, at most the paper's 0.8.
  ///
  /// - Throws: `NeighborsFault` if the codes are not finite.
  package func calibrated(
    _ calibration: FilterCalibration, codes: Matrix<Float>, softAssignment: Matrix<Float>
  ) throws -> ReliabilityFilter {
    var result = self
    let ranked = (0..<codes.rows).map { topTwo(softAssignment.row($0)) }
    if calibration.setsMargin && !ranked.isEmpty {
      let rising = ranked.map(\.margin).sorted()
      let passing = Int((Double(rising.count) * calibration.confidentShare).rounded())
      let quantile = rising[rising.count - max(1, passing)]
      // Cells at the quantile itself must pass, but the filter requires more than ε. So ε is
      // rounded down to three decimals, which are also shown to users.
      result.margin = max(0, min(Self.paperMargin, ((quantile * 1000).rounded(.up) - 1) / 1000))
    }
    guard calibration.setsNeighbors else { return result }
    let assignment = ranked.map(\.first)
    let confident = ranked.indices.filter { ranked[$0].margin > result.margin }
    guard confident.count > 1, let most = calibration.candidates.last else { return result }
    let search = try NearestNeighbors(
      of: codes.selectingRows(confident), count: min(most, confident.count - 1))
    for candidate in calibration.candidates {
      result.neighbors = candidate
      let connected = result.largestComponents(of: confident, search, assignment)
      if Double(connected.count) >= calibration.connectedShare * Double(confident.count) { break }
    }
    return result
  }
}
