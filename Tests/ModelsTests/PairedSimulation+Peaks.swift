import Models
import Tensors
import Training

extension PairedSimulation {
  /// The counts as ln(1 + c) with the cells' totals, and sixty peaks. Twenty of the peaks are open
  /// in the second type, and forty in the others.
  ///
  /// - Parameter rows: an order of the cells; nil: their own.
  func dataWithPeaks(seed: UInt64, rows: [Int]? = nil) -> PairedData<Float> {
    let count = truth.count
    var generator = RandomGenerator(seed: seed)
    var peaks = Matrix<Float>.zeros(count, 60)
    for i in 0..<count {
      for j in 0..<60 {
        let rate = (j < 20) == (truth[i] == 1) ? 0.6 : 0.08
        peaks[i, j] = generator.uniform() < rate ? 1 : 0
      }
    }
    func measurement(_ counts: Matrix<Float>, seen: Matrix<Float>) -> Measurement<Float> {
      let order = rows ?? Array(0..<count)
      let (counts, seen) = (counts.selectingRows(order), seen.selectingRows(order))
      return Measurement(
        StandardizedMatrix(unscaled: SparseMatrix(seen)), counts: SparseMatrix(counts),
        sizeFactors: (0..<count).map { i in
          (0..<counts.columns).reduce(0) { $0 + counts[i, $1] }
        })
    }
    return PairedData(
      rna: measurement(counts, seen: logs), second: measurement(peaks, seen: peaks))
  }
}
