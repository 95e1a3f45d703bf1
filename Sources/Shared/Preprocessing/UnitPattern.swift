import Tensors

/// What the units of all cells together show about the origin of the values.
enum UnitPattern {
  /// Every cell has a factor of its own, or all have the same: counts were normalized.
  case normalized
  /// Whole numbers with nothing done to them but the transform.
  case whole
  /// Whole numbers and shares of them: reads that fit several genes, of which each gets a half, a
  /// third, ….
  case shares

  /// Finds it from the units. A factor of normalization is hardly ever 1/k in every cell.
  ///
  /// Cells that were normalized to one total have one unit, which may be 1/k by chance. Then the
  /// values themselves show it: few counts with such a unit give whole numbers.
  init(
    of values: SparseMatrix<Float>, _ transform: ValueTransform, _ units: Buffer<CountUnit>
  ) {
    let filled = (0..<values.rows).filter { !values.range(ofRow: $0).isEmpty }
    var cells: [Int: Int] = [:]
    for i in filled {
      // k for a unit of 1/k, −k for one of k.
      guard let number = units[i].wholeNumber else {
        self = .normalized
        return
      }
      cells[number, default: 0] += 1
    }
    guard let usual = cells.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
      self = .normalized
      return
    }
    guard cells.keys.contains(where: { $0 > 1 }) else {
      self = usual.key == 1 ? .whole : .normalized
      return
    }
    if 10 * usual.value < 9 * filled.count {
      self = .shares
      return
    }
    let share = Self.wholeShare(of: values, transform, units)
    self = usual.key > 1 && share < (usual.key == 2 ? 0.6 : 0.5) ? .normalized : .shares
  }

  /// How many of the values were whole numbers before the transform.
  private static func wholeShare(
    of values: SparseMatrix<Float>, _ transform: ValueTransform, _ units: Buffer<CountUnit>
  ) -> Double {
    let counts = parallelMap(values.rows, tileSize: 64) { i in
      let value = values.values.span
      let perOne = (1 / units[i].value).rounded()
      return values.range(ofRow: i).count { k in
        let multiple = (transform.inverse(Double(value[k])) / units[i].value).rounded()
        return perOne <= 1 || multiple.truncatingRemainder(dividingBy: perOne) == 0
      }
    }
    return Double(counts.reduce(0, +)) / Double(max(1, values.entryCount))
  }
}

extension CountUnit {
  /// k if the unit is 1/k, −k if it is k above 1. Nil if it is neither, or not known well enough.
  fileprivate var wholeNumber: Int? {
    let (inverse, error) = (1 / value, uncertainty / value)
    let number = max(value, inverse)
    let (whole, leeway) = (number.rounded(), number * error + 1e-6 * number)
    guard leeway < 0.25, abs(number - whole) <= leeway, whole < 1e6 else { return nil }
    return value > 1 && whole > 1 ? -Int(whole) : Int(whole)
  }
}
