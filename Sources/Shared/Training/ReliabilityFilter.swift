// The filter F of scTPF: the cells whose assignments can be trusted (AAAI 2023, section
// "topological and probabilistic filter").
// 1. Probability: the largest p_ij exceeds the second largest by more than ε.
// 2. Topology: in the k-nearest-neighbor graph of the cells left, with undirected edges, a cell
//    belongs to the largest component of its cluster.
// 3. Outliers: the cell and its 60 nearest among the cells left vote. No other cluster has more
//    votes, and the cell's own has at least ζ · 60. No cluster of fewer than 30 cells can pass
//    that. So the voters are at most as many as the other cells of its cluster, unless the paper's
//    way is requested.
// Exact; O(kN) after the neighbor searches.

import Neighbors
import Tensors

/// Why a cell is trusted or not, in the order of the checks.
package enum Reliability: Int32, Sendable, CaseIterable {
  case reliable
  /// Two clusters have nearly the same probability.
  case margin
  /// The cell is not connected to the main part of its cluster.
  case component
  /// Its neighbors belong to other clusters.
  case outlier

  /// The name in results and messages.
  package var name: String { "\(self)" }
}

/// The outcome of the filter for all cells.
package struct FilterResult: Sendable {
  /// (N)
  package let reliability: [Reliability]
  /// The cluster of every cell: argmax_j p_ij, the first of equals. (N)
  package let assignment: [Int]
  /// The margin in use: ε, or the value to which it was lowered.
  package let margin: Double

  package init(reliability: [Reliability], assignment: [Int], margin: Double) {
    self.reliability = reliability
    self.assignment = assignment
    self.margin = margin
  }

  /// Every cell is trusted with its label, as in a training without a filter.
  package init(trusting labels: [Int]) {
    self.init(
      reliability: Array(repeating: .reliable, count: labels.count), assignment: labels, margin: 0)
  }

  /// The reliable cells, rising.
  package var reliableCells: [Int] { reliability.indices.filter { reliability[$0] == .reliable } }
  package var reliableCount: Int { reliability.count { $0 == .reliable } }
}

/// The filter with its settings.
package struct ReliabilityFilter: Sendable, Equatable {
  /// ε: how much more probable the first cluster must be than the second.
  package var margin: Double
  /// k: the number of neighbors in the latent graph, without the cell itself.
  package var neighbors: Int
  /// The number of neighbors that vote on outliers.
  package var outlierNeighbors: Int
  /// Whether the voters are at most as many as the other cells in the cell's cluster.
  package var capsVoters: Bool
  /// ζ: the least share of the vote that a cell's own cluster must have.
  package var outlierShare: Double

  package init(
    margin: Double = 0.8, neighbors: Int = 4, outlierNeighbors: Int = 60,
    outlierShare: Double = 0.5, capsVoters: Bool = false
  ) {
    self.margin = margin
    self.neighbors = neighbors
    self.outlierNeighbors = outlierNeighbors
    self.outlierShare = outlierShare
    self.capsVoters = capsVoters
  }

  /// Assesses every cell by its latent code (N, D) and its soft assignment (N, J).
  ///
  /// If no cell passes ε, ε becomes the largest value that at least one cell in twenty passes.
  /// - Throws: `NeighborsFault` if the codes are not finite.
  package func callAsFunction(codes: Matrix<Float>, softAssignment: Matrix<Float>) throws
    -> FilterResult
  {
    precondition(codes.rows == softAssignment.rows, "codes and assignments of different cells")
    let ranked = (0..<codes.rows).map { topTwo(softAssignment.row($0)) }
    let assignment = ranked.map(\.first)
    var reliability = [Reliability](repeating: .margin, count: codes.rows)
    let used = effectiveMargin(ranked.map(\.margin))
    let confident = ranked.indices.filter { ranked[$0].margin > used }
    let connected = try largestComponents(of: confident, codes, assignment)
    let kept = try withoutOutliers(connected, codes, assignment)
    for cell in confident { reliability[cell] = .component }
    for cell in connected { reliability[cell] = .outlier }
    for cell in kept { reliability[cell] = .reliable }
    return FilterResult(reliability: reliability, assignment: assignment, margin: used)
  }

  func topTwo(_ row: Span<Float>) -> (first: Int, margin: Double) {
    var best = 0
    var second: Float = row.count > 1 ? -.infinity : 0
    for j in 1..<max(1, row.count) {
      if row[j] > row[best] {
        second = row[best]
        best = j
      } else if row[j] > second {
        second = row[j]
      }
    }
    return (best, Double(row[best]) - Double(second))
  }

  private func effectiveMargin(_ margins: [Double]) -> Double {
    if margins.contains(where: { $0 > margin }) || margins.isEmpty { return margin }
    let needed = (margins.count + 19) / 20
    let last = margins.sorted(by: >)[needed - 1]
    // Smaller by the least that counts: near zero the next number is denormal and treated as zero.
    return min(last.nextDown, last - .leastNormalMagnitude)
  }

  private func largestComponents(
    of cells: [Int], _ codes: Matrix<Float>, _ assignment: [Int]
  ) throws -> [Int] {
    guard cells.count > 1 else { return cells }
    let search = try NearestNeighbors(
      of: codes.selectingRows(cells), count: min(neighbors, cells.count - 1))
    return largestComponents(of: cells, search, assignment)
  }

  /// The cells of each cluster's largest component; of equal ones, the one with the lowest cell.
  ///
  /// - Parameter search: the k nearest of these cells among each other, or more.
  func largestComponents(of cells: [Int], _ search: NearestNeighbors, _ assignment: [Int])
    -> [Int]
  {
    let graph = edges(of: search) { assignment[cells[$0]] == assignment[cells[$1]] }
    let component = connectedComponents(of: graph)
    var size: [Int: Int] = [:]
    for label in component { size[label, default: 0] += 1 }
    var largest: [Int: Int] = [:]
    for (position, cell) in cells.enumerated() {
      let label = component[position]
      let best = largest[assignment[cell]]
      if best == nil || size[label, default: 0] > size[best ?? label, default: 0] {
        largest[assignment[cell]] = label
      }
    }
    return cells.indices.filter { component[$0] == largest[assignment[cells[$0]]] }
      .map { cells[$0] }
  }

  /// The lists of the k nearest as a graph, with the edges that `keeps` allows.
  private func edges(of search: NearestNeighbors, keeps: (Int, Int) -> Bool) -> SparseMatrix<Float>
  {
    var graph = RowBuilder<Float>(columns: search.indices.rows)
    for i in 0..<search.indices.rows {
      let row = search.indices.row(i)
      let kept = (0..<min(neighbors, row.count)).map { row[$0] }.filter { keeps(i, Int($0)) }
      for column in kept.sorted() { graph.append(column, 1) }
      graph.endRow()
    }
    return graph.matrix
  }

  private func withoutOutliers(
    _ cells: [Int], _ codes: Matrix<Float>, _ assignment: [Int]
  ) throws -> [Int] {
    let voters = min(outlierNeighbors, cells.count - 1)
    guard voters >= 1 else { return cells }
    let search = try NearestNeighbors(of: codes.selectingRows(cells), count: voters)
    var votes = [Int](repeating: 0, count: 1 + (assignment.max() ?? 0))
    var sizes = votes
    for cell in cells { sizes[assignment[cell]] += 1 }
    return cells.indices.filter { i in
      let own = assignment[cells[i]]
      let voters = capsVoters ? min(voters, sizes[own] - 1) : voters
      // A cell alone in its cluster has no voters.
      if voters < 1 { return false }
      for j in votes.indices { votes[j] = 0 }
      votes[own] = 1
      let row = search.indices.row(i)
      for k in 0..<voters { votes[assignment[cells[Int(row[k])]]] += 1 }
      return votes[own] == votes.max() && Double(votes[own]) >= outlierShare * Double(voters)
    }.map { cells[$0] }
  }
}
