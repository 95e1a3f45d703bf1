/// The number in `range` of `bytes`; nil if it is none. Up to 15 digits are read directly and
/// exactly, longer ones by the standard library. NaN and infinity are numbers here: the caller
/// refuses them with their place.
func parseNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
  var i = range.lowerBound
  let end = range.upperBound
  guard i < end else { return nil }
  let isNegative = bytes[i] == UInt8(ascii: "-")
  if isNegative || bytes[i] == UInt8(ascii: "+") { i += 1 }
  var mantissa = 0
  var digits = 0
  var decimals = 0
  var hasPoint = false
  while i < end, digits <= 15 {
    let byte = bytes[i]
    if byte >= 0x30 && byte <= 0x39 {
      mantissa = mantissa &* 10 &+ Int(byte &- 0x30)
      digits += 1
      if hasPoint { decimals += 1 }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      break
    }
    i += 1
  }
  guard i == end, digits > 0, digits <= 15 else { return slowNumber(bytes, range) }
  // Both are exact in Double, so the quotient is the nearest Double.
  let magnitude = decimals == 0 ? Double(mantissa) : Double(mantissa) / powersOfTen[decimals]
  return isNegative ? -magnitude : magnitude
}

private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]

private func slowNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
  guard range.count <= 400 else { return nil }
  let text = String(decoding: range.map { bytes[$0] }, as: UTF8.self)
  guard !text.contains(where: { $0 == "x" || $0 == "X" || $0 == "(" }) else { return nil }
  return Double(text)
}

/// The whole number without a sign that begins at `start`, and where it ends; nil if there is none
/// or it passes 2^62.
func parseCount(_ bytes: Span<UInt8>, from start: Int, to limit: Int) -> (value: Int, end: Int)? {
  var i = start
  var value = 0
  while i < limit, bytes[i] >= 0x30, bytes[i] <= 0x39 {
    guard value < 1 << 58 else { return nil }
    value = value * 10 + Int(bytes[i] - 0x30)
    i += 1
  }
  return i > start ? (value, i) : nil
}
