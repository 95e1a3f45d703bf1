import Tensors

/// The value that one count of a cell has after scaling, found from the cell's values alone.
///
/// All y = c f of a cell are whole multiples of f. The smallest y is m counts for some small m. For
/// m = 1, 2, … its rounding allows an interval of units, which every larger value narrows in turn.
/// The first m that leaves a unit is taken, and with it the largest unit. Counts with a common
/// divisor are therefore divided by it; `CountRecovery` corrects that.
struct CountUnit: BitwiseCopyable, Sendable {
  /// The unit in the middle of the interval that the roundings allow; NaN if there is none.
  var value: Double
  /// Half the width of the interval of units.
  var uncertainty: Double

  var isValid: Bool { value > 0 }
  static let none = CountUnit(value: .nan, uncertainty: 0)
  /// A cell without values: any unit does.
  static let empty = CountUnit(value: 1, uncertainty: 0)

  /// The most counts that the smallest value of a cell may mean.
  private static let largestMultiple = 64

  /// Finds the unit of values sorted in rising order, stored by `transform` with an absolute error
  /// of at most `error`.
  init(sorted values: [Float], transform: ValueTransform, error: Double) {
    guard let first = values.first else {
      self = .empty
      return
    }
    for multiple in 1...Self.largestMultiple {
      let y = transform.inverse(Double(first))
      let delta = transform.uncertainty(at: Double(first), error: error)
      var (low, high) = ((y - delta) / Double(multiple), (y + delta) / Double(multiple))
      if low <= 0 { break }
      if values.allSatisfy({ Self.narrow(&low, &high, by: $0, transform, error) }) {
        self.init(value: (low + high) / 2, uncertainty: (high - low) / 2)
        return
      }
    }
    self = .none
  }

  private init(value: Double, uncertainty: Double) {
    self.value = value
    self.uncertainty = uncertainty
  }

  /// Restricts the interval of units to those of which `x` is a whole multiple. False if none is
  /// left, or if the roundings do not determine the multiple.
  private static func narrow(
    _ low: inout Double, _ high: inout Double, by x: Float, _ transform: ValueTransform,
    _ error: Double
  ) -> Bool {
    let y = transform.inverse(Double(x))
    let delta = transform.uncertainty(at: Double(x), error: error)
    let middle = (low + high) / 2
    let count = (y / middle).rounded()
    let spread = (y + delta) / low - (y - delta) / high
    if count < 1 || spread > 0.5 { return false }
    low = max(low, (y - delta) / count)
    high = min(high, (y + delta) / count)
    return low <= high
  }

  /// The count that a stored value means.
  func count(of x: Float, _ transform: ValueTransform) -> Float {
    Float((transform.inverse(Double(x)) / value).rounded())
  }
}
