// AnnData, MuData and similar formats are trees of groups, arrays and attributes, in HDF5 files and
// in zarr stores alike. The readers and writers of this room know only the protocols of this
// folder. The calls are coarse (a block of an array, a list of texts), so that they may go through
// existentials.

import Glibc
import Ground
import Tensors

/// An open file or store, and the messages about it.
package class StoredTree {
  /// The bytes that one array may take.
  let memoryBudget: Int
  let options: ReadingOptions
  /// What of the user's was left out so far, with the reason.
  private var omissions: [String] = []

  init(options: ReadingOptions, memoryBudget: Int) {
    self.options = options
    self.memoryBudget = memoryBudget
  }

  /// The budget of the options, or the machine's memory if that is less.
  static func budget(_ options: ReadingOptions) -> Int {
    min(options.memoryBudget, physicalMemory)
  }

  private static let physicalMemory: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? pages * size : .max
  }()

  /// Reports a detail for users who asked for details.
  func note(_ text: String) { options.note?(text) }

  /// Reports what concerns every user.
  func announce(_ text: String) { options.announce?(text) }

  /// Reports how much of a matrix has been read.
  func progress(_ done: Int, _ total: Int) { options.progress?(done, total) }

  /// Remembers that a part of the user's is left out, and reports the reason on request.
  func omit(_ place: String, _ reason: String) {
    note("\(place): \(reason), left out")
    omissions.append("\(place) (\(reason))")
  }

  /// Reports in one line what was left out.
  func announceOmissions() {
    guard !omissions.isEmpty else { return }
    let more = omissions.count > 8 ? " and \(omissions.count - 8) more (--verbose names all)" : ""
    announce("left out: \(omissions.prefix(8).joined(separator: ", "))\(more)")
    omissions = []
  }
}

extension FormatFault {
  /// A write that failed.
  static func writing(_ place: String, _ reason: String) -> FormatFault {
    FormatFault(
      place, "writing failed: \(reason)",
      reason.contains(SystemError(code: EFBIG).text)
        ? "raise the limit (ulimit -f)" : "check the space on the disk", kind: .inputOutput)
  }
}
