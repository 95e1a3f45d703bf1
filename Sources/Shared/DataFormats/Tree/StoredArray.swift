import Tensors

/// An array of a tree. Opening one has found its claims acceptable: the product of its dimensions
/// and sizes does not overflow.
protocol StoredArray: StoredObject {
  /// Its dimensions; empty for a single value.
  var shape: [Int] { get }
  /// Whether it holds nothing at all, not even one value.
  var isNull: Bool { get }
  var type: ValueType { get }
  /// The dimensions of its chunks; nil if it is stored contiguously.
  var chunk: [Int]? { get }
  /// Reads the block of `extent` values from `start` on into `target`, beginning at its element
  /// `offset`; for records, the field.
  func readBlock<Element: StoredNumber>(
    into target: inout Buffer<Element>, at offset: Int, start: [Int], extent: [Int], field: String?)
    throws
  /// All values as text, in C order, or the values of a field. Padding is removed.
  func readStrings(field: String?, policy: TextPolicy) throws -> [String]
  /// A reader of consecutive rows, if the storage of the array needs one.
  func rowReader() throws -> (any RowReader)?
}

/// Reads the rows of a matrix from the first on.
protocol RowReader {
  /// The next `count` rows, into `block` from its start on.
  func read(_ count: Int, into block: inout Buffer<Float>) throws
}

/// What to do with text that is not UTF-8.
enum TextPolicy {
  /// A fault: names must be exact.
  case refuse
  /// Each bad byte becomes U+FFFD: text that only describes.
  case repair

  /// The text of bytes; `number` is its place in its array.
  func text(_ bytes: some Collection<UInt8>, number: Int, at place: String) throws -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    if self == .repair { return String(decoding: bytes, as: UTF8.self) }
    throw FormatFault(
      "\(place)[\(number)]", "the name \(String(decoding: bytes, as: UTF8.self)) is not UTF-8",
      "convert the names to UTF-8")
  }
}

extension StoredArray {
  /// The number of values.
  var count: Int { shape.reduce(1, *) }

  /// All values as text, in C order. Padding is taken off.
  func strings(field: String? = nil, policy: TextPolicy = .repair) throws -> [String] {
    try readStrings(field: field, policy: policy)
  }

  /// Reads a block of numbers.
  func read<Element: StoredNumber>(
    into target: inout Buffer<Element>, at offset: Int, start: [Int], extent: [Int],
    field: String? = nil
  ) throws {
    try readBlock(into: &target, at: offset, start: start, extent: extent, field: field)
  }

  /// All values as numbers, in C order.
  func numbers<Element: StoredNumber>(_ element: Element.Type, field: String? = nil) throws
    -> Buffer<Element>
  {
    var width = 1
    if let field { width = try type.field(field, at: path).dimensions.reduce(1, *) }
    let (total, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow else { throw FormatFault(path, "claims the dimensions \(shape)") }
    try checkBudget(total, size: MemoryLayout<Element>.stride)
    var result = Buffer<Element>(uninitializedCount: total)
    if total > 0 && !isNull {
      try read(into: &result, at: 0, start: shape.map { _ in 0 }, extent: shape, field: field)
    }
    return result
  }

  /// A list, read in parts of whole chunks. After each part the tree's `progress` is called:
  /// `before` plus the values read are done of `total`.
  func numbers<Element: StoredNumber>(
    _ element: Element.Type, tellingOf total: Int, before: Int
  ) throws -> Buffer<Element> {
    precondition(shape.count == 1, "a list is read in parts, not the dimensions \(shape)")
    try checkBudget(
      SpooledMemory.residentBytes(of: count * MemoryLayout<Element>.stride), size: 1)
    var result = Buffer<Element>(spooledCount: count)
    guard !isNull else { return result }
    let chunk = max(1, chunk?.first ?? 1)
    let part = chunk * max(1, (1 << 21) / chunk)
    for begin in stride(from: 0, to: count, by: part) {
      let size = min(part, count - begin)
      try read(into: &result, at: begin, start: [begin], extent: [size])
      SpooledMemory.trim()
      tree.progress(before + begin + size, total)
    }
    return result
  }

  /// The bytes of the dimensions times `size`. Throws if the product overflows.
  static func byteCount(_ shape: [Int], size: Int, at path: String) throws -> Int {
    var bytes = max(1, size)
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow, extent >= 0 else {
        throw FormatFault(path, "claims the dimensions \(shape)", "the file is damaged")
      }
      bytes = product
    }
    return bytes
  }

  /// Throws unless its chunks can be read; with `isReadInParts` their size does not matter.
  func checkChunks(isReadInParts: Bool = false) throws {
    let chunkBytes = (chunk ?? []).reduce(type.size) { $0.multipliedReportingOverflow(by: $1).0 }
    guard chunkBytes >= 0, chunkBytes <= 1 << 32 else {
      throw FormatFault(
        path, "is stored in pieces of \(chunkBytes) bytes", "write it in smaller chunks")
    }
    guard chunkBytes <= tree.memoryBudget || isReadInParts else {
      throw FormatFault(
        path, "is stored in pieces of \(chunkBytes) bytes, which need more memory than allowed",
        "raise --max-memory, or write it in smaller chunks", kind: .noMemory)
    }
  }

  /// The chunk cache under which reading by parts unpacks every chunk once: a chunk, or of matrices
  /// a whole row of chunks.
  var cacheBytes: Int {
    guard let chunk, let first = chunk.first else { return 0 }
    var values = first
    for (size, step) in zip(shape, chunk).dropFirst() {
      values = values.multipliedReportingOverflow(by: (size + step - 1) / max(1, step) * step).0
    }
    let bytes = values.multipliedReportingOverflow(by: type.size).0
    return (0...largestChunkCache).contains(bytes) ? bytes : largestChunkCache
  }

  /// Throws unless `bytes` fit the budget.
  func checkBudget(_ count: Int, size: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, bytes <= tree.memoryBudget else {
      throw FormatFault(
        path, "\(count) values need more memory than allowed",
        "raise --max-memory, or use a larger machine",
        kind: .noMemory)
    }
  }
}

/// No cache of chunks is larger.
let largestChunkCache = 1 << 30
