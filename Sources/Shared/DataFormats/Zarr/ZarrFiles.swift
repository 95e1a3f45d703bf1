import Glibc
import Tensors

/// The source of a store's files: a folder or a zip archive.
protocol ZarrFiles: AnyObject {
  /// The file of that name (a path from the root of the store); nil if there is none.
  func file(_ key: String) throws -> ZarrFile?
  /// The names of the folders in a folder, sorted.
  func folders(in key: String) throws -> [String]
}

/// A file of a store, open to be read.
struct ZarrFile {
  let count: Int
  /// The bytes of a range inside it.
  let read: (Range<Int>) throws -> Buffer<UInt8>

  /// All bytes.
  func contents() throws -> Buffer<UInt8> { try read(0..<count) }
}

/// A store in a folder. Links in it are not followed: they could lead anywhere.
final class ZarrFolder: ZarrFiles {
  private let path: String
  /// The folders that are known to be no links.
  private var known: Set<String> = [""]

  init(_ path: String) { self.path = path }

  private func path(_ key: String) -> String { key.isEmpty ? path : "\(path)/\(key)" }

  /// The status of a name; nil if there is nothing.
  private func status(_ key: String) throws -> FileStatus? {
    let status: FileStatus
    do throws(SystemError) {
      status = try FileStatus(name: Array(path(key).utf8), followingLinks: false)
    } catch {
      // A name that is too long for a file is the name of none.
      if [ENOENT, ENOTDIR, ENAMETOOLONG].contains(error.code) { return nil }
      throw FormatFault(
        key, "cannot be read: \(error.text)", "check the disk and the permissions",
        kind: .inputOutput)
    }
    if status.isLink {
      throw FormatFault(
        key, "a symbolic link, which could point outside the store", "copy the data into its place")
    }
    return status
  }

  /// Whether there is a folder of that name, below folders that are no links.
  private func holds(folder key: String) throws -> Bool {
    if known.contains(key) { return true }
    if let slash = key.lastIndex(of: "/"), try !holds(folder: String(key[..<slash])) {
      return false
    }
    guard try status(key)?.isDirectory == true else { return false }
    known.insert(key)
    return true
  }

  func file(_ key: String) throws -> ZarrFile? {
    if let slash = key.lastIndex(of: "/"), try !holds(folder: String(key[..<slash])) {
      return nil
    }
    guard let status = try status(key) else { return nil }
    guard status.isRegular else {
      throw FormatFault(key, "is no file", "the store is damaged: copy it again")
    }
    let file = try Descriptor.reading(path(key))
    return ZarrFile(count: status.size) { try file.buffer($0, at: key) }
  }

  func folders(in key: String) throws -> [String] {
    guard try holds(folder: key) else { return [] }
    return try FileStatus.names(inDirectory: path(key), hidden: true).filter { name in
      try status(key.isEmpty ? name : "\(key)/\(name)")?.isDirectory == true
    }
  }

  /// All files of a folder and of those in it, links left out, as paths.
  static func all(in path: String, depth: Int = 0) throws -> [String] {
    guard depth < 64 else { return [] }
    var result: [String] = []
    for name in try FileStatus.names(inDirectory: path, hidden: true) {
      let full = "\(path)/\(name)"
      guard let status = try? FileStatus(name: Array(full.utf8), followingLinks: false) else {
        continue
      }
      if status.isRegular { result.append(full) }
      if status.isDirectory { result += try all(in: full, depth: depth + 1) }
    }
    return result
  }
}
