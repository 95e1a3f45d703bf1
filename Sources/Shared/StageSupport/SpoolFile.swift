import CLaunch
import Glibc
import Tensors

/// A file for what must be one but is none: what a library writes to files only, on its way to a pipe or a device.
///
/// It stands in TMPDIR (else /tmp) under a name, because HDF5 asks for one, and goes with its owner or with the program.
final class SpoolFile {
  let file: Descriptor
  /// Its name for libraries.
  let path: String
  private let folder: Descriptor

  init() throws {
    let place = ProcessEnvironment.variable("TMPDIR") ?? "/tmp"
    do throws(SystemError) {
      folder = try Descriptor.open(Path(place), O_RDONLY | O_DIRECTORY)
      var attempt = 0
      while true {
        let name = "sc-\(getpid())-\(attempt).tmp"
        if let made = try SpoolFile.create(name, in: folder) {
          file = made
          path = "\(place)/\(name)"
          return
        }
        attempt += 1
      }
    } catch {
      throw StageFault(
        .cannotCreate,
        "cannot create a temporary file: \(error.text); set TMPDIR to another folder",
        in: Path(place).description)
    }
  }

  deinit { sc_temporary_remove() }

  /// A new file, or nil if the name is taken.
  private static func create(
    _ name: String, in folder: Descriptor
  ) throws(SystemError) -> Descriptor? {
    do throws(SystemError) {
      let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
      let file = try Descriptor.open(Path(name), in: folder.number, flags, mode: 0o600)
      // SAFETY: the name is copied.
      unsafe sc_temporary_hold(folder.number, name)
      return file
    } catch {
      if error.code == EEXIST { return nil }
      throw error
    }
  }
}
