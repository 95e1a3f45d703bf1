import Foundation
import Testing

/// What a command left behind.
struct Outcome {
  let status: Int32
  let output: Data
  let errors: String

  var text: String { String(decoding: output, as: UTF8.self) }
}

/// A fresh folder with the built programs at hand: commands run in it by bash, and it goes when the
/// test ends.
final class Shell: Sendable {
  /// The programs that need no model.
  static let programs = ["sc-preprocess", "sc-knn", "sc-eval"]

  /// All five.
  static let allPrograms = programs + ["sc-pretrain", "sc-cluster"]

  /// The options without which a program does not begin.
  static func needed(by program: String) -> String {
    program == "sc-cluster" ? "--clusters 3" : ""
  }

  /// The folder of the built programs: the tests' own.
  static let programFolder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("stage-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func data(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

  func write(_ data: Data, to name: String) throws { try data.write(to: url(name)) }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url(name).path)
  }

  /// The names in the folder that no test made: temporary files left behind.
  var leftovers: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.hasPrefix(".sc-")
      }
    }
  }

  /// Runs a command line with `pipefail`. A command that takes longer than `timeout` seconds is
  /// ended and fails the test.
  @discardableResult
  func run(
    _ command: String, environment: [String: String] = [:], timeout: Double = 60,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let process = Process()
    // timeout(1) ends the whole group: a program that waits for ever must not outlive the test.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = [
      "--signal=KILL", "\(timeout)", "/bin/bash", "-o", "pipefail", "-c", command,
    ]
    process.currentDirectoryURL = folder
    process.environment = baseEnvironment.merging(environment) { $1 }
    let id = UUID().uuidString
    let (out, err) = try (capture("out-\(id)"), capture("err-\(id)"))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = out.handle
    process.standardError = err.handle
    let done = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in done.signal() }
    let began = Date()
    try process.run()
    let ending = done.wait(timeout: .now() + timeout + 30)
    if ending == .timedOut || Date().timeIntervalSince(began) >= timeout {
      Issue.record("took longer than \(timeout) s: \(command)", sourceLocation: sourceLocation)
    }
    if ending == .timedOut { throw CancellationError() }
    defer {
      for file in [out.url, err.url] { try? FileManager.default.removeItem(at: file) }
    }
    return Outcome(
      status: process.terminationStatus, output: try Data(contentsOf: out.url),
      errors: String(decoding: try Data(contentsOf: err.url), as: UTF8.self))
  }

  /// Runs a command line whose data are refused: status 65, one line with the complaint, and
  /// nothing on standard output.
  func expectBadData(
    _ command: String, _ complaint: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(command, sourceLocation: sourceLocation)
    #expect(outcome.status == 65, sourceLocation: sourceLocation)
    let lines = outcome.errors.split(separator: "\n").filter { $0.contains(complaint) }
    #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
  }

  private var baseEnvironment: [String: String] {
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = Shell.programFolder.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    for name in ["SC_THREADS", "SLURM_CPUS_PER_TASK", "HDF5_USE_FILE_LOCKING"] {
      environment[name] = nil
    }
    environment["COLUMNS"] = "80"
    return environment
  }

  private func capture(_ name: String) throws -> (url: URL, handle: FileHandle) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("stage-\(name)")
    try Data().write(to: file)
    return (file, try FileHandle(forWritingTo: file))
  }

  /// Whether a program that a test needs is installed.
  static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }
}
