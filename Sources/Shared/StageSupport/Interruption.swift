import CLaunch
import Glibc

/// A request from outside during a long run.
package enum Interruption: Sendable, Equatable {
  /// SIGUSR1: write a checkpoint and continue.
  case checkpoint
  /// SIGINT or SIGTERM: write the checkpoint, then `Interruption.end(bySignal:)`.
  case stop(signal: Int32)

  /// From now on SIGUSR1 waits until it is read, and does not end the stage.
  package static func beginListening() { sc_interruption_listen() }

  /// From now on the first SIGINT or SIGTERM waits until it is read. A second one ends the stage at
  /// once.
  package static func beginDeferring() { sc_interruption_defer() }

  /// From now on SIGINT and SIGTERM end the stage at once again. One that waits ends it now.
  package static func endDeferring() { sc_interruption_allow() }

  /// The request since the last call; a stop stays. The call is cheap enough for every step of a
  /// training.
  package static func take() -> Interruption? {
    switch sc_interruption_take() {
    case 0: nil
    case SIGUSR1: .checkpoint
    case let signal: .stop(signal: signal)
    }
  }

  /// Ends the stage by that signal, as its caller expects, and removes temporary files.
  package static func end(bySignal signal: Int32) -> Never { sc_end_by_signal(signal) }
}
