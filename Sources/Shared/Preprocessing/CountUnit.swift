import Tensors

/// The value that one count of a cell has after scaling, found from the cell's values alone.
///
/// All y = c f of a cell are whole multiples of f. The smallest y is m counts for some small m; for
/// m = 1, 2, … the interval of units that its rounding allows is narrowed by every larger value in
/// turn, and the first m that leaves one is taken: the largest unit, so counts whose common divisor
/// is not 1 come back divided by it (see `CountRecovery` for what corrects that).
struct CountUnit: BitwiseCopyable, Sendable {
  /// The unit in the middle of what the roundings allow; NaN where there is none.
  var value: Double
  /// Half the width of the interval of units.
  var uncertainty: Double

  var isValid: Bool { value > 0 }
  static let none = CountUnit(value: .nan, uncertainty: 0)
  /// A cell without values: any unit does.
  static let empty = CountUnit(value: 1, uncertainty: 0)

  /// The most counts that the smallest value of a cell may stand for.
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

  /// Cuts the interval of units down to those of which `x` is a whole multiple; false where none is
  /// left, or where the roundings leave open which multiple it is.
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

  /// The count that a stored value stands for.
  func count(of x: Float, _ transform: ValueTransform) -> Float {
    Float((transform.inverse(Double(x)) / value).rounded())
  }
}
