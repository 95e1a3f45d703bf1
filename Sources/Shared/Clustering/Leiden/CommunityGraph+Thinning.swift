import Tensors

extension CommunityGraph {
  /// The graph without each edge with probability `share`; loops remain.
  func withoutEdges(share: Double, seed: UInt64, stream: UInt64) -> CommunityGraph {
    var edges = RowBuilder<Double>(columns: count, expecting: weights.count)
    var newStrengths = Buffer<Double>(repeating: 0, count: count)
    let (begins, ends, weight) = (starts.span, neighbors.span, weights.span)
    for i in 0..<count {
      var strength = strengths[i]
      for k in begins[i]..<begins[i + 1] {
        if isDrawn(i, Int(ends[k]), share: share, seed: seed, stream: stream) {
          strength -= weight[k]
          continue
        }
        edges.append(ends[k], weight[k])
      }
      newStrengths[i] = max(0, strength)
      edges.endRow()
    }
    return CommunityGraph(
      edges.matrix, strengths: newStrengths, total: newStrengths.reduce(0, +))
  }
}

/// A draw that is the same from both ends of an edge: the mixing of SplitMix64 over the two ends,
/// the seed and the stream.
private func isDrawn(_ i: Int, _ j: Int, share: Double, seed: UInt64, stream: UInt64) -> Bool {
  var z = UInt64(min(i, j)) &* 0x9E37_79B9_7F4A_7C15
  z ^= UInt64(max(i, j)) &* 0xD1B5_4A32_D192_ED03
  z = z &+ seed &* 0xA076_1D64_78BD_642F &+ stream &* 0xE703_7ED1_A0B4_28DB
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return Double((z ^ (z >> 31)) >> 11) * 0x1p-53 < share
}
