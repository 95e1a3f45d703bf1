extension Double {
  /// With four decimals, as tables and pictures have it; huge values are unchanged.
  package var fourDecimals: String {
    guard isFinite, abs(self) < 1e14 else { return "\(self)" }
    let units = Int((abs(self) * 10_000).rounded())
    let decimals = String(units % 10_000)
    let zeros = String(repeating: "0", count: 4 - decimals.count)
    return (self < 0 && units > 0 ? "-" : "") + "\(units / 10_000).\(zeros)\(decimals)"
  }
}
