import CHDF5
import Glibc
import Ground
import Tensors

/// An open HDF5 file. Objects of it keep it open.
package final class HDF5File: StoredTree {
  let identifier: HDF5Identifier
  /// Its size on disk; a dataset is refused if it claims far more than this can unpack to.
  let byteCount: Int
  /// Whether AnnData 0.7 must be able to read the output.
  let isForAnnData07: Bool

  /// Opens a file to read it.
  init(reading path: String, options: ReadingOptions) throws {
    let status = try FileStatus(reading: path)
    byteCount = status.size
    isForAnnData07 = false
    let budget = StoredTree.budget(options)
    let raw = try HDF5File.open(path, status, budget: budget)
    if raw < 0 { throw HDF5File.openingFault(HDF5Library.lastMessage) }
    identifier = try HDF5Identifier(raw, at: "")
    super.init(options: options, memoryBudget: budget)
  }

  /// The library asks for a path to the file. A file without a path goes to it as an image in
  /// memory.
  private static func open(_ path: String, _ status: FileStatus, budget: Int) throws -> hid_t {
    if status.hasName {
      // SAFETY: the name is passed as a text that ends with a zero byte.
      return unsafe H5Fopen(path, sc_read_only(), sc_default())
    }
    // Two copies: this one and the library's.
    guard status.size <= budget / 2 else {
      throw FormatFault(
        "", "\(status.size) bytes of HDF5 from a pipe need more memory than allowed",
        "give the file's name", kind: .noMemory)
    }
    let descriptor = try Descriptor.reading(path)
    var image = Buffer<UInt8>(uninitializedCount: status.size)
    var filled = 0
    while filled < image.count {
      let got = try descriptor.fill(&image, from: filled)
      if got == 0 { throw FormatFault("", "the file became shorter while it was read") }
      filled += got
    }
    // SAFETY: the call copies the image, which holds as many bytes as it gets.
    return unsafe sc_hdf5_open_image(image.mutablePointer(), image.count)
  }

  /// Creates a file, or empties an existing one. `userBlock` bytes at its start (0, 512, 1024, …)
  /// are left to others.
  package init(creating path: String, userBlock: Int = 0, isForAnnData07: Bool = false) throws {
    byteCount = .max
    self.isForAnnData07 = isForAnnData07
    let plan = try HDF5Identifier(H5Pcreate(sc_property_list_for_file_creation()), at: "")
    if userBlock > 0 { try written(H5Pset_userblock(plan.raw, hsize_t(userBlock)), at: "") }
    // SAFETY: the name is passed as a text that ends with a zero byte.
    let raw = unsafe H5Fcreate(path, sc_truncate(), plan.raw, sc_default())
    guard raw >= 0 else {
      let reason = HDF5Library.lastReason
      throw FormatFault(
        "", "the file cannot be created: \(reason)",
        reason.contains(SystemError(code: EMFILE).text)
          ? "raise the limit (ulimit -n)" : "check the folder and its permissions",
        kind: .cannotCreate)
    }
    identifier = try HDF5Identifier(raw, at: "")
    super.init(options: ReadingOptions(), memoryBudget: .max)
  }

  /// The root, which contains every object of the file.
  package var root: HDF5Group {
    get throws {
      // SAFETY: the name is passed as a text that ends with a zero byte.
      let root = unsafe try HDF5Identifier(H5Oopen(identifier.raw, "/", sc_default()), at: "/")
      return HDF5Group(file: self, identifier: root, path: "")
    }
  }

  /// Writes everything to disk; throws if that fails.
  package func flush() throws {
    guard H5Fflush(identifier.raw, H5F_SCOPE_GLOBAL) >= 0 else {
      throw FormatFault.writing("", HDF5Library.lastReason)
    }
  }

  /// Closes the file; throws if unwritten data could not be written. No object of it may be used
  /// afterwards.
  package func close() throws {
    guard identifier.closeFile() else { throw FormatFault.writing("", HDF5Library.lastReason) }
    if let reason = HDF5Library.takeFailedRelease() { throw FormatFault.writing("", reason) }
  }

  private static func openingFault(_ message: String) -> FormatFault {
    if message.contains("lock file") {
      return FormatFault("", "another program is writing the file", "try again", kind: .busy)
    }
    return HDF5Library.failure(
      at: "",
      "the file may be cut short, or written for a newer HDF5 than \(HDF5Identifier.version)")
  }
}
