import CellData
import Glibc
import Tensors

/// A store in a zip archive, whose members are stored or deflated. Files of more than 4 GiB and
/// archives of more than 65,535 members (zip64) are read too.
final class ZarrArchive: ZarrFiles {
  /// The position of a member, by the list at the end of the archive.
  private struct Member {
    let offset: Int
    let packedCount: Int
    let count: Int
    let crc: UInt32
    let isDeflated: Bool
  }

  private let file: Descriptor
  private let byteCount: Int
  private let budget: Int
  private var members: [String: Member] = [:]
  /// The names of the folders in each folder.
  private var folderNames: [String: Set<String>] = [:]

  /// Reads the list of members; nil if the file is no archive.
  init?(_ path: String, budget: Int) throws {
    guard try Descriptor.bytes(of: path, 4) == Signature.zip else { return nil }
    file = try Descriptor.reading(path)
    byteCount = try FileStatus(reading: path).size
    self.budget = budget
    guard let list = try directory() else { return nil }
    try read(list)
    enterOnlyFolder()
  }

  private static func damaged(_ problem: String, at place: String = "") -> FormatFault {
    FormatFault(place, problem, "the archive is damaged: copy it again")
  }

  // MARK: The list

  /// The bytes of the list of members; nil if the archive has none.
  private func directory() throws -> Buffer<UInt8>? {
    let size = min(byteCount, 22 + 65_535)
    let tail = try file.buffer(byteCount - size..<byteCount, at: "")
    let mark: [UInt8] = [0x50, 0x4B, 5, 6]
    guard size >= 22,
      let end = (0...size - 22).reversed().first(where: { tail[$0..<$0 + 4].elementsEqual(mark) })
    else { return nil }
    var (listSize, offset) = (tail.number(4, at: end + 12), tail.number(4, at: end + 16))
    if listSize == 0xFFFF_FFFF || offset == 0xFFFF_FFFF || tail.number(2, at: end + 10) == 0xFFFF {
      let locator = end - 20
      guard locator >= 0, tail.number(4, at: locator) == 0x0706_4B50 else {
        throw ZarrArchive.damaged("has no zip64 end of its list")
      }
      let place = tail.number(8, at: locator + 8)
      guard place >= 0, place <= byteCount - 56 else {
        throw ZarrArchive.damaged("has its list outside the file")
      }
      let record = try file.buffer(place..<place + 56, at: "")
      (listSize, offset) = (record.number(8, at: 40), record.number(8, at: 48))
    }
    guard offset >= 0, listSize >= 0, offset <= byteCount, listSize <= byteCount - offset else {
      throw ZarrArchive.damaged("has its list outside the file")
    }
    guard listSize <= budget / 16 else {
      throw FormatFault(
        "", "the list of its members needs more memory than allowed", "raise --max-memory",
        kind: .noMemory)
    }
    return try file.buffer(offset..<offset + listSize, at: "")
  }

  private func read(_ list: Buffer<UInt8>) throws {
    var place = 0
    while place < list.count {
      guard place + 46 <= list.count, list.number(4, at: place) == 0x0201_4B50 else {
        throw ZarrArchive.damaged("the list of its members is damaged")
      }
      let nameEnd = place + 46 + list.number(2, at: place + 28)
      let extraEnd = nameEnd + list.number(2, at: place + 30)
      let end = extraEnd + list.number(2, at: place + 32)
      guard end <= list.count else {
        throw ZarrArchive.damaged("the list of its members is cut short")
      }
      // Names of a store are UTF-8: other members are none of its files.
      if let name = String(validating: list.slice(place + 46..<nameEnd), as: UTF8.self) {
        try add(name, list.slice(place..<nameEnd), list.slice(nameEnd..<extraEnd))
      }
      place = end
    }
  }

  /// Adds a member. If two have the same name, the later counts, as in Python.
  private func add(_ name: String, _ entry: Buffer<UInt8>, _ extra: Buffer<UInt8>) throws {
    if name.hasSuffix("/") { return addFolders(of: name) }
    var packed = entry.number(4, at: 20)
    var (count, offset) = (entry.number(4, at: 24), entry.number(4, at: 42))
    var place = 0
    while place + 4 <= extra.count {
      let (kind, size) = (extra.number(2, at: place), extra.number(2, at: place + 2))
      var field = place + 4
      place = field + size
      if kind != 1 || place > extra.count { continue }
      // Sizes that do not fit are here, in this order.
      func wide(_ value: Int) -> Int {
        guard value == 0xFFFF_FFFF, field + 8 <= place else { return value }
        defer { field += 8 }
        return extra.number(8, at: field)
      }
      count = wide(count)
      packed = wide(packed)
      offset = wide(offset)
    }
    let method = entry.number(2, at: 10)
    guard entry.number(2, at: 8) & 1 == 0 else {
      throw FormatFault(name, "is encrypted", "unpack the archive (unzip FILE) and name the folder")
    }
    guard method == 0 || method == 8 else {
      throw FormatFault(
        name, "is packed by method \(method) of zip, which is not supported",
        "unpack the archive (unzip FILE) and name the folder", kind: .missingLibrary)
    }
    guard packed >= 0, count >= 0, offset >= 0, offset <= byteCount, packed <= byteCount - offset,
      method == 8 || packed == count
    else { throw ZarrArchive.damaged("lies outside the archive", at: name) }
    members[name] = Member(
      offset: offset, packedCount: packed, count: count,
      crc: UInt32(truncatingIfNeeded: entry.number(4, at: 16)), isDeflated: method == 8)
    addFolders(of: name)
  }

  private func addFolders(of name: String) {
    var folder = ""
    for part in name.split(separator: "/").map(String.init).dropLast(name.hasSuffix("/") ? 0 : 1) {
      folderNames[folder, default: []].insert(part)
      folder = folder.isEmpty ? part : "\(folder)/\(part)"
    }
  }

  /// Many archives hold the store as their one folder (`zip -r x.zarr.zip x.zarr`).
  private func enterOnlyFolder() {
    let marks = ["zarr.json", ".zgroup", ".zarray"]
    guard !marks.contains(where: { members[$0] != nil }), let only = folderNames[""],
      only.count == 1,
      let folder = only.first, marks.contains(where: { members["\(folder)/\($0)"] != nil })
    else { return }
    let start = folder.count + 1
    members = members.reduce(into: [:]) { result, member in
      if member.key.hasPrefix("\(folder)/") {
        result[String(member.key.dropFirst(start))] = member.value
      }
    }
    folderNames = folderNames.reduce(into: [:]) { result, names in
      if names.key == folder { result[""] = names.value }
      if names.key.hasPrefix("\(folder)/") {
        result[String(names.key.dropFirst(start))] = names.value
      }
    }
  }

  // MARK: Members

  func folders(in key: String) throws -> [String] { (folderNames[key] ?? []).sorted() }

  func file(_ key: String) throws -> ZarrFile? {
    guard let member = members[key] else { return nil }
    return ZarrFile(count: member.count) { range in
      if member.isDeflated {
        let bytes = try self.inflated(member, key)
        if range.count == bytes.count { return bytes }
        // Numbers of several bytes ask for a beginning of their own.
        var part = Buffer<UInt8>(uninitializedCount: range.count)
        part.copy(range, of: bytes, to: 0)
        return part
      }
      let begin = try self.begin(of: member, key)
      let bytes = try self.file.buffer(begin + range.lowerBound..<begin + range.upperBound, at: key)
      if range.count == member.count { try self.check(bytes, member, key) }
      return bytes
    }
  }

  /// The position of a member's bytes, behind its own header.
  private func begin(of member: Member, _ key: String) throws -> Int {
    guard member.offset <= byteCount - 30 else {
      throw ZarrArchive.damaged("lies outside the archive", at: key)
    }
    let head = try file.buffer(member.offset..<member.offset + 30, at: key)
    let begin = member.offset + 30 + head.number(2, at: 26) + head.number(2, at: 28)
    guard head.number(4, at: 0) == 0x0403_4B50, begin <= byteCount - member.packedCount else {
      throw ZarrArchive.damaged("has no head where the list has it", at: key)
    }
    return begin
  }

  private func inflated(_ member: Member, _ key: String) throws -> Buffer<UInt8> {
    guard member.count <= budget else {
      throw FormatFault(
        key, "unpacks to \(member.count) bytes, which need more memory than allowed",
        "raise --max-memory", kind: .noMemory)
    }
    let begin = try begin(of: member, key)
    let packed = try file.buffer(begin..<begin + member.packedCount, at: key)
    do {
      let bytes = try ZarrCodec.inflated(packed, .bare, member.count, member.count)
      try check(bytes, member, key)
      return bytes
    } catch let fault as FormatFault where fault.place.isEmpty {
      throw FormatFault(
        key, fault.problem, "the archive is damaged: copy it again", kind: fault.kind)
    }
  }

  private func check(_ bytes: Buffer<UInt8>, _ member: Member, _ key: String) throws {
    guard bytes.count == member.count, crc32(bytes) == member.crc else {
      throw ZarrArchive.damaged("the checksum of the archive differs", at: key)
    }
  }
}

extension Buffer<UInt8> {
  /// The number in `count` bytes from `place` on, the least significant first; −1 for one that is
  /// too large.
  fileprivate func number(_ count: Int, at place: Int) -> Int {
    let bits = (0..<count).reduce(UInt64(0)) { $0 | UInt64(self[place + $1]) << (8 * UInt64($1)) }
    return Int(exactly: bits) ?? -1
  }
}
