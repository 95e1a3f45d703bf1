/// Cuts lines at a delimiter; a field may stand between quotation marks, a doubled mark meaning one.
struct FieldSplitter {
  let delimiter: UInt8

  private static let quote = UInt8(ascii: "\"")

  /// Tab if there is one in the line, else comma, semicolon or blank.
  init(sampling line: [UInt8]) {
    let candidates: [UInt8] = [0x09, 0x2C, 0x3B]
    delimiter = candidates.first(where: line.contains) ?? 0x20
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
    while begin < end, bytes[begin] == 0x20 { begin += 1 }
    while end > begin, bytes[end - 1] == 0x20 { end -= 1 }
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

  /// The fields of a line as texts; throws where one is not UTF-8.
  func texts(_ bytes: Span<UInt8>, _ range: Range<Int>, line: Int) throws -> [String] {
    var result: [String] = []
    var start = range.lowerBound
    while true {
      let end = fieldEnd(bytes, from: start, to: range.upperBound)
      guard let text = text(bytes, start..<end) else {
        throw FormatFault(
          "line \(line), column \(result.count + 1)", "a name that is not UTF-8",
          "convert the file to UTF-8")
      }
      result.append(text)
      if end >= range.upperBound { return result }
      start = end + 1
    }
  }
}

extension DataFormats {
  /// The fields of every line of a delimited text, gzip or plain, blank lines left out: lists of names, tables of labels.
  package static func readFields(path: String) throws -> [[String]] {
    let lines = try LineReader(path: path, longestLine: 1 << 20)
    var result: [[String]] = []
    var splitter: FieldSplitter?
    var number = 0
    while let range = try lines.next() {
      let block = lines.bytes
      let bytes = block.span
      var start = range.lowerBound
      while start < range.upperBound {
        let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
        number += 1
        if end > start {
          let cut = splitter ?? FieldSplitter(sampling: (start..<end).map { bytes[$0] })
          splitter = cut
          result.append(try cut.texts(bytes, start..<end, line: number))
        }
        start = next
      }
    }
    return result
  }
}

extension FieldSplitter {
  /// Cuts at that byte.
  init(delimiter: UInt8) { self.delimiter = delimiter }
}
