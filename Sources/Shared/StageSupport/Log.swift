// The messages of a stage on standard error: lines for people, or one JSON object a line for
// machines. A message that cannot be written there is lost.

import ArgumentParser
import Synchronization
import Tensors

/// The two ways to write the log.
package enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case text, json }

/// The log of one stage.
package final class Log: Sendable {
  package enum Level: Int, Sendable { case quiet, normal, verbose }

  package let stage: String
  package let level: Level
  package let format: LogFormat
  private let started = ProcessEnvironment.seconds
  /// Whether a progress bar is on the terminal's last line.
  private let barStands = Mutex(false)

  package init(stage: String, level: Level, format: LogFormat) {
    self.stage = stage
    self.level = level
    self.format = format
  }

  /// Seconds since the stage began.
  package var seconds: Double { ProcessEnvironment.seconds - started }

  /// Reports what users want to know of every run; silent with --quiet.
  package func note(_ message: String) { say("note", message, from: .normal) }

  /// Reports what users should check; silent with --quiet.
  package func warning(_ message: String) { say("warning", message, from: .normal) }

  /// Reports what helps to understand a run; only with --verbose.
  package func detail(_ message: String) { say("detail", message, from: .verbose) }

  /// Something with figures, such as an epoch with its losses. As text:
  /// `sc-pretrain: epoch 3: total 0.51, zinb 0.42`, where `text` is what follows the stage's name.
  package func event(
    _ name: String, _ fields: [(key: String, value: JSONValue)], text: @autoclosure () -> String,
    level minimum: Level = .normal
  ) {
    guard level.rawValue >= minimum.rawValue else { return }
    switch format {
    case .text: line("\(stage): \(text().printable)")
    case .json: line(jsonLine(name, fields))
    }
  }

  /// Reports why the run failed, even with --quiet.
  func failure(_ message: String, status: Int32) { line(failureLine(message, status: status)) }

  /// The line for a failed run, without its end.
  func failureLine(_ message: String, status: Int32) -> String {
    let message = message.printable
    switch format {
    case .text: return "\(stage): \(message)"
    case .json:
      return jsonLine("error", [("message", .string(message)), ("status", .integer(Int(status)))])
    }
  }

  /// Reports wrong usage, and below it, for people, the right usage.
  func usage(_ message: String, help: String) {
    let message = oneLine(message)
    guard format == .text else { return failure(message, status: 64) }
    let below = help.split(separator: "\n").drop {
      !$0.hasPrefix("Usage:") && !$0.hasPrefix("Help:")
    }
    line("\(stage): \(message.printable)")
    for text in below { line(String(text).printable) }
  }

  /// The parser's message in one line. It lists many values in lines of their own.
  private func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.drop { $0 == " " } }
    let text = lines.filter { !$0.hasPrefix("- ") }.joined(separator: " ")
    let values = lines.filter { $0.hasPrefix("- ") }.map { $0.dropFirst(2) }
    return values.isEmpty ? text : "\(text) \(values.joined(separator: ", "))."
  }

  private func say(_ name: String, _ message: String, from minimum: Level) {
    event(
      name, [("message", .string(message))],
      text: name == "warning" ? "warning: \(message)" : message, level: minimum)
  }

  private func jsonLine(_ name: String, _ fields: [(key: String, value: JSONValue)]) -> String {
    let rounded = (seconds * 1000).rounded() / 1000
    let head: [(key: String, value: JSONValue)] = [
      ("event", .string(name)), ("stage", .string(stage)),
    ]
    return JSONValue.object(head + fields + [("seconds", .number(rounded))]).text.printableJSON
  }

  private func line(_ text: String) {
    barStands.withLock { stands in
      Log.put((stands ? "\r\u{1B}[K" : "") + text + "\n")
      stands = false
    }
  }

  /// Draws the progress bar over the last one; nil removes it.
  func bar(_ text: String?) {
    barStands.withLock { stands in
      if let text { Log.put("\r\(text)\u{1B}[K") } else if stands { Log.put("\r\u{1B}[K") }
      stands = text != nil
    }
  }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    // SAFETY: bytes seen as bytes.
    try? unsafe Descriptor.standardError.write(bytes.span.bytes)
  }
}
