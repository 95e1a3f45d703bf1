// A tensor stream in a file is not copied: tensors are views of its mapping. A program that
// overwrites the file in place, such as cp, changes them during a run. Later results are then
// worthless, and the run ends with a fault of the file.

import CLaunch
import Glibc
import TensorStream
import Tensors

/// A file that is mapped while a stage works.
struct MappedInput: Sendable {
  let name: String
  let file: Descriptor
  /// The status of the file when it was read.
  let status: FileStatus
  /// The checksum of its contents; nil if they were not verified.
  var crc: String?

  /// Whether its contents have changed. A new time alone, as touch gives, is no change.
  var isChanged: Bool {
    guard let now = try? file.status(), now.isChanged(since: status) else { return false }
    guard now.size == status.size, let crc, lseek(file.number, 0, SEEK_SET) == 0 else {
      return true
    }
    return (try? TensorStream.read(descriptor: file.number))?.headerCRC != crc
  }
}

/// The message about such a file.
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
  /// From now on a crash after a change of the file is its fault. Returns its index among the
  /// watched files; nil if they are too many.
  func watch(_ input: MappedInput) -> Int? {
    guard sc_input_watch(input.file.number) else { return nil }
    return mappedInputs.withLock {
      $0.append(input)
      return $0.count - 1
    }
  }

  /// Throws kind `inputOutput` if a file that the result depends on has changed.
  func requireUnchangedInputs() throws {
    for input in mappedInputs.withLock({ $0 }) where input.isChanged {
      throw StageFault(.inputOutput, changedWhileInUse, in: input.name)
    }
  }
}
