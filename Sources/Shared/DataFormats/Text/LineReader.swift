import Tensors

/// Hands out a text by blocks of whole lines, so that parsers run over a span of bytes.
final class LineReader {
  private let input: ByteInput
  /// Lines longer than this are refused; set it once their possible length is known.
  var longestLine: Int
  /// The buffer of the current block.
  private(set) var bytes = Buffer<UInt8>(uninitializedCount: 1 << 20)
  private var filled = 0
  private var taken = 0
  private var isAtEnd = false
  private var isFirst = true

  init(path: String, longestLine: Int) throws {
    input = try ByteInput(path: path)
    self.longestLine = longestLine
  }

  /// The next whole lines, as a range of `bytes`; nil at the end. The last line may lack its
  /// newline.
  func next() throws -> Range<Int>? {
    moveRestToFront()
    var searched = 0
    while !isAtEnd {
      if filled == bytes.count { try grow() }
      let got = try input.read(into: &bytes, from: filled)
      if got == 0 { isAtEnd = true }
      filled += got
      if isFirst { try takeBeginning() }
      if let last = lastNewline(from: searched) {
        taken = last + 1
        return 0..<taken
      }
      searched = filled
    }
    guard filled > 0 else { return nil }
    taken = filled
    return 0..<filled
  }

  /// Calls `body` with every line of a file, as a range of bytes without its end, and with its
  /// number. The file is opened once: it may be a pipe.
  static func forEachLine(
    of path: String,
    _ body: (_ bytes: Span<UInt8>, _ line: Range<Int>, _ number: Int) throws -> Void
  ) throws {
    let reader = try LineReader(path: path, longestLine: 1 << 20)
    var number = 0
    while let range = try reader.next() {
      let block = reader.bytes
      let bytes = block.span
      var start = range.lowerBound
      while start < range.upperBound {
        let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
        number += 1
        try body(bytes, start..<end, number)
        start = next
      }
    }
  }

  private func moveRestToFront() {
    let rest = filled - taken
    for i in 0..<rest { bytes[i] = bytes[taken + i] }
    (filled, taken) = (rest, 0)
  }

  private func grow() throws {
    guard bytes.count <= longestLine else {
      throw FormatFault("", "a line of more than \(longestLine) bytes", "check the file")
    }
    bytes = bytes.enlarged(to: bytes.count * 2, keeping: filled)
  }

  /// Skips a byte order mark. Throws if the beginning is no text, such as that of a list packed
  /// twice.
  private func takeBeginning() throws {
    guard filled >= 3 || isAtEnd else { return }
    isFirst = false
    if let kind = ForeignContent.insideText(Array(bytes.prefix(min(filled, 512)))) {
      throw FormatFault("", kind.what, kind.advice)
    }
    if filled >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      taken = 3
      moveRestToFront()
    }
  }

  private func lastNewline(from start: Int) -> Int? {
    let block = bytes
    let span = block.span
    var i = filled - 1
    while i >= start {
      if span[i] == 0x0A { return i }
      i -= 1
    }
    return nil
  }
}

/// The end of the line that begins at `start`: where its text ends (without CR and LF), and where
/// the next line begins.
func lineEnd(_ bytes: Span<UInt8>, from start: Int, to limit: Int) -> (text: Int, next: Int) {
  var end = start
  while end < limit && bytes[end] != 0x0A { end += 1 }
  let next = min(end + 1, limit)
  while end > start && bytes[end - 1] == 0x0D { end -= 1 }
  return (end, next)
}
