import CellData
import Glibc
import Tensors

/// Files below an existing empty folder.
final class ZarrFolderTarget: ZarrTarget {
  private let path: String
  private var folders: Set<String> = [""]

  init(_ path: String) { self.path = path }

  func put(_ bytes: Buffer<UInt8>, _ key: String) throws {
    do throws(SystemError) {
      if let slash = key.lastIndex(of: "/") { try make(folder: String(key[..<slash])) }
      let file = try Descriptor.open(
        name: Array("\(path)/\(key)".utf8), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      // SAFETY: bytes seen as bytes.
      try unsafe file.write(bytes.span.bytes)
      try file.close()
    } catch { throw FormatFault.writing(key, error.text) }
  }

  /// Makes a folder and its parent folders.
  private func make(folder: String) throws(SystemError) {
    if folders.contains(folder) { return }
    if let slash = folder.lastIndex(of: "/") { try make(folder: String(folder[..<slash])) }
    // SAFETY: the name ends in zero.
    guard unsafe withCName(Array("\(path)/\(folder)".utf8), { unsafe mkdir($0, 0o777) }) == 0 else {
      throw .last
    }
    folders.insert(folder)
  }

  func finish() {}
}

/// A zip archive of stored members, written from its first byte to its last. The times are in 1980,
/// so that equal content gives equal bytes.
final class ZarrArchiveTarget: ZarrTarget {
  private let write: (Buffer<UInt8>) throws -> Void
  private var members: [(name: String, crc: UInt32, count: Int, offset: Int)] = []
  private var offset = 0

  init(_ write: @escaping (Buffer<UInt8>) throws -> Void) { self.write = write }

  private func append(_ bytes: Buffer<UInt8>) throws {
    try write(bytes)
    offset += bytes.count
  }

  func put(_ bytes: Buffer<UInt8>, _ key: String) throws {
    precondition(bytes.count < 0xFFFF_FFFF, "a member of \(bytes.count) bytes")
    let member = (name: key, crc: crc32(bytes), count: bytes.count, offset: offset)
    members.append(member)
    var head = ZipRecord(0x0403_4B50)
    head.append(20, 2)
    head.appendDescription(crc: member.crc, count: member.count)
    head.append(key.utf8.count, 2)
    head.append(0, 2)
    try append(Buffer(head.bytes + Array(key.utf8)))
    try append(bytes)
  }

  func finish() throws {
    let begin = offset
    for member in members {
      // The position of a file may need eight bytes, which are then at the end (zip64).
      let isFar = member.offset >= 0xFFFF_FFFF
      var entry = ZipRecord(0x0201_4B50)
      entry.append(45, 2)
      entry.append(isFar ? 45 : 20, 2)
      entry.appendDescription(crc: member.crc, count: member.count)
      entry.append(member.name.utf8.count, 2)
      entry.append(isFar ? 12 : 0, 2)
      for _ in 0..<5 { entry.append(0, 2) }
      entry.append(isFar ? 0xFFFF_FFFF : member.offset, 4)
      entry.bytes += Array(member.name.utf8)
      if isFar {
        entry.append(1, 2)
        entry.append(8, 2)
        entry.append(member.offset, 8)
      }
      try append(Buffer(entry.bytes))
    }
    try appendEnd(of: offset - begin, from: begin)
  }

  /// The end of the archive, with the position of the list of members.
  private func appendEnd(of size: Int, from begin: Int) throws {
    var end = ZipRecord()
    let isLarge = members.count >= 0xFFFF || begin >= 0xFFFF_FFFF || size >= 0xFFFF_FFFF
    if isLarge {
      end.append(0x0606_4B50, 4)
      end.append(44, 8)
      for version in [45, 45] { end.append(version, 2) }
      for disk in [0, 0] { end.append(disk, 4) }
      for number in [members.count, members.count, size, begin] { end.append(number, 8) }
      end.append(0x0706_4B50, 4)
      end.append(0, 4)
      end.append(begin + size, 8)
      end.append(1, 4)
    }
    end.append(0x0605_4B50, 4)
    for disk in [0, 0] { end.append(disk, 2) }
    for _ in 0..<2 { end.append(min(members.count, 0xFFFF), 2) }
    for number in [size, begin] { end.append(isLarge ? 0xFFFF_FFFF : number, 4) }
    end.append(0, 2)
    try append(Buffer(end.bytes))
  }
}

/// A record of a zip archive: numbers with the least byte first.
private struct ZipRecord {
  var bytes: [UInt8] = []

  init() {}

  init(_ mark: Int) { append(mark, 4) }

  mutating func append(_ number: Int, _ count: Int) {
    bytes += (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// What both the head of a member and the list have: names in UTF-8, stored, of 1980, and its
  /// sizes.
  mutating func appendDescription(crc: UInt32, count: Int) {
    append(0x800, 2)
    append(0, 2)
    append(0, 2)
    append(0x21, 2)
    append(Int(crc), 4)
    append(count, 4)
    append(count, 4)
  }
}
