import Autodiff
import Tensors

/// Counts are treated as reads if half of the counts that are not zero are at least this. Half of
/// the counts of molecules (UMIs) are a few at most.
private let leastOfReads = 20

extension CountTarget {
  /// Whether these are counts of reads, which are tens to thousands for every molecule, and not of
  /// molecules.
  package var countsReads: Bool {
    let values = counts.values.span
    var (found, large) = (0, 0)
    for k in values.indices where values[k] > 0 {
      found += 1
      if values[k] >= S(leastOfReads) { large += 1 }
    }
    return found > 0 && 2 * large >= found
  }
}
