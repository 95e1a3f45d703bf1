import Tensors

/// An undirected weighted graph in the form that Leiden needs: a node's loop counts only in its
/// strength.
///
/// N is the number of nodes, W the sum of all strengths.
struct CommunityGraph: Sendable {
  /// The position of every node's first edge. (N + 1)
  let starts: Buffer<Int>
  /// The other end of every edge, each edge in both directions; an edge never leads to its own
  /// node.
  let neighbors: Buffer<Int32>
  /// One for each edge, above zero.
  let weights: Buffer<Double>
  /// k_i = Σ_j A_ij, including the diagonal. (N)
  let strengths: Buffer<Double>
  /// W = Σ_ij A_ij.
  let total: Double

  var count: Int { strengths.count }

  /// The mean weight of the edges; 0 without any.
  var meanWeight: Double {
    let weight = weights.span
    var sum = 0.0
    for k in weight.indices { sum += weight[k] }
    return sum / Double(max(1, weight.count))
  }

  /// The mean of `graph` and its transpose. Throws if it is not square, or a weight is negative or
  /// not finite.
  init(_ graph: SparseMatrix<Float>) throws(ClusteringFault) {
    try requireAffinity(graph)
    let symmetric = symmetrized(graph, keepingDiagonal: true)
    var edges = RowBuilder<Double>(columns: symmetric.columns, expecting: symmetric.entryCount)
    var strengths = Buffer<Double>(repeating: 0, count: symmetric.rows)
    let (columns, values) = (symmetric.indices.span, symmetric.values.span)
    for i in 0..<symmetric.rows {
      var strength = 0.0
      for k in symmetric.range(ofRow: i) {
        strength += values[k]
        if Int(columns[k]) == i { continue }
        edges.append(columns[k], values[k])
      }
      edges.endRow()
      strengths[i] = strength
    }
    self.init(edges.matrix, strengths: strengths, total: strengths.reduce(0, +))
  }

  init(_ edges: SparseMatrix<Double>, strengths: Buffer<Double>, total: Double) {
    (starts, neighbors, weights) = (edges.indptr, edges.indices, edges.values)
    self.strengths = strengths
    self.total = total
  }

  /// The graph whose nodes are the groups 0..<groupCount of this one's nodes; edges inside a group
  /// count in its strength only.
  func aggregated(by group: Buffer<Int32>, into groupCount: Int) -> CommunityGraph {
    let (memberStarts, members) = sortedByGroup(group, groupCount: groupCount)
    var sums = Buffer<Double>(repeating: 0, count: groupCount)
    var edges = RowBuilder<Double>(columns: groupCount)
    var accumulator = NeighborWeights(count: groupCount)
    let (begins, ends, weight) = (starts.span, neighbors.span, weights.span)
    let (strength, groups) = (strengths.span, group.span)
    for new in 0..<groupCount {
      for position in memberStarts[new]..<memberStarts[new + 1] {
        let node = Int(members[position])
        sums[new] += strength[node]
        for k in begins[node]..<begins[node + 1] {
          let other = groups[Int(ends[k])]
          if Int(other) != new { accumulator.add(weight[k], to: other) }
        }
      }
      accumulator.drain { other, sum in edges.append(other, sum) }
      edges.endRow()
    }
    return CommunityGraph(edges.matrix, strengths: sums, total: total)
  }

  /// Σ_c W_cc / W − γ (d_c / W)² of labels from 0 to below `clusterCount`; 0 for a graph without
  /// weights.
  func quality(of labels: Buffer<Int32>, clusterCount: Int, resolution: Double) -> Double {
    guard total > 0 else { return 0 }
    var within = 0.0
    var degree = Array(repeating: 0.0, count: clusterCount)
    let (begins, ends, weight) = (starts.span, neighbors.span, weights.span)
    let (strength, label) = (strengths.span, labels.span)
    for i in 0..<count {
      var (loop, inside) = (strength[i], 0.0)
      for k in begins[i]..<begins[i + 1] {
        loop -= weight[k]
        if label[Int(ends[k])] == label[i] { inside += weight[k] }
      }
      within += inside + loop
      degree[Int(label[i])] += strength[i]
    }
    return degree.reduce(within / total) { $0 - resolution * ($1 / total) * ($1 / total) }
  }
}

/// The start of each group, and the nodes sorted by group, in rising order inside each.
func sortedByGroup(_ group: Buffer<Int32>, groupCount: Int) -> ([Int], Buffer<Int32>) {
  var starts = Array(repeating: 0, count: groupCount + 1)
  let groups = group.span
  for node in groups.indices { starts[Int(groups[node]) + 1] += 1 }
  for number in 0..<groupCount { starts[number + 1] += starts[number] }
  var next = starts
  var members = Buffer<Int32>(uninitializedCount: group.count)
  var target = members.mutableSpan
  for node in groups.indices {
    target[next[Int(groups[node])]] = Int32(node)
    next[Int(groups[node])] += 1
  }
  return (starts, members)
}

/// Weights summed by cluster number, in the order in which the clusters were found.
struct NeighborWeights {
  private var sums: [Double]
  private var met: [Int32]
  private var metCount = 0

  init(count: Int) {
    sums = Array(repeating: 0, count: count)
    met = Array(repeating: 0, count: count)
  }

  /// Adds a weight above zero.
  @inline(__always) mutating func add(_ weight: Double, to cluster: Int32) {
    let before = sums[Int(cluster)]
    if before == 0 {
      met[metCount] = cluster
      metCount += 1
    }
    sums[Int(cluster)] = before + weight
  }

  /// Calls `body` with every cluster and its sum, and removes them.
  @inline(__always) mutating func drain(_ body: (Int32, Double) -> Void) {
    for position in 0..<metCount {
      let cluster = met[position]
      body(cluster, sums[Int(cluster)])
      sums[Int(cluster)] = 0
    }
    metCount = 0
  }
}
