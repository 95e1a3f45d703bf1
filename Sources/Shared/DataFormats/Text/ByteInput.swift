// Text comes plain or packed by gzip, distinguished by its first two bytes, never by its name. The
// unpacking is done here and not by gzread, which gives no error for bytes after the end and for a
// file that is cut.

import Tensors

/// The bytes of a file, unpacked if they are packed.
final class ByteInput {
  private let file: Descriptor
  private var packed = Buffer<UInt8>(uninitializedCount: 1 << 17)
  private var position = 0
  private var end = 0
  private var inflater: Inflater?
  private var isInsideMember = false
  private var hasLooked = false

  init(path: String) throws { file = try Descriptor.reading(path) }

  /// Fills `target` from its element `start` on; 0 at the end.
  func read(into target: inout Buffer<UInt8>, from start: Int) throws -> Int {
    if !hasLooked { try look() }
    guard let inflater else { return try readPlain(into: &target, from: start) }
    while true {
      if position == end, try !refill() {
        if isInsideMember {
          throw FormatFault("", "the packed file is cut short", "copy it again")
        }
        return 0
      }
      if !isInsideMember, try !beginMember() { return 0 }
      let step = try inflater.unpack(packed, position..<end, into: &target, from: start)
      position += step.taken
      if step.isMemberDone { isInsideMember = false }
      if step.given > 0 { return step.given }
    }
  }

  /// Takes the first bytes and decides whether they are packed.
  private func look() throws {
    hasLooked = true
    while end < 2, try fill() {}
    if end >= 2, packed.starts(with: Signature.gzip) {
      inflater = try Inflater(.gzip)
      isInsideMember = true
    }
  }

  private func fill() throws -> Bool {
    let got = try file.fill(&packed, from: end)
    end += got
    return got > 0
  }

  private func refill() throws -> Bool {
    (position, end) = (0, 0)
    return try fill()
  }

  private func readPlain(into target: inout Buffer<UInt8>, from start: Int) throws -> Int {
    guard position < end else { return try file.fill(&target, from: start) }
    let count = min(end - position, target.count - start)
    let block = packed
    let source = block.span
    var span = target.mutableSpan
    for i in 0..<count { span[start + i] = source[position + i] }
    position += count
    return count
  }

  /// After one member: another one, zero bytes that only pad, or something that does not belong
  /// there.
  private func beginMember() throws -> Bool {
    while end - position < 2 {
      if position > 0 {
        if position < end { packed[0] = packed[position] }
        (position, end) = (0, end - position)
      }
      if try !fill() { break }
    }
    if packed[position..<end].starts(with: Signature.gzip) {
      try inflater?.reset()
      isInsideMember = true
      return true
    }
    repeat {
      let rest = packed.slice(position..<end)
      guard rest.allSatisfy({ $0 == 0 }) else {
        throw FormatFault(
          "", "extra bytes after the end of the packed data", "copy it again")
      }
    } while try refill()
    return false
  }
}

extension DataFormats {
  /// Hands out the content of a file in pieces, unpacked if it is packed by gzip.
  package static func unpack(path: String, _ body: (Span<UInt8>) throws -> Void) throws {
    let input = try ByteInput(path: path)
    var piece = Buffer<UInt8>(uninitializedCount: 1 << 20)
    while true {
      let got = try input.read(into: &piece, from: 0)
      if got == 0 { return }
      let bytes = piece.span
      try body(bytes.extracting(0..<got))
    }
  }
}
