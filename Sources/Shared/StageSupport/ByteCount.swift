import ArgumentParser
import Glibc

/// An amount of memory, written as `8G`, `500M`, `1.5G`, `64K` (each 1024 of the next smaller) or
/// as plain bytes.
package struct ByteCount: Sendable, Equatable, ExpressibleByArgument, CustomStringConvertible {
  package let bytes: Int

  package init(_ bytes: Int) { self.bytes = bytes }

  /// Nil for anything that is not a positive number with at most one of these letters, and for more
  /// than 2⁶² bytes.
  package init?(argument: String) {
    var text = argument.lowercased()[...]
    if text.hasSuffix("ib") {
      text = text.dropLast(2)
    } else if text.hasSuffix("b") {
      text = text.dropLast()
    }
    let shifts: [Character: Int] = ["k": 10, "m": 20, "g": 30, "t": 40]
    let shift = text.last.flatMap { shifts[$0] }
    if shift != nil { text = text.dropLast() }
    guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(text),
      number > 0
    else { return nil }
    let bytes = number * Double(1 << (shift ?? 0))
    guard bytes >= 1, bytes < 0x1p62 else { return nil }
    self.bytes = Int(bytes)
  }

  /// In GiB or MiB, with one decimal.
  package var description: String {
    let isLarge = bytes >= 1 << 30
    let tenths = (Double(bytes) / Double(isLarge ? 1 << 30 : 1 << 20) * 10).rounded(.up)
    return "\(tenths / 10) \(isLarge ? "GiB" : "MiB")"
  }
}
