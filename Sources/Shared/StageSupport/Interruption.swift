import CLaunch
import Glibc

/// Asked for from outside while a long run goes on.
package enum Interruption: Sendable, Equatable {
  /// SIGUSR1: write a checkpoint and go on.
  case checkpoint
  /// SIGINT or SIGTERM: write the checkpoint, then `Interruption.end(bySignal:)`.
  case stop(signal: Int32)

  /// From now on SIGUSR1 waits to be taken, instead of ending the stage.
  package static func beginListening() { sc_interruption_listen() }

  /// From now on the first SIGINT or SIGTERM waits to be taken; a second one ends the stage at
  /// once.
  package static func beginDeferring() { sc_interruption_defer() }

  /// From now on SIGINT and SIGTERM end the stage at once again, one that waits for it now.
  package static func endDeferring() { sc_interruption_allow() }

  /// What was asked for since the last call; a stop stays. Cheap enough for every step of a
  /// training.
  package static func take() -> Interruption? {
    switch sc_interruption_take() {
    case 0: nil
    case SIGUSR1: .checkpoint
    case let signal: .stop(signal: signal)
    }
  }

  /// Ends the stage by that signal, as its caller expects; no temporary file stays.
  package static func end(bySignal signal: Int32) -> Never { sc_end_by_signal(signal) }
}
