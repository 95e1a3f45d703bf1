import CLaunch
import DataFormats
import Glibc
import Tensors

/// A file or folder that waits for its name until all outputs of a run are complete.
protocol StagedOutput: AnyObject {
  /// Makes it safe on the disk, with its permissions and a hidden name.
  func seal() throws
  /// Keeps the former file or folder under a hidden name, if that is possible.
  func keepOld()
  /// Gives it its name.
  func publish() throws
  /// Makes the names of its folder safe on the disk.
  func synchronizeFolder() throws
  /// Restores the former file or folder.
  func withdraw()
  /// Removes the former file or folder.
  func forgetOld()
}

/// A complete folder that waits for its name. It exchanges names with a former folder, in one step
/// if the file system can. The former folder is removed once all outputs have their names.
final class StagedFolder: StagedOutput {
  private let place: StagedFile.Place
  private let hidden: HiddenName
  private var isExchanged = false
  private var isPublished = false

  /// Lets `body` fill it.
  init(_ place: StagedFile.Place, _ body: (_ path: String) throws -> Void) throws {
    self.place = place
    hidden = try StagedFile.creating { () throws(SystemError) in
      try HiddenName(in: place.folder, beginning: place.beginning) { name throws(SystemError) in
        try FileSystem.makeFolder(Path(name), in: place.folder)
      }
    }
    try body(hidden.path(in: place.folderPath))
  }

  func seal() throws {
    try checked { () throws(SystemError) in
      let folder = try Descriptor.open(
        Path(hidden.name), in: place.folder.number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      if let mode = place.mode { try folder.setMode(mode & 0o777) }
      if sc_synchronize_all(folder.number) != 0 { throw .last }
    }
  }

  func keepOld() {}

  func publish() throws {
    try checked { () throws(SystemError) in
      do throws(SystemError) {
        try FileSystem.rename(Path(hidden.name), to: place.name, in: place.folder)
        hidden.release()
      } catch {
        // A rename replaces only an empty folder. A store may have appeared while this one was
        // written.
        guard error.code == ENOTEMPTY || error.code == EEXIST, isReplaceable else { throw error }
        try FileSystem.exchange(Path(hidden.name), place.name, in: place.folder)
        isExchanged = true
      }
    }
    isPublished = true
  }

  /// Whether a store is there now, from before the work or since.
  private var isReplaceable: Bool {
    let name = place.name.text ?? ""
    return place.mode != nil
      || DataFormats.isReplaceable(folder: "\(place.folder.path)/\(name)")
  }

  func synchronizeFolder() throws {
    try checked { () throws(SystemError) in try place.folder.synchronize() }
  }

  func withdraw() {
    guard isPublished else { return }
    if isExchanged {
      // If that fails, the new folder stays, whole.
      try? FileSystem.exchange(Path(hidden.name), place.name, in: place.folder)
    } else if place.mode == nil {
      FileSystem.remove(place.name, in: place.folder)
    }
  }

  func forgetOld() { hidden.remove() }
}
