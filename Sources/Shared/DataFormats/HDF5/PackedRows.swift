import CHDF5
import Tensors

/// The rows of a dense matrix one after another, out of chunks that are as wide as the matrix and
/// packed by deflate alone.
///
/// libhdf5 unpacks a chunk as a whole, and some programs put a whole matrix into one chunk. Here
/// only the packed bytes and the requested rows are in memory.
final class PackedRows: RowReader {
  private let dataset: HDF5Dataset
  private let inflater: Inflater
  /// The packed bytes of the current chunk, and how many of them are used up.
  private var packed = Buffer<UInt8>(uninitializedCount: 0)
  private var position = 0
  private var isChunkDone = true
  private var nextRow = 0
  /// The row after the last of the current chunk.
  private var chunkEnd = 0

  /// Chunks from this size on are worth it.
  private static let smallestChunk = 1 << 24

  /// Nil if the matrix is stored in another way.
  init?(of dataset: HDF5Dataset) throws {
    guard Self.canRead(dataset), let chunk = dataset.chunk,
      chunk[0] * chunk[1] * dataset.type.size >= Self.smallestChunk
    else { return nil }
    self.dataset = dataset
    inflater = try Inflater(.zlib)
    for row in stride(from: 0, to: dataset.shape[0], by: chunk[0]) {
      // A chunk that was never written has no bytes; libhdf5 knows its fill value.
      if try packedSize(ofChunkAt: row) == 0 { return nil }
    }
  }

  /// Whether the chunks are whole rows of numbers, packed by deflate alone.
  static func canRead(_ dataset: HDF5Dataset) -> Bool {
    guard let chunk = dataset.chunk, chunk.count == 2, chunk[1] == dataset.shape[1] else {
      return false
    }
    let kinds: [ValueKind] = [.float, .integer(isSigned: true), .integer(isSigned: false)]
    return dataset.filters == [H5Z_FILTER_DEFLATE] && kinds.contains(dataset.type.kind)
      && dataset.type.dimensions.isEmpty
  }

  /// Reads the next `count` rows into `block`, from its start on.
  func read(_ count: Int, into block: inout Buffer<Float>) throws {
    let (columns, size) = (dataset.shape[1], dataset.type.size)
    let total = count * columns
    var bytes = Buffer<UInt8>(uninitializedCount: total * max(size, MemoryLayout<Float>.stride))
    var rows = 0
    while rows < count {
      if isChunkDone { try openChunk() }
      let inChunk = min(count - rows, chunkEnd - nextRow)
      try unpack(into: &bytes, from: rows * columns * size, count: inChunk * columns * size)
      rows += inChunk
      nextRow += inChunk
      if nextRow == chunkEnd { try closeChunk() }
    }
    // SAFETY: the buffer has room for as many values of either type.
    try checked(
      unsafe H5Tconvert(
        dataset.fileType.identifier.raw, Float.nativeType, total, bytes.mutablePointer(), nil,
        sc_default()), at: dataset.path)
    let values = bytes.slice(0..<total * MemoryLayout<Float>.stride).reinterpreted(as: Float.self)
    let source = values.span
    var target = block.mutableSpan
    for i in source.indices { target[i] = source[i] }
  }

  private func openChunk() throws {
    let offset = [hsize_t(nextRow), 0]
    packed = Buffer(uninitializedCount: try packedSize(ofChunkAt: nextRow))
    (position, isChunkDone) = (0, false)
    chunkEnd = min(nextRow + (dataset.chunk?[0] ?? 1), dataset.shape[0])
    try inflater.reset()
    var skipped: UInt32 = 0
    // SAFETY: `offset` has a value for each dimension, and the buffer has the size of the chunk by
    // the library.
    try checked(
      unsafe H5Dread_chunk(
        dataset.identifier.raw, sc_default(), offset, &skipped, packed.mutablePointer()),
      at: dataset.path)
    guard skipped == 0 else {
      throw FormatFault(dataset.path, "some chunks are packed and some are not", "write it again")
    }
  }

  /// Passes over the rest of the chunk: rows below the last, and the checksum.
  private func closeChunk() throws {
    var rest = Buffer<UInt8>(uninitializedCount: 1 << 16)
    while !isChunkDone { _ = try step(into: &rest, from: 0, upTo: rest.count) }
  }

  private func unpack(into bytes: inout Buffer<UInt8>, from start: Int, count: Int) throws {
    var filled = start
    while filled < start + count {
      if isChunkDone {
        throw FormatFault(dataset.path, "a chunk is shorter than its rows", "the file is damaged")
      }
      filled += try step(into: &bytes, from: filled, upTo: start + count)
    }
  }

  /// Unpacks some bytes and returns how many.
  private func step(into bytes: inout Buffer<UInt8>, from start: Int, upTo end: Int) throws -> Int {
    do {
      let step = try inflater.unpack(
        packed, position..<packed.count, into: &bytes, from: start, upTo: end)
      position += step.taken
      isChunkDone = step.isMemberDone
      if step.taken > 0 || step.given > 0 || isChunkDone { return step.given }
    } catch let fault as FormatFault {
      throw FormatFault(dataset.path, fault.problem, fault.advice, kind: fault.kind)
    }
    throw FormatFault(dataset.path, "a chunk is cut short", "the file is damaged")
  }

  private func packedSize(ofChunkAt row: Int) throws -> Int {
    let offset = [hsize_t(row), 0]
    var size: hsize_t = 0
    // SAFETY: `offset` has a value for each dimension; the call fills `size`.
    try checked(
      unsafe H5Dget_chunk_storage_size(dataset.identifier.raw, offset, &size), at: dataset.path)
    guard size <= dataset.file.byteCount else {
      throw FormatFault(dataset.path, "claims a chunk of \(size) bytes", "the file is damaged")
    }
    return Int(size)
  }
}
