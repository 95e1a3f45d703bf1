import Tensors

/// Takes the lines of a Matrix Market file one after another.
struct MatrixMarketParser {
  /// More entries than this cannot be in the file.
  let largestCount: Int
  let budget: Int
  private var line = 0
  private var hasBanner = false
  private var hasValues = true
  private var size: (rows: Int, columns: Int, entries: Int)?
  private var count = 0
  private var idleBytes = 0
  private var rowOf = Buffer<Int32>(uninitializedCount: 0)
  private var columnOf = Buffer<Int32>(uninitializedCount: 0)
  private var values = Buffer<Float>(uninitializedCount: 0)

  init(largestCount: Int, budget: Int) {
    self.largestCount = largestCount
    self.budget = budget
  }

  /// The number of entries read and announced; nil before the line with the sizes.
  var progress: (done: Int, total: Int)? { size.map { (count, $0.entries) } }

  /// Takes the whole lines in `range`.
  mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      if size != nil && count < values.count {
        start = try takeEntries(bytes, start..<range.upperBound)
        continue
      }
      let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
      line += 1
      try takeHeader(bytes, start..<end)
      start = next
    }
  }

  /// The entries, when all of them have come.
  func finish() throws -> MatrixMarketTriplets {
    guard let size else { throw FormatFault("line \(line)", "the line with the sizes is missing") }
    guard count == size.entries else {
      throw FormatFault(
        "line \(line + 1)", "the file ends after \(count) of \(size.entries) entries",
        "it may be cut short")
    }
    return MatrixMarketTriplets(
      rows: size.rows, columns: size.columns, rowOf: rowOf, columnOf: columnOf, values: values)
  }

  /// Lines outside the entries: banner, comments, sizes before, nothing but blanks after.
  private mutating func takeHeader(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    if !hasBanner { return try takeBanner(bytes, range) }
    idleBytes += range.count + 1
    guard idleBytes <= 1 << 20 else {
      throw FormatFault("line \(line)", "a megabyte of comments or blank lines", "check the file")
    }
    if range.allSatisfy({ bytes[$0] <= 0x20 }) { return }
    if size != nil {
      throw FormatFault("line \(line)", "more than the \(values.count) entries announced")
    }
    if bytes[range.lowerBound] != UInt8(ascii: "%") { try takeSizes(bytes, range) }
  }

  private mutating func takeBanner(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    let text = String(decoding: range.prefix(100).map { bytes[$0] }, as: UTF8.self).lowercased()
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    guard words.count == 5, words[0] == "%%matrixmarket", words[1] == "matrix" else {
      throw FormatFault("line 1", "not a Matrix Market banner", "check the format")
    }
    guard words[2] == "coordinate" else {
      throw FormatFault("line 1", "the \(words[2]) layout is not read", "write it as `coordinate`")
    }
    let fields = ["integer", "unsigned-integer", "real", "double", "float", "pattern"]
    guard fields.contains(words[3]) else {
      throw FormatFault("line 1", "\(words[3]) values are not read", "write `integer` or `real`")
    }
    guard words[4] == "general" else {
      throw FormatFault(
        "line 1", "a \(words[4]) matrix cannot be cells by genes", "write it as `general`")
    }
    hasValues = words[3] != "pattern"
    hasBanner = true
  }

  private mutating func takeSizes(_ bytes: Span<UInt8>, _ range: Range<Int>) throws {
    var numbers: [Int] = []
    var i = range.lowerBound
    while i < range.upperBound {
      if bytes[i] <= 0x20 {
        i += 1
        continue
      }
      guard let (value, end) = parseCount(bytes, from: i, to: range.upperBound) else { break }
      numbers.append(value)
      i = end
    }
    guard i == range.upperBound, numbers.count == 3, numbers[0] <= Int(Int32.max),
      numbers[1] <= Int(Int32.max)
    else { throw FormatFault("line \(line)", "must be three numbers: rows, columns, entries") }
    guard numbers[2] <= largestCount else {
      throw FormatFault(
        "line \(line)", "announces \(numbers[2]) entries, more than the file can hold")
    }
    guard numbers[2] <= budget / 24 else {
      throw FormatFault(
        "line \(line)", "\(numbers[2]) entries need more memory than allowed",
        "raise --max-memory, or use a larger machine", kind: .noMemory)
    }
    size = (numbers[0], numbers[1], numbers[2])
    rowOf = Buffer(uninitializedCount: numbers[2])
    columnOf = Buffer(uninitializedCount: numbers[2])
    values = Buffer(uninitializedCount: numbers[2])
  }

  /// Reads entries until the announced number is reached or the bytes end. Returns where it
  /// stopped.
  private mutating func takeEntries(_ bytes: Span<UInt8>, _ range: Range<Int>) throws -> Int {
    guard let size else { return range.upperBound }
    // Moved out of self while they are written: the spans must not overlap with uses of self.
    var (allRows, allColumns, allValues) = (rowOf, columnOf, values)
    (rowOf, columnOf, values) = (Buffer([]), Buffer([]), Buffer([]))
    defer { (rowOf, columnOf, values) = (allRows, allColumns, allValues) }
    var rowSpan = allRows.mutableSpan
    var columnSpan = allColumns.mutableSpan
    var valueSpan = allValues.mutableSpan
    var start = range.lowerBound
    while start < range.upperBound && count < valueSpan.count {
      line += 1
      var i = start
      let row = field(bytes, &i, range.upperBound)
      let column = field(bytes, &i, range.upperBound)
      guard let row, let column else { throw entryFault(bytes, start, range.upperBound) }
      guard row >= 1, row <= size.rows, column >= 1, column <= size.columns else {
        throw FormatFault(
          "line \(line)",
          "the entry \(row) \(column) in a matrix of \(size.rows) × \(size.columns)",
          "rows and columns count from 1")
      }
      while i < range.upperBound, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 }
      let (end, next) = lineEnd(bytes, from: i, to: range.upperBound)
      rowSpan[count] = Int32(truncatingIfNeeded: row - 1)
      columnSpan[count] = Int32(truncatingIfNeeded: column - 1)
      valueSpan[count] = try value(bytes, i, end, start, range.upperBound)
      count += 1
      start = next
    }
    return start
  }

  /// The whole number at `i`, which moves behind it.
  @inline(__always)
  private func field(_ bytes: Span<UInt8>, _ i: inout Int, _ limit: Int) -> Int? {
    while i < limit, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 }
    guard let (value, end) = parseCount(bytes, from: i, to: limit) else { return nil }
    guard end >= limit || bytes[end] <= 0x20 else { return nil }
    i = end
    return value
  }

  private func value(
    _ bytes: Span<UInt8>, _ begin: Int, _ textEnd: Int, _ start: Int, _ limit: Int
  ) throws -> Float {
    var end = textEnd
    while end > begin, bytes[end - 1] <= 0x20 { end -= 1 }
    guard hasValues else {
      if end == begin { return 1 }
      throw entryFault(bytes, start, limit)
    }
    guard let number = parseNumber(bytes, begin..<end) else {
      throw entryFault(bytes, start, limit)
    }
    let value = Float(number)
    guard value.isFinite else {
      throw FormatFault("line \(line)", "the value is \(number)", "remove or replace it")
    }
    return value
  }

  private func entryFault(_ bytes: Span<UInt8>, _ start: Int, _ limit: Int) -> FormatFault {
    let end = lineEnd(bytes, from: start, to: limit).text
    let text = String(decoding: (start..<min(end, start + 40)).map { bytes[$0] }, as: UTF8.self)
    let form = hasValues ? "row column value" : "row column"
    return FormatFault("line \(line)", "`\(text)` is not `\(form)`", "check the file")
  }
}
