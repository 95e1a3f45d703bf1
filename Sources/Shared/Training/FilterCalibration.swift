// ε and k of the filter, set from the data: the paper chose them with the true labels, set by set.
// The soft assignment is as sharp as the codes are wide against the unit of Student's t, which no
// model fixes: one ε passes all cells of one set and none of another.

import Neighbors
import Tensors

/// Which of the filter's settings come from the start of a training. The shares were tried with
/// 0.5, 0.65 and 0.8 on five labeled sets: with the median the accuracy of reliable cells is
/// highest, and trainings that go on to the stop at 80 % reliable cells end with the best clusters.
package struct FilterCalibration: Sendable, Equatable {
  /// ε: the margin that this share of the cells has, at the start, at least.
  package var confidentShare = 0.5
  /// Whether ε is set from the data.
  package var setsMargin = false
  /// Whether k is set from the data.
  package var setsNeighbors = false
  /// k: the smallest of these for which `connectedShare` of the confident cells are connected to
  /// most of their cluster; else the last.
  package var candidates = Array(2...10)
  package var connectedShare = 0.95

  package init() {}
}

extension ReliabilityFilter {
  /// ε is never set above the paper's, however sharp the soft assignment is.
  package static let paperMargin = 0.8

  /// The filter with ε and k from the codes (N, D) and soft assignment (N, J) of the start, those
  /// of them that the calibration sets.
  ///
  /// ε is the quantile of the margins m_i = p_i(1) − p_i(2) that `confidentShare` of the cells
  /// reach, at most the paper's 0.8.
  ///
  /// - Throws: `NeighborsFault` where the codes are not finite.
  package func calibrated(
    _ calibration: FilterCalibration, codes: Matrix<Float>, softAssignment: Matrix<Float>
  ) throws -> ReliabilityFilter {
    var result = self
    let ranked = (0..<codes.rows).map { topTwo(softAssignment.row($0)) }
    if calibration.setsMargin && !ranked.isEmpty {
      let rising = ranked.map(\.margin).sorted()
      let passing = Int((Double(rising.count) * calibration.confidentShare).rounded())
      let quantile = rising[rising.count - max(1, passing)]
      // At the quantile itself the cells are to pass: the filter asks for more than ε. Three
      // decimals, rounded down, are what people read.
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
