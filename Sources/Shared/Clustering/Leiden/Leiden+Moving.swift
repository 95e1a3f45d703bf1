import Tensors

/// Moves nodes, one at a time, to the neighboring or new cluster of the highest gain until none
/// gains. A queue holds the nodes whose surroundings have changed. This is the fast local moving of
/// Traag, Waltman and van Eck (2019, algorithm A.2).
///
/// `labels` are from 0 to below N before and after. The gain of node v in cluster C is w(v, C) − γ
/// k_v d_C / W, with v left out of C.
func moveNodes(
  of graph: CommunityGraph, labels: inout Buffer<Int32>, resolution: Double,
  generator: inout RandomGenerator
) {
  let n = graph.count
  guard n > 0, graph.total > 0 else { return }
  let scale = resolution / graph.total
  let (starts, ends) = (graph.starts.span, graph.neighbors.span)
  let (weights, strengths) = (graph.weights.span, graph.strengths.span)
  var (degrees, sizes) = totals(graph, labels)
  var empty = (0..<Int32(n)).reversed().filter { sizes[Int($0)] == 0 }
  var queue = NodeQueue(order: generator.permutation(n))
  var sums = Buffer<Double>(repeating: 0, count: n)
  var metClusters = Buffer<Int32>(repeating: 0, count: n)
  // The inner loops use spans only: a write to a buffer would check its owners every time.
  var label = labels.mutableSpan
  var degree = degrees.mutableSpan
  var size = sizes.mutableSpan
  var sum = sums.mutableSpan
  var met = metClusters.mutableSpan
  while let node = queue.next() {
    let (own, strength) = (label[node], strengths[node])
    let edges = starts[node]..<starts[node + 1]
    var metCount = 0
    for k in edges {
      let cluster = label[Int(ends[k])]
      if sum[Int(cluster)] == 0 {
        met[metCount] = cluster
        metCount += 1
      }
      sum[Int(cluster)] += weights[k]
    }
    size[Int(own)] -= 1
    degree[Int(own)] = size[Int(own)] == 0 ? 0 : degree[Int(own)] - strength
    // Staying is the first choice; a move must gain more than rounding could.
    let (penalty, margin) = (scale * strength, 1e-12 * strength)
    var (best, gain) = (own, sum[Int(own)] - penalty * degree[Int(own)])
    for position in 0..<metCount {
      let cluster = met[position]
      let candidate = sum[Int(cluster)] - penalty * degree[Int(cluster)]
      if candidate > gain + margin { (best, gain) = (cluster, candidate) }
      sum[Int(cluster)] = 0
    }
    if gain < -margin, let unused = empty.popLast() { best = unused }
    size[Int(best)] += 1
    degree[Int(best)] += strength
    if best == own { continue }
    if size[Int(own)] == 0 { empty.append(own) }
    label[node] = best
    for k in edges where label[Int(ends[k])] != best { queue.append(Int(ends[k])) }
  }
}

/// The strength and the number of nodes of every cluster. (N), (N)
private func totals(_ graph: CommunityGraph, _ labels: Buffer<Int32>) -> (
  Buffer<Double>, Buffer<Int32>
) {
  var degrees = Buffer<Double>(repeating: 0, count: graph.count)
  var sizes = Buffer<Int32>(repeating: 0, count: graph.count)
  for i in 0..<graph.count {
    degrees[Int(labels[i])] += graph.strengths[i]
    sizes[Int(labels[i])] += 1
  }
  return (degrees, sizes)
}

/// Nodes to visit, each at most once at a time.
private struct NodeQueue {
  private var ring: [Int32]
  private var isWaiting: [Bool]
  private var first = 0
  private var count: Int

  init(order: [Int]) {
    ring = order.map { Int32($0) }
    isWaiting = Array(repeating: true, count: order.count)
    count = order.count
  }

  @inline(__always) mutating func next() -> Int? {
    if count == 0 { return nil }
    let node = Int(ring[first])
    first = first + 1 == ring.count ? 0 : first + 1
    count -= 1
    isWaiting[node] = false
    return node
  }

  @inline(__always) mutating func append(_ node: Int) {
    if isWaiting[node] { return }
    isWaiting[node] = true
    let end = first + count
    ring[end < ring.count ? end : end - ring.count] = Int32(node)
    count += 1
  }
}
