/// The adjusted Rand index of two partitions of the same cells (Hubert and Arabie 1985); 1 if no
/// pair of cells disagrees.
package func adjustedRandIndex(_ a: [Int], _ b: [Int]) -> Double {
  precondition(a.count == b.count, "\(a.count) and \(b.count) labels")
  func pairs(_ counts: some Sequence<Int>) -> Double {
    counts.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
  }
  func sizes<Key: Hashable>(_ keys: some Sequence<Key>) -> [Int] {
    keys.reduce(into: [Key: Int]()) { $0[$1, default: 0] += 1 }.values.sorted()
  }
  let both = pairs(sizes(zip(a, b).lazy.map { [$0, $1] }))
  let (inA, inB) = (pairs(sizes(a)), pairs(sizes(b)))
  let all = Double(a.count) * Double(a.count - 1) / 2
  if inA == both && inB == both { return 1 }
  let expected = inA * inB / all
  return (both - expected) / ((inA + inB) / 2 - expected)
}
