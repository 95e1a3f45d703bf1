/// Something that the user, the data or the system did, reported in one line: where it is, what is
/// wrong, what to do.
///
/// Every room has its own error type that conforms; only the stages' `main` turns one into an exit
/// status.
package protocol Fault: Error, Sendable, CustomStringConvertible {
  /// Which exit status it ends a stage with.
  var kind: FaultKind { get }
  /// `place: what is wrong; what to do`. The stage puts its own name and the file's before it.
  var description: String { get }
}

/// The documented exit statuses.
package enum FaultKind: Int32, Sendable {
  case usage = 64
  case badData = 65
  case noInput = 66
  case missingLibrary = 69
  case internalError = 70
  case noMemory = 71
  case cannotCreate = 73
  case inputOutput = 74
  case busy = 75
}
