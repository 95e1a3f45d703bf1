import Tensors

/// Multiplies up the counts of cells whose unit is a multiple of the true one, as far as the totals show it.
struct CommonDivisors {
  /// Σ c f of every cell. (N)
  private let sums: Buffer<Double>
  private let knownTotals: [Double]?

  init(_ values: SparseMatrix<Float>, _ transform: ValueTransform, _ knownTotals: [Double]?) {
    sums = parallelMap(values.rows) { i in
      let value = values.values.span
      var sum = 0.0
      for k in values.range(ofRow: i) { sum += transform.inverse(Double(value[k])) }
      return sum
    }
    self.knownTotals = knownTotals.flatMap { $0.count == values.rows ? $0 : nil }
  }

  /// The units, divided by the smallest m that agrees with the cell's total.
  func settle(_ units: Buffer<CountUnit>) -> Buffer<CountUnit> {
    if let knownTotals { return settle(units, by: knownTotals) }
    guard let target = commonTarget(units) else { return units }
    return parallelMap(units.count) { i in
      guard sums[i] > 0, let total = total(units[i], target), !isWhole(total) else {
        return units[i]
      }
      guard let multiple = (2...64).first(where: { isWhole(total * Double($0)) }) else {
        return units[i]
      }
      return units[i].divided(by: Double(multiple))
    }
  }

  /// With n_i known, n_i · unit_i is the target sum T of the normalisation; a cell whose product is m times the median has a divisor m.
  private func settle(_ units: Buffer<CountUnit>, by totals: [Double]) -> Buffer<CountUnit> {
    let products = zip(units, totals).map { $0.value * $1 }
    let usable = products.indices.filter { sums[$0] > 0 && products[$0] > 0 }
    guard !usable.isEmpty else { return units }
    let target = median(usable.map { products[$0] })
    return parallelMap(units.count) { i in
      let multiple = (products[i] / target).rounded()
      let isClose = abs(products[i] / target - multiple) < 0.05
      return sums[i] > 0 && multiple >= 2 && multiple <= 64 && isClose
        ? units[i].divided(by: multiple) : units[i]
    }
  }

  /// The T for which T / unit is whole in nine of ten cells that can tell, at least ten of them; nil where there is none.
  private func commonTarget(_ units: Buffer<CountUnit>) -> Double? {
    let positive = sums.filter { $0 > 0 }
    guard !positive.isEmpty else { return nil }
    var candidates: [Double] = [1e4, 1e6, 1e5, 1e3]
    let shared = median(positive)
    let close = positive.count { abs($0 - shared) <= 1e-4 * shared }
    if Double(close) >= 0.99 * Double(positive.count) { candidates.insert(shared, at: 0) }
    return candidates.first { target in
      let totals = units.indices.compactMap { i in sums[i] > 0 ? total(units[i], target) : nil }
      return totals.count >= 10
        && Double(totals.count { isWhole($0) }) >= 0.9 * Double(totals.count)
    }
  }

  /// T / unit, nil where the unit is not known well enough to tell whether it is whole.
  private func total(_ unit: CountUnit, _ target: Double) -> Double? {
    let total = target / unit.value
    return total * unit.uncertainty / unit.value < 0.05 ? total : nil
  }

  private func isWhole(_ x: Double) -> Bool { abs(x - x.rounded()) < 0.06 }
}

extension CountUnit {
  /// The unit where every value is `multiple` times as many counts.
  func divided(by multiple: Double) -> CountUnit {
    var result = self
    result.value /= multiple
    result.uncertainty /= multiple
    return result
  }
}

/// The middle value, or the mean of the two middle ones; `values` must not be empty.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
