import Glibc
import Tensors

/// The system's words for an error number.
func message(ofError code: Int32) -> String {
  // SAFETY: strerror returns a valid string for every number; it is copied at once.
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}

/// The size of a regular file; nil for pipes, terminals, sockets, folders.
func regularFileSize(_ descriptor: Int32) throws -> Int? {
  var status = stat()
  // SAFETY: `status` is ours for the duration of the call.
  if unsafe fstat(descriptor, &status) != 0 {
    throw StreamFault.system("fstat", errno: errno, at: 0)
  }
  return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
}

/// Whether the next byte to be read is the file's first.
func isAtStart(_ descriptor: Int32) -> Bool { lseek(descriptor, 0, SEEK_CUR) == 0 }

/// Waits until a non-blocking descriptor can be read (`POLLIN`) or written (`POLLOUT`).
func awaitReadiness(_ descriptor: Int32, for events: Int32) {
  var request = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
  // SAFETY: one request, ours for the duration of the call.
  _ = unsafe poll(&request, 1, -1)
}
