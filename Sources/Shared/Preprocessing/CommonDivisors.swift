import Tensors

/// The cells' totals before normalization, as a column of the table of cells has them.
package struct KnownTotals: Sendable {
  package let name: String
  /// n_i; NaN for a missing value. (N)
  package let values: [Double]

  package init(name: String, values: [Double]) {
    self.name = name
    self.values = values
  }
}

/// Multiplies the counts of cells whose unit is a multiple of the true one, as far as the totals
/// show it.
///
/// Known totals n_i are used in one of two ways. First, they may be the sums of these very values.
/// Then n_i / Σc_i is whole in nine of ten cells, and the same in half of them; it is the divisor.
/// Second, they may be sums over more genes. Then n_i · unit_i is one target, or a whole multiple
/// of it, in nine of ten cells. The multiples are the divisors, if at most a tenth of the cells has
/// one. Other totals belong to other values, and are not used.
struct CommonDivisors {
  /// Σ c f of every cell. (N)
  private let sums: Buffer<Double>
  /// The number of values of every cell. (N)
  private let entries: [Int]
  private let candidates: [KnownTotals]

  init(_ values: SparseMatrix<Float>, _ transform: ValueTransform, _ candidates: [KnownTotals]) {
    sums = parallelMap(values.rows) { i in
      let value = values.values.span
      var sum = 0.0
      for k in values.range(ofRow: i) { sum += transform.inverse(Double(value[k])) }
      return sum
    }
    entries = (0..<values.rows).map { values.range(ofRow: $0).count }
    self.candidates = candidates.filter { $0.values.count == values.rows }
  }

  /// The units, divided by the smallest m that agrees with the cell's total, and the message for
  /// totals that contradict.
  func settle(_ units: Buffer<CountUnit>) -> (units: Buffer<CountUnit>, contradiction: String?) {
    for known in candidates {
      if let divisors = exactDivisors(units, known.values) {
        return (divided(units, divisors), Self.differences(divisors, known.name, sums))
      }
    }
    for known in candidates {
      if let divisors = targetDivisors(units, known.values) {
        return (divided(units, divisors), nil)
      }
    }
    let contradiction = candidates.first.map {
      "obs/\($0.name) does not agree with the restored counts, and was not used"
    }
    guard let target = commonTarget(units) else { return (units, contradiction) }
    let settled = parallelMap(units.count) { i in
      guard sums[i] > 0, entries[i] <= Self.mostEntries,
        let total = total(units[i], target), !isWhole(total)
      else { return units[i] }
      guard let multiple = (2...64).first(where: { isWhole(total * Double($0)) }) else {
        return units[i]
      }
      return units[i].divided(by: Double(multiple))
    }
    return (settled, contradiction)
  }

  /// Without known totals a divisor is accepted only for cells with at most this many values. A
  /// dozen counts that are all even do not occur; cells that were normalized to another total do.
  private static let mostEntries = 8

  private func divided(_ units: Buffer<CountUnit>, _ divisors: [Int]) -> Buffer<CountUnit> {
    parallelMap(units.count) { i in
      divisors[i] > 1 ? units[i].divided(by: Double(divisors[i])) : units[i]
    }
  }

  /// n_i / Σc_i if the totals are the sums of these values, 0 for a cell that they do not fit. Nil
  /// if they are not the sums.
  private func exactDivisors(_ units: Buffer<CountUnit>, _ totals: [Double]) -> [Int]? {
    let usable = sums.indices.filter { sums[$0] > 0 && totals[$0] > 0 }
    var divisors = [Int](repeating: 1, count: sums.count)
    var cells: [Int: Int] = [:]
    for i in usable {
      let own = (sums[i] / units[i].value).rounded()
      let ratio = (totals[i] / own).rounded()
      let isExact = abs(totals[i] - ratio * own) <= max(0.5, 1e-6 * totals[i])
      divisors[i] = isExact && (1...64).contains(ratio) ? Int(ratio) : 0
      if divisors[i] > 0 { cells[divisors[i], default: 0] += 1 }
    }
    let fitting = cells.values.reduce(0, +)
    let most = cells.values.max() ?? 0
    guard !usable.isEmpty, 10 * fitting >= 9 * usable.count, 2 * most >= usable.count else {
      return nil
    }
    return divisors
  }

  private static func differences(_ divisors: [Int], _ name: String, _ sums: Buffer<Double>)
    -> String?
  {
    let misfits = divisors.count { $0 == 0 }
    return misfits == 0
      ? nil
      : "obs/\(name) differs from the restored counts in \(misfits) of \(divisors.count) cells, which are left as restored"
  }

  /// With n_i known over more genes, n_i · unit_i is the target sum T of the normalization. A cell
  /// whose product is m times the median has a divisor m. Nil if there is no such target.
  private func targetDivisors(_ units: Buffer<CountUnit>, _ totals: [Double]) -> [Int]? {
    let products = zip(units, totals).map { $0.value * $1 }
    let usable = products.indices.filter { sums[$0] > 0 && products[$0] > 0 }
    guard !usable.isEmpty else { return nil }
    let target = median(usable.map { products[$0] })
    var divisors = [Int](repeating: 1, count: sums.count)
    var fitting = 0
    for i in usable {
      let multiple = (products[i] / target).rounded()
      let isLess = multiple * sums[i] / units[i].value <= totals[i] + 0.5
      guard abs(products[i] / target - multiple) < 0.05, (1...64).contains(multiple), isLess else {
        continue
      }
      divisors[i] = Int(multiple)
      fitting += 1
    }
    let divided = divisors.count { $0 > 1 }
    guard 10 * fitting >= 9 * usable.count, 10 * divided <= usable.count else { return nil }
    return divisors
  }

  /// The T for which T / unit is whole in nine of ten cells that can show it, at least ten of them.
  /// Nil if there is none.
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

  /// T / unit; nil if the unit is not known well enough to show whether it is whole.
  private func total(_ unit: CountUnit, _ target: Double) -> Double? {
    let total = target / unit.value
    return total * unit.uncertainty / unit.value < 0.05 ? total : nil
  }

  private func isWhole(_ x: Double) -> Bool { abs(x - x.rounded()) < 0.06 }
}

extension CountUnit {
  /// The unit if every value is `multiple` times as many counts.
  func divided(by multiple: Double) -> CountUnit {
    var result = self
    result.value /= multiple
    result.uncertainty /= multiple
    return result
  }
}
