import Tensors

/// An array of a store. Its chunks are unpacked one by one. It keeps as many as reading by rows
/// needs to unpack each chunk once.
final class ZarrArray: StoredArray {
  let store: ZarrTree
  let path: String
  let isNull: Bool
  let type: ValueType
  private let layout: ZarrLayout
  private let attributes: JSONNode?
  private var kept: [[Int]: Buffer<UInt8>] = [:]
  private var keptBytes = 0
  /// The list of the chunks in the shard that was last read from.
  private var shard: (numbers: [Int], file: ZarrFile?, places: Buffer<UInt64>)?

  init(_ store: ZarrTree, _ path: String, _ layout: ZarrLayout, _ attributes: JSONNode?) throws {
    self.store = store
    self.path = path
    self.layout = layout
    self.attributes = attributes
    type = layout.type.description
    isNull = attributes?["encoding-type"]?.text == "null"
    let bytes = try Self.byteCount(layout.shape, size: max(8, type.size), at: path)
    _ = try Self.byteCount(layout.chunk, size: max(8, type.size), at: path)
    if let shard = layout.shard { _ = try Self.byteCount(shard.shape, size: 64, at: path) }
    guard bytes <= 1 << 46 else {
      throw FormatFault(path, "claims the dimensions \(layout.shape)", "the store is damaged")
    }
    try checkChunks()
  }

  var tree: StoredTree { store }
  var shape: [Int] { isNull ? [0] : layout.shape }
  var chunk: [Int]? { layout.shape.isEmpty ? nil : layout.chunk }
  func rowReader() throws -> (any RowReader)? { nil }

  func attribute(_ name: String) throws -> (any StoredAttribute)? {
    ZarrAttribute(attributes?[name], of: path, name, in: store)
  }

  func readBlock<Element: StoredNumber>(
    into target: inout Buffer<Element>, at offset: Int, start: [Int], extent: [Int], field: String?
  ) throws {
    guard let numbers = layout.type.numberType, field == nil else {
      throw FormatFault(path, "holds \(type.kind.name) where numbers are needed")
    }
    precondition(offset + extent.reduce(1, *) <= target.count, "block too large")
    try ChunkRuns(chunk: layout.chunk, start: start, extent: extent).visit { place, run in
      let bytes = try chunk(place)
      Element.convert(
        run.source..<run.source + run.count, of: bytes, as: numbers, to: &target,
        at: offset + run.target)
    }
  }

  func readStrings(field: String?, policy: TextPolicy) throws -> [String] {
    if isNull { return [] }
    guard case .string = type.kind, field == nil else {
      throw FormatFault(path, "holds \(type.kind.name) where text is needed")
    }
    try checkBudget(count, size: max(16, type.size))
    var result = [String](repeating: "", count: count)
    var texts: (place: [Int], values: [String]) = ([-1], [])
    let start = layout.shape.map { _ in 0 }
    let runs = ChunkRuns(chunk: layout.chunk, start: start, extent: layout.shape)
    try runs.visit { place, run in
      if texts.place != place { texts = (place, try chunkTexts(place, policy)) }
      for k in 0..<run.count { result[run.target + k] = texts.values[run.source + k] }
    }
    return result
  }

  // MARK: Chunks

  /// The name of the file of a chunk, for faults.
  private func key(_ numbers: [Int]) -> String {
    ZarrTree.key(layout.names.name(of: numbers), in: path)
  }

  /// The values of a chunk, in C order and this machine's order of bytes.
  private func chunk(_ place: [Int]) throws -> Buffer<UInt8> {
    if let known = kept[place] { return known }
    let bytes = try unpacked(place) { file in
      try layout.coding.numbers(file, layout.type, chunk: layout.chunk)
    }
    return keep(bytes ?? filled(), place)
  }

  private func keep(_ bytes: Buffer<UInt8>, _ place: [Int]) -> Buffer<UInt8> {
    if keptBytes + bytes.count > max(cacheBytes, bytes.count) {
      kept = [:]
      keptBytes = 0
    }
    kept[place] = bytes
    keptBytes += bytes.count
    return bytes
  }

  /// A chunk that no file holds.
  private func filled() -> Buffer<UInt8> {
    let (value, count) = (layout.fill, layout.chunk.reduce(1, *))
    if value.count == 1 || !value.contains(where: { $0 != 0 }) {
      return Buffer(repeating: value.first ?? 0, count: count * value.count)
    }
    var result = Buffer<UInt8>(uninitializedCount: count * value.count)
    for k in 0..<count { result.copy(0..<value.count, of: value, to: k * value.count) }
    return result
  }

  /// The texts of a chunk.
  private func chunkTexts(_ place: [Int], _ policy: TextPolicy) throws -> [String] {
    let count = layout.chunk.reduce(1, *)
    if layout.type == .text {
      let most = min(store.memoryBudget, 1 << 32)
      let bytes = try unpacked(place) { try layout.coding.unpacked($0, size: nil, limit: most) }
      guard let bytes else { return [String](repeating: layout.fillText, count: count) }
      return try locatedIn(place) {
        try ZarrTexts.texts(bytes, count: count, policy, at: key(place))
      }
    }
    let bytes = try chunk(place)
    return try ZarrTexts.texts(bytes, layout.type, count: count, policy, at: path)
  }

  /// The result of `body` for the packed bytes of a chunk; nil if no file holds it.
  private func unpacked(
    _ place: [Int], _ body: (Buffer<UInt8>) throws -> Buffer<UInt8>
  ) throws -> Buffer<UInt8>? {
    if let refusal = layout.refusal { throw refusal }
    return try locatedIn(place) {
      guard let bytes = try packed(place) else { return nil }
      return try body(bytes)
    }
  }

  /// Faults of codecs do not name their chunk.
  private func locatedIn<Result>(_ place: [Int], _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let fault as FormatFault where fault.place.isEmpty {
      throw FormatFault(key(place), fault.problem, fault.advice, kind: fault.kind)
    }
  }

  private func packed(_ place: [Int]) throws -> Buffer<UInt8>? {
    if let plan = layout.shard { return try packed(place, in: plan) }
    guard let file = try store.files.file(key(place)) else { return nil }
    try checkBudget(file.count, size: 1)
    return try file.contents()
  }

  // MARK: Shards

  private func packed(_ place: [Int], in plan: ZarrShard) throws -> Buffer<UInt8>? {
    let counts = zip(plan.shape, layout.chunk).map { $0 / $1 }
    let numbers = zip(place, counts).map { $0 / $1 }
    if shard?.numbers != numbers { shard = try openShard(numbers, count: counts.reduce(1, *)) }
    guard let shard, let file = shard.file else { return nil }
    let inside = zip(place, counts).map { $0 % $1 }
    let index = zip(inside, counts).reduce(0) { $0 * $1.1 + $1.0 }
    let (offset, size) = (shard.places[2 * index], shard.places[2 * index + 1])
    if offset == .max && size == .max { return nil }
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= UInt64(file.count) else {
      throw FormatFault(key(numbers), "a chunk lies outside its file", "the store is damaged")
    }
    try checkBudget(Int(size), size: 1)
    return try file.read(Int(offset)..<Int(end))
  }

  private func openShard(_ numbers: [Int], count: Int) throws -> (
    numbers: [Int], file: ZarrFile?, places: Buffer<UInt64>
  ) {
    guard let plan = layout.shard, let file = try store.files.file(key(numbers)) else {
      return (numbers, nil, Buffer(uninitializedCount: 0))
    }
    let size = 16 * count + (plan.hasCheckSum ? 4 : 0)
    guard size <= file.count else {
      throw FormatFault(
        key(numbers), "is too short for the list of its \(count) chunks", "the store is damaged")
    }
    var list = try file.read(
      plan.isIndexFirst ? 0..<size : file.count - size..<file.count)
    if plan.hasCheckSum {
      do { list = try ZarrCodec.crc32c.decode(list, size: nil, limit: size) } catch {
        throw FormatFault(key(numbers), "the list of its chunks is damaged", "copy the store again")
      }
    }
    return (numbers, file, list.reinterpreted(as: UInt64.self))
  }
}
