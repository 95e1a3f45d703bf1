import Glibc
import Tensors

/// How freely refinement chooses among gains: the probability of a merge is proportional to
/// exp(gain / (θ · mean edge weight)).
private let randomness = 0.01

/// Splits every cluster into well-connected parts, starting from single nodes (Traag, Waltman and
/// van Eck 2019, algorithm A.2). Each node that is alone and well connected to its cluster is
/// merged into a well-connected part of it. The merge is along an edge and without loss.
///
/// Returns the part of every node, and the number of parts. A part is connected and inside one
/// cluster.
func refine(
  _ graph: CommunityGraph, clusters: Buffer<Int32>, resolution: Double,
  generator: inout RandomGenerator
) -> (parts: Buffer<Int32>, count: Int) {
  let n = graph.count
  var parts = Parts(graph, clusters, scale: resolution / graph.total)
  var around = NeighborWeights(count: n)
  let temperature = randomness * graph.meanWeight
  let (starts, neighbors) = (graph.starts.span, graph.neighbors.span)
  let (weights, cluster) = (graph.weights.span, clusters.span)
  var choices = MergeChoices()
  for node in generator.permutation(n) {
    guard parts.isAlone(node), parts.isWellConnected(Int32(node), in: cluster[node]) else {
      continue
    }
    for k in starts[node]..<starts[node + 1] {
      let other = Int(neighbors[k])
      if cluster[other] == cluster[node] { around.add(weights[k], to: parts.of[other]) }
    }
    choices.removeAll()
    let strength = graph.strengths[node]
    around.drain { part, weight in
      guard parts.isWellConnected(part, in: cluster[node]) else { return }
      let gain = weight - parts.scale * strength * parts.strength[Int(part)]
      if gain >= 0 { choices.append(part, gain: gain, weight: weight) }
    }
    guard let (part, weight) = choices.draw(temperature, &generator) else { continue }
    parts.merge(node, into: part, along: weight)
  }
  return compacted(Buffer(parts.of))
}

/// The parts of a refinement in progress.
private struct Parts {
  /// The part of every node; a part is identified by its first node.
  private(set) var of: [Int32]
  /// d of every part.
  private(set) var strength: [Double]
  /// γ / W.
  let scale: Double
  private var size: [Int32]
  /// The weight of every part's edges to the rest of its cluster.
  private var outward: [Double]
  private let clusterStrength: [Double]

  init(_ graph: CommunityGraph, _ clusters: Buffer<Int32>, scale: Double) {
    let n = graph.count
    of = (0..<n).map { Int32($0) }
    strength = (0..<n).map { graph.strengths[$0] }
    size = Array(repeating: 1, count: n)
    var outward = Array(repeating: 0.0, count: n)
    var sums = outward
    let (starts, neighbors) = (graph.starts.span, graph.neighbors.span)
    let (weights, cluster) = (graph.weights.span, clusters.span)
    for i in 0..<n {
      sums[Int(cluster[i])] += graph.strengths[i]
      var sum = 0.0
      for k in starts[i]..<starts[i + 1] where cluster[Int(neighbors[k])] == cluster[i] {
        sum += weights[k]
      }
      outward[i] = sum
    }
    self.scale = scale
    self.outward = outward
    clusterStrength = sums
  }

  /// Whether nothing was merged with the node yet.
  func isAlone(_ node: Int) -> Bool { Int(of[node]) == node && size[node] == 1 }

  /// Whether E(part, cluster − part) ≥ γ d_part (d_cluster − d_part) / W.
  func isWellConnected(_ part: Int32, in cluster: Int32) -> Bool {
    let (own, whole) = (strength[Int(part)], clusterStrength[Int(cluster)])
    return outward[Int(part)] >= scale * own * (whole - own)
  }

  /// Merges a node that is alone; `weight` is that of its edges to the part.
  mutating func merge(_ node: Int, into part: Int32, along weight: Double) {
    of[node] = part
    size[Int(part)] += 1
    size[node] = 0
    strength[Int(part)] += strength[node]
    outward[Int(part)] += outward[node] - 2 * weight
  }
}

/// The merges that one node may choose from.
private struct MergeChoices {
  private var parts: [Int32] = []
  private var gains: [Double] = []
  private var weights: [Double] = []

  mutating func removeAll() {
    parts.removeAll(keepingCapacity: true)
    gains.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
  }

  mutating func append(_ part: Int32, gain: Double, weight: Double) {
    parts.append(part)
    gains.append(gain)
    weights.append(weight)
  }

  /// One of them, with probability proportional to exp(gain / temperature).
  func draw(_ temperature: Double, _ generator: inout RandomGenerator) -> (Int32, Double)? {
    guard let best = gains.max() else { return nil }
    if parts.count == 1 { return (parts[0], weights[0]) }
    var total = 0.0
    for gain in gains { total += exp((gain - best) / temperature) }
    var left = generator.uniform() * total
    for i in gains.indices {
      left -= exp((gains[i] - best) / temperature)
      if left < 0 { return (parts[i], weights[i]) }
    }
    let last = gains.lastIndex(of: best) ?? 0
    return (parts[last], weights[last])
  }
}

/// Replaces labels by numbers from 0 in the order in which they first appear, and counts them. All
/// labels are below `bound`, or below the number of labels.
func compacted(_ labels: Buffer<Int32>, below bound: Int? = nil) -> (Buffer<Int32>, Int) {
  var numbers = Buffer<Int32>(repeating: -1, count: bound ?? labels.count)
  var count: Int32 = 0
  var result = labels
  var number = numbers.mutableSpan
  var label = result.mutableSpan
  for i in label.indices {
    let old = Int(label[i])
    if number[old] < 0 {
      number[old] = count
      count += 1
    }
    label[i] = number[old]
  }
  return (result, Int(count))
}
