import Autodiff
import Tensors

/// Half of the counts that are not zero are at least this where they are treated as reads. Of
/// molecules, known by UMIs, half are a few at most.
private let leastOfReads = 20

extension CountTarget {
  /// Whether these are counts of reads, of which every molecule has tens to thousands, and not of
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
