import Autodiff
import Glibc
import Tensors

/// The bounds between which the loss of a trained model of counts lies; both are means over cells
/// and genes.
package struct CountLossBounds: Sendable, Equatable {
  /// −log NB(x_ij | s_i m_j, θ_j): the loss of a model that has each gene's moments
  /// (`GeneMoments`), and the size factors of the cells alone.
  package let geneMeans: Double
  /// −log Poisson(x_ij | x_ij): the loss of a model that predicts every count exactly. No negative
  /// binomial loss is lower.
  package let everyCount: Double

  /// Takes the counts that the model explains.
  package init<S: EngineScalar>(of target: CountTarget<S>) {
    let counts = target.counts
    let parameters = Parameters<S>()
    let heads = ZINBHeads("null", inputs: 1, genes: counts.columns, in: parameters)
    heads.startAtMoments(of: target, in: parameters)
    // No count is dropped: the probability is below the last digit of 1.
    parameters.weights(of: heads.dropout.bias).fill(with: -40)
    let tape = Tape(parameters)
    let hidden = Window<S>(uninitializedRows: counts.rows, columns: 1)
    hidden.fill(with: 0)
    geneMeans = tape.zinbLoss(heads, of: tape.constant(hidden), to: target, weight: 1)
    let entropies = parallelTileSums(counts.entryCount) { range in
      let values = counts.values.span
      return range.reduce(0.0) { sum, k in
        let count = Double(values[k])
        return count > 0 ? sum + count - count * log(count) : sum
      }
    }
    everyCount =
      (entropies + target.constants.reduce(0, +))
      / Double(max(1, counts.rows * counts.columns))
  }

  private init(geneMeans: Double, everyCount: Double) {
    (self.geneMeans, self.everyCount) = (geneMeans, everyCount)
  }

  /// The bounds of a loss that is summed over genes (`scaledCountLoss`), for counts whose size
  /// factors are the cells' totals.
  package init<S: EngineScalar>(totaling target: CountTarget<S>) {
    // About 1, as the bounds of the genes' means require.
    let total = (0..<target.sizeFactors.count).reduce(0.0) { $0 + Double(target.sizeFactors[$1]) }
    let mean = S(max(total / Double(max(1, target.sizeFactors.count)), .leastNormalMagnitude))
    let bounds = CountLossBounds(
      of: CountTarget(
        counts: target.counts, sizeFactors: Buffer(target.sizeFactors.map { $0 / mean }),
        constants: target.constants))
    let genes = Double(target.counts.columns)
    self.init(geneMeans: genes * bounds.geneMeans, everyCount: genes * bounds.everyCount)
  }

  /// The bounds of `bernoulliLoss`: for a model that predicts how often each feature is open, and
  /// for one that predicts all.
  package init<S: EngineScalar>(openOf target: CountTarget<S>) {
    let counts = target.counts
    var open = [Double](repeating: 0, count: counts.columns)
    for k in 0..<counts.entryCount where counts.values[k] > 0 { open[Int(counts.indices[k])] += 1 }
    let cells = Double(max(1, counts.rows))
    let entropy = open.reduce(0.0) { sum, count in
      let share = count / cells
      return share > 0 && share < 1
        ? sum - share * log(share) - (1 - share) * log(1 - share) : sum
    }
    self.init(geneMeans: entropy, everyCount: 0)
  }

  /// The share of the loss beyond the genes' moments that a model explains: 0 if no better than the
  /// moments, 1 for every count.
  package func explainedShare(at loss: Double) -> Double {
    geneMeans > everyCount ? (geneMeans - loss) / (geneMeans - everyCount) : 0
  }
}

/// The sum of the tiles' sums, in their order.
private func parallelTileSums(_ count: Int, _ sum: @Sendable (Range<Int>) -> Double) -> Double {
  let size = 1 << 16
  return parallelMap(tileCount(count, of: size), tileSize: 1) { sum(tile($0, of: size, in: count)) }
    .reduce(0, +)
}
