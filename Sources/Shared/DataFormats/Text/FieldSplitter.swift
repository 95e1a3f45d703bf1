/// Cuts lines at a delimiter. A field may be between quotation marks, with a doubled mark for one.
/// Several blanks act as one.
struct FieldSplitter {
  let delimiter: UInt8

  private static let quote = UInt8(ascii: "\"")
  private static let blank: UInt8 = 0x20

  /// Cuts at that byte.
  init(delimiter: UInt8) { self.delimiter = delimiter }

  /// The first of tab, comma, semicolon and blank that cuts both lines into equally many fields.
  /// Else the first that gives the header one field fewer; it may not be the right one if another
  /// also cuts. Else the first delimiter in the header.
  init(header: [UInt8], row: [UInt8]) {
    let candidates: [UInt8] = [0x09, 0x2C, 0x3B, FieldSplitter.blank]
    let counts = candidates.map { candidate in
      let splitter = FieldSplitter(delimiter: candidate)
      return (above: splitter.fieldCount(header), below: splitter.fieldCount(row))
    }
    let fewest = counts.contains { $0.above >= 2 } ? 2 : 1
    let place =
      counts.firstIndex { $0.below >= 2 && $0.above == $0.below }
      ?? counts.firstIndex { $0.above >= fewest && $0.above == $0.below - 1 }
    delimiter =
      place.map { candidates[$0] } ?? candidates.first(where: header.contains)
      ?? FieldSplitter.blank
  }

  /// The delimiter in words; nil for tabs.
  var word: String? {
    switch delimiter {
    case 0x2C: "commas"
    case 0x3B: "semicolons"
    case FieldSplitter.blank: "blanks"
    default: nil
    }
  }

  /// Where the first field begins.
  func begin(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var start = range.lowerBound
    if delimiter == FieldSplitter.blank {
      while start < range.upperBound, bytes[start] == delimiter { start += 1 }
    }
    return start
  }

  /// Where the field after the one that ends at `end` begins; past `limit` if there is none.
  func next(_ bytes: Span<UInt8>, after end: Int, to limit: Int) -> Int {
    guard end < limit, delimiter == FieldSplitter.blank else { return end + 1 }
    var start = end
    while start < limit, bytes[start] == delimiter { start += 1 }
    return start == limit ? limit + 1 : start
  }

  /// Where the field that begins at `start` ends: its delimiter, or the end of the line.
  func fieldEnd(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var i = start
    if i < end, bytes[i] == FieldSplitter.quote {
      i += 1
      while i < end {
        if bytes[i] == FieldSplitter.quote {
          i += 1
          if i >= end || bytes[i] != FieldSplitter.quote { break }
        }
        i += 1
      }
    }
    while i < end && bytes[i] != delimiter { i += 1 }
    return i
  }

  /// The field without blanks around it and quotation marks.
  func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (begin, end) = (range.lowerBound, range.upperBound)
    while begin < end, bytes[begin] == FieldSplitter.blank { begin += 1 }
    while end > begin, bytes[end - 1] == FieldSplitter.blank { end -= 1 }
    if end - begin >= 2, bytes[begin] == FieldSplitter.quote, bytes[end - 1] == FieldSplitter.quote
    {
      (begin, end) = (begin + 1, end - 1)
    }
    return begin..<end
  }

  /// The field as text; nil if it is not UTF-8.
  func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
    let inner = trimmed(bytes, range)
    var unquoted: [UInt8] = []
    unquoted.reserveCapacity(inner.count)
    var i = inner.lowerBound
    while i < inner.upperBound {
      unquoted.append(bytes[i])
      let isDoubled =
        bytes[i] == FieldSplitter.quote && i + 1 < inner.upperBound
        && bytes[i + 1] == FieldSplitter.quote
      i += isDoubled ? 2 : 1
    }
    return String(validating: unquoted, as: UTF8.self)
  }

  /// The fields of a line as texts; throws if one is not UTF-8.
  func texts(_ bytes: Span<UInt8>, _ range: Range<Int>, line: Int) throws -> [String] {
    var result: [String] = []
    var start = begin(bytes, range)
    while start <= range.upperBound {
      let end = fieldEnd(bytes, from: start, to: range.upperBound)
      guard let text = text(bytes, start..<end) else {
        throw FormatFault(
          "line \(line), column \(result.count + 1)", "a name that is not UTF-8",
          "convert the file to UTF-8")
      }
      result.append(text)
      start = next(bytes, after: end, to: range.upperBound)
    }
    return result
  }

  /// The fields of a line that was copied.
  func texts(_ line: [UInt8], number: Int) throws -> [String] {
    try texts(line.span, 0..<line.count, line: number)
  }

  /// The number of fields, without an empty one after a last delimiter. A delimiter inside
  /// quotation marks does not count, since a line may be cut at another byte than this one.
  private func fieldCount(_ line: [UInt8]) -> Int {
    let isQuoted = line.count { $0 == FieldSplitter.quote }.isMultiple(of: 2)
    var (count, isInside, isEmpty) = (0, false, true)
    for byte in line {
      if isQuoted, byte == FieldSplitter.quote { isInside.toggle() }
      let isDelimiter = byte == delimiter && !isInside
      // Blanks in a row, and before the first field, part nothing.
      if isDelimiter, !(delimiter == FieldSplitter.blank && isEmpty) { count += 1 }
      isEmpty = isDelimiter
    }
    return isEmpty && count > 0 ? count : count + 1
  }
}
