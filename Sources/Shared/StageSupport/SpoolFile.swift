import CLaunch
import Glibc
import Tensors

/// A file for the output of a library that writes only to files, if a pipe or a device is to get
/// it.
///
/// It has a name in TMPDIR (else /tmp), because HDF5 asks for one. It is removed with its owner or
/// with the program.
final class SpoolFile {
  /// Its name for libraries.
  let path: String
  private let name: HiddenName

  init() throws {
    let place = ProcessEnvironment.temporaryFolder
    do throws(SystemError) {
      let folder = try Descriptor.open(Path(place), O_RDONLY | O_DIRECTORY)
      name = try HiddenName(in: folder, beginning: "sc") { name throws(SystemError) in
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
        _ = try Descriptor.open(Path(name), in: folder.number, flags, mode: 0o600)
      }
      path = "\(place)/\(name.name)"
    } catch {
      throw StageFault(
        .cannotCreate,
        "cannot create a temporary file: \(error.text); set TMPDIR to another folder",
        in: Path(place).description)
    }
  }
}
