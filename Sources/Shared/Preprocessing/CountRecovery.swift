// One decision: counts are restored exactly or not at all. Log-normalised values are c · f under a
// logarithm, with one factor f a cell. If every value of every cell is a whole multiple of its
// cell's unit, within rounding, the multiples are the counts. Data that pass for one transform in
// every cell by chance do not occur in practice. A cell of a hundred distinct values passes with a
// probability far below 1e-100.

import Glibc
import Tensors

/// Finds out what a matrix holds and gives back its counts.
///
/// Values written with a few decimals are recognised, and their rounding is allowed for.
///
/// A cell's values cannot show a common divisor of all its counts; a cell with one distinct value
/// is the plain case. The unit is then the largest that fits. `CommonDivisors` divides it only if a
/// total contradicts it. This may be the known total of the cell. For a cell of few values it may
/// be the total T that the other cells share. T / unit is whole for those cells, with T of 10³,
/// 10⁴, 10⁵, 10⁶ or the sum that all cells share. The unit is divided by the smallest number that
/// makes T / unit whole here.
///
/// Whole numbers with halves and thirds among them have units too, of 1/k in every cell: these are
/// no factors of a normalization (`UnitPattern`).
package struct CountRecovery: Sendable {
  /// The counts, (N, G); the input itself if it held counts or was accepted unchanged.
  package let counts: SparseMatrix<Float>
  /// The transform of the input; nil if it held counts already or was accepted unchanged.
  package let transform: ValueTransform?
  /// The number of decimals to which the values were rounded; nil for full Float precision.
  package let decimals: Int?
  /// Whether values that are no integers were accepted unchanged.
  package let isNonInteger: Bool
  private let isNormalized: Bool
  private var isNearlyWhole = false
  /// How known totals contradict the counts, in one line; nil if they agree, or there are none.
  package let contradiction: String?

  /// What was recognised, in one line; nil for plain counts.
  package var note: String? {
    if isNonInteger { return "values that are not integers are used as they are" }
    if isNearlyWhole {
      return "the values are whole numbers but for rounding errors; they were rounded to counts"
    }
    guard let transform else { return nil }
    let rounding =
      decimals.map { ", rounded to \($0) decimal\($0 == 1 ? "" : "s")" } ?? ""
    let source =
      transform == .scaled
      ? "counts times a factor of each cell, as counts per million are"
      : "\(transform.rawValue) of \(isNormalized ? "normalized " : "")counts"
    return "the values are \(source)\(rounding); the counts were restored"
  }

  /// Examines `values` (N, G) and restores its counts.
  ///
  /// - Parameter knownTotals: the cells' totals before normalisation, if columns have them
  ///   (`n_counts`); a hint, never needed.
  /// - Throws: if a value is not finite or negative, or if counts cannot be restored and
  ///   `allowingNonInteger` is false.
  package init(
    of values: SparseMatrix<Float>, names: AxisNames = AxisNames(),
    knownTotals: [KnownTotals] = [],
    allowingNonInteger: Bool = false
  ) throws(PreprocessingFault) {
    try Self.refuseImpossible(values, names)
    if firstEntry(of: values, where: { $0 != $0.rounded(.towardZero) }) == nil {
      self.init(counts: values, transform: nil, decimals: nil, isNonInteger: false)
      return
    }
    if Self.areNearlyWhole(values) {
      self.init(
        counts: values.mapEntries { _, x in x.rounded() }, transform: nil, decimals: nil,
        isNonInteger: false)
      isNearlyWhole = true
      return
    }
    if Self.areLone(values) {
      guard allowingNonInteger else { throw Self.alone(values, names) }
      self.init(counts: values, transform: nil, decimals: nil, isNonInteger: true)
      return
    }
    let decimals = Self.decimals(of: values)
    let error = decimals.map { 0.5 * pow(10, -Double($0)) } ?? 0
    let (transform, units) = Self.units(of: values, error: error)
    if let failing = units.firstIndex(where: { !$0.isValid }) {
      guard allowingNonInteger else { throw Self.unrestorable(failing, values, names) }
      self.init(counts: values, transform: nil, decimals: nil, isNonInteger: true)
      return
    }
    switch UnitPattern(of: values, transform, units) {
    case .shares:
      guard allowingNonInteger else { throw Self.shared(values, names) }
      self.init(counts: values, transform: nil, decimals: nil, isNonInteger: true)
      return
    case .whole:
      self.init(
        counts: values.mapEntries { _, x in Float(transform.inverse(Double(x)).rounded()) },
        transform: transform, decimals: decimals, isNonInteger: false, isNormalized: false)
      return
    case .normalized: break
    }
    let (settled, contradiction) = CommonDivisors(values, transform, knownTotals).settle(units)
    self.init(
      counts: values.mapEntries { row, x in settled[row].count(of: x, transform) },
      transform: transform, decimals: decimals, isNonInteger: false, contradiction: contradiction)
  }

  private init(
    counts: SparseMatrix<Float>, transform: ValueTransform?, decimals: Int?, isNonInteger: Bool,
    isNormalized: Bool = true, contradiction: String? = nil
  ) {
    self.isNormalized = isNormalized
    self.contradiction = contradiction
    self.counts = counts
    self.transform = transform
    self.decimals = decimals
    self.isNonInteger = isNonInteger
  }

  /// Whether every value is a count up to a few errors of rounding, as after dividing and
  /// multiplying again.
  private static func areNearlyWhole(_ values: SparseMatrix<Float>) -> Bool {
    firstEntry(of: values) { x in
      let whole = x.rounded()
      return x != 0 && (whole < 1 || abs(x - whole) > min(1e-5 * whole, 0.01))
    } == nil
  }

  /// Whether no cell has two values. Then every value is a multiple of its cell's unit, and nothing
  /// shows whether the values were counts.
  private static func areLone(_ values: SparseMatrix<Float>) -> Bool {
    (0..<values.rows).allSatisfy { values.range(ofRow: $0).count < 2 }
  }

  private static func refuseImpossible(
    _ values: SparseMatrix<Float>, _ names: AxisNames
  ) throws(PreprocessingFault) {
    guard let (cell, entry) = firstEntry(of: values, where: { !($0 >= 0 && $0.isFinite) }) else {
      return
    }
    let value = values.values[entry]
    let reason =
      value < 0
      ? "is negative, as in standardized or corrected data, from which counts cannot be restored; give the raw counts"
      : "is not a finite number; remove the cell or fix the program that wrote it"
    let gene = names.gene(Int(values.indices[entry]))
    throw PreprocessingFault("\(names.cell(cell)), \(gene): value \(value) \(reason)")
  }

  private static func unrestorable(
    _ cell: Int, _ values: SparseMatrix<Float>, _ names: AxisNames
  ) -> PreprocessingFault {
    // If this cell's values are whole, the fault is in another cell.
    let isBroken = { @Sendable (x: Float) in x != x.rounded() }
    let own = values.range(ofRow: cell).first { isBroken(values.values[$0]) }.map { (cell, $0) }
    let (cell, entry) =
      own ?? firstEntry(of: values, where: isBroken).map { ($0.row, $0.entry) }
      ?? (cell, values.range(ofRow: cell).lowerBound)
    return notInteger(
      cell, entry, values, names,
      ", and no scaling or logarithm of whole counts gives this cell's values: they were corrected, averaged, smoothed or rounded; give the raw counts, or use the values unchanged with --allow-noninteger"
    )
  }

  private static func alone(_ values: SparseMatrix<Float>, _ names: AxisNames)
    -> PreprocessingFault
  {
    let (cell, entry) = firstEntry(of: values) { $0 != $0.rounded() } ?? (0, 0)
    return notInteger(
      cell, entry, values, names,
      ", and counts cannot be restored, because no cell has values of two genes; check whether this is a matrix of counts"
    )
  }

  private static func shared(_ values: SparseMatrix<Float>, _ names: AxisNames)
    -> PreprocessingFault
  {
    let (cell, entry) = firstEntry(of: values) { $0 != $0.rounded() } ?? (0, 0)
    return notInteger(
      cell, entry, values, names,
      "; the values are whole numbers and shares of them, as for reads that map to several genes; give the counts of unique reads, or use the values unchanged with --allow-noninteger"
    )
  }

  /// Names an entry that is no integer, and what that means.
  private static func notInteger(
    _ cell: Int, _ entry: Int, _ values: SparseMatrix<Float>, _ names: AxisNames, _ meaning: String
  ) -> PreprocessingFault {
    let gene = names.gene(Int(values.indices[entry]))
    return PreprocessingFault(
      "\(names.cell(cell)), \(gene): value \(values.values[entry]) is not an integer\(meaning)")
  }

  /// The fewest decimals (1 to 5) that write every value exactly; nil if they need more, or if
  /// Float itself is that coarse.
  private static func decimals(of values: SparseMatrix<Float>) -> Int? {
    let largest = Double(values.values.max() ?? 0)
    return (1...5).first { digits in
      let scale = pow(10, Double(digits))
      return 1 / scale > largest * 0x1p-21
        && firstEntry(of: values) { x in
          let rounded = (Double(x) * scale).rounded() / scale
          return abs(rounded - Double(x)) > Double(x) * 0x1p-23
        } == nil
    }
  }

  /// The transform under which the most of the fullest cells have a unit, and every cell's unit
  /// under it.
  private static func units(
    of values: SparseMatrix<Float>, error: Double
  ) -> (ValueTransform, Buffer<CountUnit>) {
    let byLength = (0..<values.rows).sorted {
      let (a, b) = (values.range(ofRow: $0).count, values.range(ofRow: $1).count)
      return a != b ? a > b : $0 < $1
    }
    let fullest = Array(byLength.prefix(64))
    var (best, bestCount) = (ValueTransform.naturalLog, -1)
    for transform in ValueTransform.allCases {
      let found = fullest.count { unit(ofRow: $0, of: values, transform, error).isValid }
      if found > bestCount { (best, bestCount) = (transform, found) }
    }
    let chosen = best
    return (
      chosen,
      parallelMap(values.rows, tileSize: 64) { unit(ofRow: $0, of: values, chosen, error) }
    )
  }

  private static func unit(
    ofRow i: Int, of values: SparseMatrix<Float>, _ transform: ValueTransform, _ error: Double
  ) -> CountUnit {
    var row = values.values.slice(values.range(ofRow: i)).filter { $0 > 0 }
    row.sort()
    return CountUnit(sorted: row, transform: transform, error: error)
  }
}
