// An output file before it gets its name. It is written without a name and made safe on the disk.
// Then it gets a hidden name beside its own, which the last step of a run renames. So nobody ever
// sees half of it, and nothing remains if the program ends early. On file systems without unnamed
// files, and for HDF5, it has the hidden name from the beginning.

import CLaunch
import Glibc
import Synchronization
import Tensors

/// A name that is removed with its owner, or when the program ends.
final class HiddenName {
  let name: String
  let folder: Descriptor
  private let slot: Int32
  private var isHeld = true
  /// The number of names that this process has tried.
  private static let count = Atomic(0)

  /// Lets `body` put a file under a free name in `folder`.
  init(
    in folder: Descriptor, beginning: String, _ body: (String) throws(SystemError) -> Void
  ) throws(SystemError) {
    self.folder = folder
    var attempt = 0
    while true {
      let number = HiddenName.count.wrappingAdd(1, ordering: .relaxed).oldValue
      let candidate = "\(beginning)-\(getpid())-\(number).tmp"
      // SAFETY: the name is copied. It is held before there is a file: no signal leaves one.
      let held = unsafe sc_temporary_hold(folder.number, candidate)
      do throws(SystemError) {
        try body(candidate)
        (name, slot) = (candidate, held)
        return
      } catch {
        sc_temporary_release(held)
        attempt += 1
        if error.code != EEXIST || attempt == 1000 { throw error }
      }
    }
  }

  deinit { remove() }

  /// Marks the name as no longer in use.
  func release() {
    isHeld = false
    sc_temporary_release(slot)
  }

  func remove() {
    guard isHeld else { return }
    FileSystem.remove(Path(name), in: folder)
    release()
  }

  /// The name for libraries, through the open folder if the system shows descriptors.
  func path(in folderPath: Path) -> String {
    let isShown = FileSystem.isReadable(Path(folder.path))
    return "\(isShown ? folder.path : folderPath.text ?? ".")/\(name)"
  }
}

/// A complete file that waits for its name, beside the one that it replaces.
final class StagedFile: StagedOutput {
  /// The path of the finished file.
  struct Place {
    let folder: Descriptor
    let folderPath: Path
    let name: Path
    /// The permissions of the file that is replaced.
    let mode: mode_t?
    /// The beginning of hidden names.
    let beginning: String

    /// Throws if the folder takes no file.
    func probe() throws(SystemError) {
      if unnamedFile() == nil { _ = try namedFile() }
    }

    fileprivate func unnamedFile() -> Descriptor? {
      let number = sc_unnamed_file(folder.number)
      return number >= 0 ? Descriptor(number) : nil
    }

    fileprivate func namedFile() throws(SystemError) -> (Descriptor, HiddenName) {
      var made: Descriptor?
      let name = try HiddenName(in: folder, beginning: beginning) { name throws(SystemError) in
        made = try Descriptor.open(
          Path(name), in: folder.number, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
      }
      guard let made else { throw SystemError(code: EIO) }
      return (made, name)
    }
  }

  private let place: Place
  private var file: Descriptor
  private var hidden: HiddenName?
  /// The former file, until all outputs have their names.
  private var old: HiddenName?
  private var isPublished = false

  /// Has `body` write it.
  init(_ place: Place, _ body: (FileSink) throws -> Void) throws {
    self.place = place
    if let unnamed = place.unnamedFile() {
      file = unnamed
    } else {
      (file, hidden) = try StagedFile.creating { () throws(SystemError) in try place.namedFile() }
    }
    try body(FileSink(file))
  }

  /// Lets `body` write it under a given name, for libraries that open files themselves.
  init(_ place: Place, namedFor body: (_ path: String) throws -> Void) throws {
    self.place = place
    let (made, name) = try StagedFile.creating { () throws(SystemError) in try place.namedFile() }
    (file, hidden) = (made, name)
    try body(name.path(in: place.folderPath))
    // A library may have put a new file under the name. The present file counts.
    file = try checked { () throws(SystemError) in
      try Descriptor.open(Path(name.name), in: place.folder.number, O_RDWR)
    }
  }

  static func creating<Result>(
    _ body: () throws(SystemError) -> Result
  ) throws -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      throw StageFault(
        .cannotCreate, "cannot create a file beside it: \(error.text); write elsewhere")
    }
  }

  func seal() throws {
    try checked { () throws(SystemError) in
      // Permission to run the old file does not extend to the new one.
      if let mode = place.mode { try file.setMode(mode & 0o777) }
      try file.synchronize()
    }
    if hidden == nil {
      hidden = try StagedFile.creating { () throws(SystemError) in
        try HiddenName(in: place.folder, beginning: place.beginning) { name throws(SystemError) in
          // SAFETY: the name ends with a zero byte.
          guard unsafe sc_name_file(file.number, place.folder.number, name) == 0 else {
            throw .last
          }
        }
      }
    }
    try checked { () throws(SystemError) in try file.close() }
  }

  /// Without hard links the former file cannot be restored.
  func keepOld() {
    old = try? HiddenName(in: place.folder, beginning: place.beginning) {
      name throws(SystemError) in
      try FileSystem.link(place.name, to: Path(name), in: place.folder)
    }
  }

  func publish() throws {
    guard let hidden else { preconditionFailure("a file without a hidden name") }
    try checked { () throws(SystemError) in
      try FileSystem.rename(Path(hidden.name), to: place.name, in: place.folder)
    }
    hidden.release()
    isPublished = true
  }

  func synchronizeFolder() throws {
    try checked { () throws(SystemError) in try place.folder.synchronize() }
  }

  func withdraw() {
    guard isPublished else { return }
    if let old {
      do throws(SystemError) {
        try FileSystem.rename(Path(old.name), to: place.name, in: place.folder)
        old.release()
      } catch {
        return  // the new file stays, whole
      }
    } else if place.mode == nil {
      FileSystem.remove(place.name, in: place.folder)
    }
  }

  func forgetOld() { old = nil }
}

/// Turns the system's error into a fault.
func checked<Result>(_ body: () throws(SystemError) -> Result) throws -> Result {
  do throws(SystemError) {
    return try body()
  } catch {
    throw FileSink.fault(of: error, after: 0)
  }
}
