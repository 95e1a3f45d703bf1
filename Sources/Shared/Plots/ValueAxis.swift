import Glibc

/// The scale of an axis: from 0 by round steps, or by powers of ten if the values are positive and
/// far apart.
struct ValueAxis {
  struct Tick {
    let value: Double
    let label: String
  }

  let ticks: [Tick]
  let isLogarithmic: Bool
  private let low, high: Double

  /// An axis on which all these finite values lie.
  init(_ values: [Double]) {
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    isLogarithmic = least > 0 && most / least > 50
    if isLogarithmic {
      let (first, last) = (log10(least).rounded(.down), log10(most).rounded(.up))
      (low, high) = (first, max(last, first + 1))
      let step = max(1, ((high - low) / 4).rounded(.up))
      ticks = stride(from: low, through: high, by: step).map {
        Tick(value: pow(10, $0), label: ValueAxis.label(pow(10, $0), step: pow(10, $0)))
      }
      return
    }
    let bottom = min(0, least)
    let top = most > bottom ? most : bottom + 1
    let step = ValueAxis.roundStep((top / 4) - (bottom / 4))
    (low, high) = ((bottom / step).rounded(.down) * step, (top / step).rounded(.up) * step)
    let (start, count) = (low, Int(((high - low) / step).rounded()))
    ticks = (0...max(1, min(count, 12))).map { number in
      let value = start + Double(number) * step
      return Tick(value: value, label: ValueAxis.label(value, step: step))
    }
  }

  /// The position of a value, from 0 to 1.
  func place(_ value: Double) -> Double {
    let position = isLogarithmic ? log10(value) : value
    return min(1, max(0, (position / 2 - low / 2) / (high / 2 - low / 2)))
  }

  /// Whether a value lies on the axis.
  func shows(_ value: Double) -> Bool {
    if isLogarithmic && value <= 0 { return false }
    let position = isLogarithmic ? log10(value) : value
    return low <= position && position <= high
  }

  /// The least of 1, 2 or 5 times a power of ten that is no less.
  private static func roundStep(_ rough: Double) -> Double {
    let power = pow(10, log10(max(rough, 1e-300)).rounded(.down))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-12) } ?? 10 * power
  }

  /// With the digits that the step needs; large and small values in powers of ten.
  private static func label(_ value: Double, step: Double) -> String {
    if value == 0 { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    if !(-4...5).contains(exponent) || step < 1e-5 {
      let mantissa = (value / pow(10, Double(exponent)) * 100).rounded() / 100
      return "\(mantissa == mantissa.rounded() ? "\(Int(mantissa))" : "\(mantissa)")e\(exponent)"
    }
    let decimals = max(0, -Int(log10(step).rounded(.down)))
    let scale = pow(10, Double(decimals))
    let rounded = (value * scale).rounded() / scale
    return decimals == 0 ? "\(Int(rounded))" : "\(rounded)"
  }
}
