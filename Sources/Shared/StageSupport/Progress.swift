import ArgumentParser
import Synchronization
import Tensors

/// When to draw the progress bar.
package enum ProgressMode: String, CaseIterable, ExpressibleByArgument, Sendable {
  case auto, always, never
}

/// A bar with the rate and the time left, on a terminal's standard error; ten times a second at
/// most.
package final class Progress: Sendable {
  private struct State {
    /// When the bar began, and how much was done then. A resumed run has done some of the work.
    var began = 0.0
    var first = 0
    var drawn = 0.0
    var last = -1
    /// What every part of the work has done, if there are several.
    var parts: [Int: Int] = [:]
    /// The finished parts, some of them early.
    var finished: Set<Int> = []
  }

  private let log: Log
  private let isShown: Bool
  private let state = Mutex(State())

  package init(mode: ProgressMode, log: Log) {
    self.log = log
    isShown =
      switch mode {
      case .auto:
        log.level != .quiet && log.format == .text && Descriptor.standardError.isTerminal
      case .always: log.format == .text
      case .never: false
      }
  }

  /// The same of one of several parts of as many steps, which may run at the same time.
  ///
  /// - Parameter costs: what a step of each part costs, in any unit.
  package func update(
    part: Int, costs: [Double], done: Int, total: Int, note: String = ""
  ) {
    guard isShown else { return }
    let sum = state.withLock { state in
      state.parts[part] = done
      for part in state.finished { state.parts[part] = total }
      return Progress.sum(of: state.parts, costs: costs)
    }
    update(done: sum, total: total * costs.count, note: note)
  }

  /// The steps of all parts together, each weighed by its cost; all steps of all parts are as many
  /// as there are.
  package static func sum(of parts: [Int: Int], costs: [Double]) -> Int {
    let mean = costs.reduce(0, +) / Double(costs.count)
    return Int(parts.reduce(0) { $0 + Double($1.value) * costs[$1.key] / mean }.rounded())
  }

  /// A part is over, perhaps before its last step.
  package func finish(part: Int) {
    state.withLock { _ = $0.finished.insert(part) }
  }

  /// Shows that `done` of `total` is done; `note` follows the figures. A smaller `done` than before
  /// begins a new bar.
  package func update(done: Int, total: Int, note: String = "") {
    guard isShown, total > 0 else { return }
    let now = ProcessEnvironment.seconds
    let since: (first: Int, elapsed: Double)? = state.withLock { state in
      if done < state.last || state.last < 0 { (state.began, state.first) = (now, done) }
      state.last = done
      guard done >= total || now - state.drawn >= 0.1 else { return nil }
      state.drawn = now
      return (state.first, now - state.began)
    }
    guard let (first, elapsed) = since else { return }
    log.bar(Progress.line(done: done, total: total, first: first, elapsed: elapsed, note: note))
  }

  /// Removes the bar.
  package func finish() {
    guard isShown else { return }
    state.withLock { $0 = State() }
    log.bar(nil)
  }

  /// `[#####...............] 25 % 50/200 12.5/s 12 s left  note`, in 79 columns at most.
  ///
  /// `elapsed` seconds ago `first` of `total` were done. Steps that take longer than a second show
  /// their seconds: `2.5 s each`.
  package static func line(done: Int, total: Int, first: Int, elapsed: Double, note: String)
    -> String
  {
    let share = min(1, Double(done) / Double(total))
    let filled = Int(share * 20)
    var text = "[" + String(repeating: "#", count: filled)
    text += String(repeating: ".", count: 20 - filled) + "] \(Int(share * 100)) % \(done)/\(total)"
    if elapsed > 0.5 && done > first {
      let rate = Double(done - first) / elapsed
      let pace = rate < 1 ? "\(short(1 / rate)) s each" : "\(short(rate))/s"
      text += " \(pace) \(duration(Double(max(0, total - done)) / rate)) left"
    }
    if !note.isEmpty { text += "  \(note.printable)" }
    return String(text.prefix(79))
  }

  private static func short(_ value: Double) -> String {
    value >= 100 ? String(Int(min(value, 1e15))) : String((value * 10).rounded() / 10)
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
