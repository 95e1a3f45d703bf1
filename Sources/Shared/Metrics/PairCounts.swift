import Glibc

extension ContingencyTable {
  /// ARI: agreement of pairs of cells, adjusted for chance (Hubert and Arabie 1985); 1 if no pair
  /// disagrees.
  package var adjustedRandIndex: Double {
    let (both, classOnly, clusterOnly, neither) = pairs
    if classOnly == 0 && clusterOnly == 0 { return 1 }
    return 2 * (both * neither - clusterOnly * classOnly)
      / ((both + clusterOnly) * (clusterOnly + neither) + (both + classOnly)
        * (classOnly + neither))
  }

  /// Fowlkes–Mallows: the geometric mean of the pairs' precision and recall (1983); 0 if no pair is
  /// together in both.
  package var fowlkesMallows: Double {
    let (both, classOnly, clusterOnly, _) = pairs
    return both == 0 ? 0 : sqrt(both / (both + classOnly)) * sqrt(both / (both + clusterOnly))
  }

  /// Ordered pairs of distinct cells: together in both, in their class only, in their cluster only,
  /// in neither.
  private var pairs: (both: Double, classOnly: Double, clusterOnly: Double, neither: Double) {
    func squares(_ counts: some Sequence<Int>) -> Double {
      counts.reduce(0) { $0 + Double($1) * Double($1) }
    }
    let n = Double(cells)
    let shared = squares(entries.lazy.map(\.count))
    let (inClass, inCluster) = (squares(classSizes), squares(clusterSizes))
    return (shared - n, inClass - shared, inCluster - shared, n * n - inClass - inCluster + shared)
  }
}
