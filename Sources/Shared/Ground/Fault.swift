/// An error of the user, the data or the system, reported in one line: the place, the error, the
/// remedy.
///
/// Every room has its own error type that conforms to it. Only the stages' `main` turns one into an
/// exit status.
package protocol Fault: Error, Sendable, CustomStringConvertible {
  /// The kind of exit status that it ends a stage with.
  var kind: FaultKind { get }
  /// `place: error; remedy`. The stage writes its name and the file's before it.
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
