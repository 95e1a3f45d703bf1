// The entry of all stages. Only here do errors become exit statuses.

import ArgumentParser
import CLaunch
import Glibc
import Tensors

/// A program of the pipeline. To add one:
/// 1. a struct with `@main` that conforms, in Sources/sc-NAME, with a
///    `static let configuration = CommandConfiguration(stage: …)`,
/// 2. its options, and the shared groups with @OptionGroup,
/// 3. `files`: each with the option that names it,
/// 4. `run(in:)`: `stage.open`, one call of a library, `stage.save`.
package protocol StageCommand: ParsableCommand, DeclaredOptions {
  /// Whether the stage multiplies matrices. If so, it reserves OpenBLAS's work space before
  /// anything else.
  static var multipliesMatrices: Bool { get }

  /// Whether this run multiplies matrices, if that depends on options.
  var multipliesMatrices: Bool { get }

  /// Today's name of each option that had another one in the version before, both without dashes.
  static var formerOptions: [String: String] { get }

  /// The options that `-h` shows, without dashes: the most used ones that fit on a screen.
  static var mainOptions: [String] { get }

  /// The title in `--help` of options without a titled group.
  static var ungroupedTitle: String { get }

  var running: RunningOptions { get }

  /// All files that the run reads and writes. They are compared with each other and tried before
  /// the work.
  var files: [RunFile] { get }

  /// The facts that the options show before the data are read.
  var facts: Facts { get }

  /// Does the work. The stage puts the name of the input before faults of the data.
  func run(in stage: Stage) throws
}

extension CommandConfiguration {
  /// The text of `--help` and `--version`. `examples` are commands to copy. A backslash breaks a
  /// long command into lines.
  package init(stage name: String, abstract: String, discussion: String, examples: [String]) {
    self.init(
      commandName: name, abstract: abstract, usage: "\(name) [INPUT] [-o OUTPUT] [options]",
      discussion: discussion + "\n\nEXAMPLES:\n"
        + examples.map { "  " + continued($0) }.joined(separator: "\n"),
      version: "\(name) \(Stage.version)")
  }
}

/// A command in lines of at most 74 characters, broken before words. Help and man pages wrap at 78,
/// which would break commands for a shell.
private func continued(_ command: String) -> String {
  var lines = [""]
  var words: [String] = []
  for word in command.split(separator: " ") {
    // An option and its value keep to one line.
    if let last = words.last, last.hasPrefix("-"), !last.contains(" "),
      !"-|".contains(word.prefix(1))
    {
      words[words.count - 1] += " \(word)"
    } else {
      words.append(String(word))
    }
  }
  for word in words {
    let line = lines[lines.count - 1]
    if line.isEmpty {
      lines[lines.count - 1] = word
    } else if line.count + 1 + word.count > 72 {
      lines.append("    " + word)
    } else {
      lines[lines.count - 1] = "\(line) \(word)"
    }
  }
  return lines.joined(separator: " \\\n")
}

extension StageCommand {
  package static var multipliesMatrices: Bool { false }

  package var multipliesMatrices: Bool { Self.multipliesMatrices }

  package static var formerOptions: [String: String] { [:] }

  package static var ungroupedTitle: String { "MAIN OPTIONS" }

  package var facts: Facts { [:] }

  package static func main() { Glibc.exit(status()) }

  /// Runs the command of the process's arguments, and returns the exit status.
  private static func status() -> Int32 {
    let arguments = ArgumentForms.normalized(
      ProcessEnvironment.arguments, former: formerOptions,
      numeric: OptionTable.numericNames(of: Self.self))
    let name = configuration.commandName ?? "sc"
    sc_standard_streams_keep()
    let format = LogFormat.unparsed(from: arguments)
    installSignals(name, format)
    let table = OptionTable(of: Self.self, arguments: arguments)
    do {
      try table.requireKnownLetters(in: arguments)
      if let text = description(for: arguments, table) {
        try put(text, stage: name)
        return 0
      }
      let command = try parse(arguments)
      try table.requireRanges()
      try table.requireEffects(command.facts)
      try perform(
        command,
        in: Stage(
          name: name, multipliesMatrices: command.multipliesMatrices, options: command.running,
          table: table))
    } catch {
      return status(of: error, Log(stage: name, level: .quiet, format: format))
    }
    return 0
  }

  /// The help that the arguments ask for in ways that the parser does not know; nil if they ask for
  /// a run.
  private static func description(for arguments: [String], _ table: OptionTable) -> String? {
    if arguments == [OptionTable.dumpArgument] { return table.text }
    let options = arguments.prefix { $0 != "--" }
    let isBrief = options.contains("-h") && !options.contains("--help")
    guard isBrief || arguments == ["--help-markdown"] else { return nil }
    let page = HelpPage(arranged(helpMessage(columns: 100_000)))
    let name = configuration.commandName ?? "sc"
    return isBrief ? page.brief(of: name, options: mainOptions) : page.markdown
  }

  /// The parser's help, with its groups in the order of use.
  private static func arranged(_ help: String) -> String {
    HelpText(help, ungrouped: ungroupedTitle, main: mainOptions).text
  }

  private static func perform(_ command: Self, in stage: Stage) throws {
    let threads = command.running.resolvedThreads
    Threads.count = threads
    let log = stage.log
    MemoryExhaustion.onFailure { bytes in
      sc_temporary_remove_all()
      let size = bytes == .max ? "more than the address space" : "\(bytes >> 20) MiB"
      log.failure("not enough memory: \(size) refused; \(memoryRemedy)", status: 71)
      _exit(71)
    }
    AnonymousFile.offerSpool()
    try stage.begin(command.files)
    if command.multipliesMatrices { try prepareProducts(threads: threads, log) }
    do {
      try command.run(in: stage)
      try stage.publish()
    } catch let fault as any Fault {
      stage.progress.finish()
      // Apparent bad data, or an apparent bug, may be a file that another program overwrote during
      // the run.
      if fault.kind == .badData || fault.kind == .internalError {
        try stage.requireUnchangedInputs()
      }
      throw stage.located(fault)
    }
  }

  private static func prepareProducts(threads: Int, _ log: Log) throws {
    switch sc_blas_prepare(Int32(threads)) {
    case sc_blas_no_memory:
      throw StageFault(
        .noMemory,
        "not enough memory: OpenBLAS needs 128 MiB of address space per thread; allow more, or lower --threads (now \(threads))"
      )
    case sc_blas_wrong:
      throw StageFault(
        .missingLibrary,
        "OpenBLAS computes wrong products with these kernels (\(ProcessEnvironment.kernels)): the processor may lack their instructions; unset OPENBLAS_CORETYPE, or install another OpenBLAS"
      )
    default: break
    }
    if let rejected = ProcessEnvironment.rejectedKernels {
      log.warning(
        "OpenBLAS's \(rejected) kernels compute wrong products on this machine; others are used: \(ProcessEnvironment.kernels)"
      )
    }
    log.detail("kernels: \(ProcessEnvironment.kernels)")
  }

  private static var memoryRemedy: String {
    "use a machine with more memory, or raise the limit (ulimit -v)"
  }

  /// Reports the error and returns the exit status.
  private static func status(of error: any Error, _ log: Log) -> Int32 {
    sc_temporary_remove_all()
    switch error {
    case is ClosedPipe: sc_end_by_signal(SIGPIPE)
    case let fault as any Fault:
      log.failure(fault.description, status: fault.kind.rawValue)
      return fault.kind.rawValue
    case is SystemError:
      log.failure("internal error: \(error); please report it", status: 70)
      return 70
    default: return parserStatus(of: error, log)
    }
  }

  /// Writes help, the version and completion scripts to standard output. All else that the parser
  /// throws is wrong usage.
  private static func parserStatus(of error: any Error, _ log: Log) -> Int32 {
    let text = fullMessage(for: error)
    if exitCode(for: error) == .success {
      let shown = text.hasPrefix("OVERVIEW: ") ? arranged(text) : text
      do {
        try put(shown.hasSuffix("\n") ? shown : shown + "\n", stage: log.stage)
        return 0
      } catch {
        return status(of: error, log)
      }
    }
    guard exitCode(for: error) == .validationFailure else {
      log.failure("internal error: \(message(for: error)); please report it", status: 70)
      return 70
    }
    log.usage(message(for: error), help: text)
    return 64
  }

  private static func put(_ text: String, stage: String) throws {
    let target = try OutputTarget(.standard, isBinary: false, stage: stage)
    try target.write { try $0.write(text) }
    try [target].publish()
  }

  private static func installSignals(_ name: String, _ format: LogFormat) {
    let log = Log(stage: name, level: .quiet, format: format)
    func line(_ message: String, _ status: Int32) -> UnsafePointer<CChar>? {
      // SAFETY: the copy is never freed, because handlers need it to the end.
      return unsafe UnsafePointer(strdup(log.failureLine(message, status: status) + "\n"))
    }
    // SAFETY: the lines stay valid.
    unsafe sc_signals_install(
      line(
        "internal error: the program failed; please report it with the command and its input", 70),
      line("not enough memory; \(memoryRemedy)", 71),
      line("the input \(changedWhileInUse)", 74))
  }
}

extension LogFormat {
  /// The format of the log that the arguments ask for, read without the parser.
  static func unparsed(from arguments: [String]) -> LogFormat {
    let pairs = zip(arguments, arguments.dropFirst())
    let isJSON =
      arguments.contains("--log-format=json")
      || pairs.contains { $0 == "--log-format" && $1 == "json" }
    return isJSON ? .json : .text
  }
}
