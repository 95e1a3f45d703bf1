// A tensor stream in a file is not copied: tensors rest on its mapping. Whoever overwrites the file
// in place, as cp does and our programs do not, changes them under a run. What was computed since
// is worth nothing, and no bug of ours.

import CLaunch
import Glibc
import TensorStream
import Tensors

/// A file that is mapped while a stage works.
struct MappedInput: Sendable {
  let name: String
  let file: Descriptor
  /// As it was when it was read.
  let status: FileStatus
  /// What names its contents; nil where they were not verified.
  var crc: String?

  /// Whether its contents are others. A new time alone, as touch gives, is no change.
  var isChanged: Bool {
    guard let now = try? file.status(), now.isChanged(since: status) else { return false }
    guard now.size == status.size, let crc, lseek(file.number, 0, SEEK_SET) == 0 else {
      return true
    }
    return (try? TensorStream.read(descriptor: file.number))?.headerCRC != crc
  }
}

/// What is said of such a file.
let changedWhileInUse =
  "was changed or cut short while it was in use; let its writer finish, then run this again"

extension FileStatus {
  /// Whether the size or the time of the last change is another.
  func isChanged(since before: FileStatus) -> Bool {
    size != before.size || changed.tv_sec != before.changed.tv_sec
      || changed.tv_nsec != before.changed.tv_nsec
  }
}

extension Stage {
  /// From now on a crash after a change of the file is its fault. Returns its place among those
  /// watched; nil where they are too many.
  func watch(_ input: MappedInput) -> Int? {
    guard sc_input_watch(input.file.number) else { return nil }
    return mappedInputs.withLock {
      $0.append(input)
      return $0.count - 1
    }
  }

  /// Throws kind `inputOutput` where a file that the result rests on was changed.
  func requireUnchangedInputs() throws {
    for input in mappedInputs.withLock({ $0 }) where input.isChanged {
      throw StageFault(.inputOutput, changedWhileInUse, in: input.name)
    }
  }
}
