// All calls of libhdf5 go through the files of this folder. The library follows external links,
// loads plug-ins and prints its errors. Here one lock guards it, and links out of the file and
// plug-ins are switched off. The last message is kept for the fault that is thrown.

import CHDF5
import CLZF
import Synchronization
import Tensors

/// The one library behind all `.h5` files.
package enum HDF5Library {
  private static let lock = Mutex<Bool>(false)
  /// Why something could not be closed, and so not written, since the last query of this value.
  private static let failedRelease = Mutex<String?>(nil)

  /// Runs `body` with exclusive access to the library; no HDF5 object may outlive it. Calls must
  /// not be nested.
  package static func exclusively<Result>(_ body: () throws -> sending Result) throws -> Result {
    try lock.withLock { isPrepared in
      if !isPrepared {
        guard sc_hdf5_prepare() >= 0, lzf_register_filter() >= 0 else {
          throw FormatFault(
            "", "libhdf5 cannot be set up: \(lastMessage)", "check the installation of HDF5",
            kind: .missingLibrary)
        }
        isPrepared = true
      }
      sc_hdf5_silence()
      _ = takeFailedRelease()
      crash_guard_enter()
      defer { crash_guard_leave() }
      return try body()
    }
  }

  /// Remembers the library's complaint for a place that can throw.
  static func noteFailedRelease() {
    let reason = lastReason
    failedRelease.withLock { $0 = $0 ?? reason }
  }

  /// The first complaint of a release, which is then forgotten.
  static func takeFailedRelease() -> String? {
    failedRelease.withLock { reason in
      defer { reason = nil }
      return reason
    }
  }

  /// What the library last complained about.
  static var lastMessage: String {
    // SAFETY: the buffer is as long as the function gets, and the text in it ends with a zero byte.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
      guard let base = text.baseAddress else { return "" }
      unsafe sc_hdf5_last_error(base, 256)
      let message = unsafe String(cString: base)
      return message.isEmpty ? "no reason given" : message
    }
  }

  /// The fault of a call that has just failed: the system's if the file could not be read, else the
  /// file's.
  static func failure(at place: String, _ advice: @autoclosure () -> String) -> FormatFault {
    let message = lastMessage
    guard let reason = systemReason(in: message) else {
      return FormatFault(place, "HDF5 reports: \(message)", advice())
    }
    return FormatFault(
      place, "cannot be read: \(reason)", "check the device and try again", kind: .inputOutput)
  }

  /// The last complaint in the fewest words.
  static var lastReason: String {
    let message = lastMessage
    return systemReason(in: message) ?? message
  }
}

/// The system's reason in a message of the library's file layer, which has times and addresses
/// around it.
private func systemReason(in message: String) -> String? {
  let parts = message.split(separator: "error message = '", maxSplits: 1)
  return parts.count == 2 ? String(parts[1].prefix { $0 != "'" }) : nil
}

/// An identifier of the library, released with its last owner.
package final class HDF5Identifier {
  let raw: hid_t
  private var isOpen = true

  /// Takes ownership of `raw`; a negative one is the library's sign of failure.
  init(_ raw: hid_t, at place: @autoclosure () -> String) throws {
    guard raw >= 0 else {
      throw HDF5Library.failure(
        at: place(),
        "the file may be damaged, or written for a newer HDF5 than \(HDF5Identifier.version)")
    }
    self.raw = raw
  }

  // A closed object may have unwritten data.
  deinit { if isOpen && H5Idec_ref(raw) < 0 { HDF5Library.noteFailedRelease() } }

  /// Closes a file now, and returns whether that succeeded.
  func closeFile() -> Bool {
    isOpen = false
    return H5Fclose(raw) >= 0
  }

  /// The version of the library in use.
  static var version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    unsafe H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }
}

/// Throws if a call failed.
@discardableResult
func checked(_ status: some SignedInteger, at place: @autoclosure () -> String) throws -> Int {
  guard status >= 0 else {
    throw HDF5Library.failure(at: place(), "the file may be damaged")
  }
  return Int(status)
}
