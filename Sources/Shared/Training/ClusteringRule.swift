import Tensors

/// The work of a model between epochs of training with clusters, and the criterion by which that
/// training has converged.
///
/// For scTPF: filter and transform of the graph; for scEMC: the share of changed labels. Models
/// after DEC update their target distribution here.
package protocol ClusteringRule<Source>: AnyObject {
  associatedtype Source: StepSource where Source.S == Float

  /// Edges that the rule has added to the graph.
  var addedEdges: Int { get }
  /// The settings in use, by name; among them are those found from the data.
  var settings: [(name: String, value: Double)] { get }

  /// Called once, with the codes (N, D) of the pretrained model and its first assignment.
  func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws

  /// Which cells are trusted in a state with these codes (N, D); nil without a filter.
  func filter(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws -> FilterResult?

  /// Whether training ends with this state.
  func isConverged(_ state: ClusteringState) -> Bool

  /// Changes the targets of the steps after a state; centers (J, D) are those of the state.
  func follow(_ state: ClusteringState, centers: Matrix<Float>, over source: Source)
}

extension ClusteringRule {
  package var addedEdges: Int { 0 }
  package var settings: [(name: String, value: Double)] { [] }
  package func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws {}
  package func filter(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws
    -> FilterResult?
  { nil }
  package func follow(_ state: ClusteringState, centers: Matrix<Float>, over source: Source) {}
}

/// Ends training if a state changes fewer labels than a share of the cells. A filter, if there is
/// one, assesses the cells and changes nothing.
package final class StabilityRule<Source: StepSource>: ClusteringRule where Source.S == Float {
  private let share: Double
  private var cellFilter: CalibratedFilter?

  package init(share: Double, filter: CalibratedFilter? = nil) {
    (self.share, cellFilter) = (share, filter)
  }

  package var settings: [(name: String, value: Double)] { cellFilter?.settings ?? [] }

  package func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws {
    try cellFilter?.begin(codes: codes, assignment)
  }

  package func filter(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws
    -> FilterResult?
  {
    try cellFilter?(codes: codes, assignment)
  }

  package func isConverged(_ state: ClusteringState) -> Bool {
    state.changed.map { $0 < share } ?? false
  }
}
