/// Disjoint sets that are united: union-find with path halving. The lowest member represents its
/// set.
package struct DisjointSets {
  private var parent: Buffer<Int>

  /// Each of 0..<count is a set by itself.
  package init(count: Int) { parent = Buffer(0..<count) }

  /// The lowest member of the set of `member`.
  package mutating func root(of member: Int) -> Int {
    var i = member
    while parent[i] != i {
      parent[i] = parent[parent[i]]
      i = parent[i]
    }
    return i
  }

  /// Unites the sets of both.
  package mutating func union(_ first: Int, _ second: Int) {
    let (a, b) = (root(of: first), root(of: second))
    parent[max(a, b)] = min(a, b)
  }
}
