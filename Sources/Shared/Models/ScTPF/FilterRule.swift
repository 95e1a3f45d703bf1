import Neighbors
import NeuralNetworks
import Tensors
import Training

/// The graph over which the encoder computes the codes.
package enum EncodingGraph: String, Sendable, CaseIterable {
  /// A (Algorithm 1, line 8): the stored graph gives the codes again.
  case input
  /// A with the edges of T: what the published program does.
  case transformed
}

/// What scTPF does between epochs (Algorithm 1, lines 9 to 12). The filter F finds the reliable
/// cells Θ, and the transform T corrects the graph. Both read the codes of line 8, and the loss of
/// line 13 explains the corrected graph.
package final class FilterRule: ClusteringRule {
  package struct Settings: Sendable, Equatable {
    package var cells = CalibratedFilter()
    /// Training ends when more than this share of the cells is reliable.
    package var reliableShare = 0.8
    /// T always changes the graph that the codes explain; and this one where it says so.
    package var encodesOver = EncodingGraph.input
    /// Without F every cell is trusted, and training goes on to its last epoch.
    package var usesFilter = true
    /// Without T the codes explain A to the end.
    package var usesTransform = true

    package init() {}

    package var filter: ReliabilityFilter {
      get { cells.filter }
      set { cells.filter = newValue }
    }
    /// Which settings of the filter come from the start.
    package var calibration: FilterCalibration {
      get { cells.calibration }
      set { cells.calibration = newValue }
    }
  }

  private let plan: Settings
  /// A: binary, each cell its own neighbor. (N, N)
  private let adjacency: SparseMatrix<Float>
  /// The filter in use.
  private var used: CalibratedFilter
  package private(set) var addedEdges = 0

  package init(_ settings: Settings, adjacency: SparseMatrix<Float>) {
    plan = settings
    used = settings.cells
    self.adjacency = adjacency
  }

  package var settings: [(name: String, value: Double)] {
    plan.usesFilter ? used.settings : []
  }

  package func begin(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws {
    if plan.usesFilter { try used.begin(codes: codes, assignment) }
  }

  package func filter(codes: Matrix<Float>, _ assignment: Assignment<Float>) throws
    -> FilterResult?
  {
    plan.usesFilter ? try used(codes: codes, assignment) : nil
  }

  /// Whether |Θ| > 0.8 N.
  package func isConverged(_ state: ClusteringState) -> Bool {
    guard let filter = state.filter else { return false }
    return Double(filter.reliableCount) > plan.reliableShare * Double(adjacency.rows)
  }

  /// Hands Θ to L_PS (4), and the graph of T to L_SS (line 13).
  package func follow(
    _ state: ClusteringState, centers: Matrix<Float>, over source: GraphSteps<Float>
  ) {
    let filter = state.filter ?? FilterResult(trusting: state.labels)
    source.trusted = Buffer(filter.reliability.map { $0 == .reliable ? 1 : 0 })
    guard plan.usesTransform else { return }
    let changed = transformed(adjacency, codes: state.latent, centers: centers, filter: filter)
    addedEdges = changed.addedCount
    switch plan.encodesOver {
    case .input: source.change(target: changed.adjacency)
    case .transformed: source.change(to: ModelGraph(changed.adjacency))
    }
  }
}
