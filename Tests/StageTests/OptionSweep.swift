import CellData
import Foundation
import Synchronization
import TensorStream
import Tensors
import Testing

/// An option of a program, as the program itself shows it.
struct ProgramOption: Sendable {
  let name: String
  let isFlag: Bool
  /// The words that it takes; nil if it takes anything.
  let words: [String]?
  /// The numbers that it takes, "from 0 to 1"; nil if it takes none, or any.
  let range: String?

  /// The lines of `--experimental-dump-options`: name, numbers, purposes.
  static func table(of program: String) throws -> [[String]] {
    try Shell().run("\(program) --experimental-dump-options").text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static let known = Mutex<[String: [ProgramOption]]>([:])

  /// All options with a long name, out of `--experimental-dump-help`, but help and version.
  static func all(of program: String) throws -> [ProgramOption] {
    if let options = known.withLock({ $0[program] }) { return options }
    let options = try read(from: program)
    known.withLock { $0[program] = options }
    return options
  }

  private static func read(from program: String) throws -> [ProgramOption] {
    let ranges = Dictionary(
      try table(of: program).map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    let outcome = try Shell().run("\(program) --experimental-dump-help")
    let root = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    let command = try #require(root?["command"] as? [String: Any])
    let arguments = try #require(command["arguments"] as? [[String: Any]])
    return arguments.flatMap { argument -> [ProgramOption] in
      guard let kind = argument["kind"] as? String, kind != "positional" else { return [] }
      let names = argument["names"] as? [[String: String]] ?? []
      return names.filter { $0["kind"] == "long" }.compactMap { $0["name"] }
        .filter { !["help", "version"].contains($0) }
        .map { name in
          ProgramOption(
            name: name, isFlag: kind == "flag", words: argument["allValues"] as? [String],
            range: ranges["--\(name)"].flatMap { $0.isEmpty ? nil : $0 })
        }
    }
  }

  /// The options that all five programs have: they control the run and its output, and shape no
  /// result.
  static let common: Set<String> = {
    let all = Shell.allPrograms.map { program in
      Set(((try? ProgramOption.all(of: program)) ?? []).map(\.name))
    }
    return all.dropFirst().reduce(all[0]) { $0.intersection($1) }
  }()

  /// What may be typed behind it, one after the other until one changes the result. Files to be
  /// written come before those that are there.
  var values: [String] {
    if isFlag { return [""] }
    if let words { return words }
    let numbers = ["0.3", "2", "0", "7", "1", "130", "400", "60"]
    if range != nil { return numbers }
    let names = ["X_pca", "batch", "type", "none", "alpha", "adt", "X_latent"]
    let files = ["side.tsv", "side.svg", "side.html", "side_mqc.json"]
    return names + files + ["../labels.tsv", "../other.st"] + numbers
  }
}

/// What `job` gives for every number below `count`, two at a time whatever threads the tests have:
/// what is waited for are other processes.
func twoAtATime<Value: Sendable>(
  _ count: Int, _ job: @Sendable (_ number: Int) throws -> Value
) throws -> [Value] {
  let outcomes = Mutex<[Int: Result<Value, any Error>]>([:])
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: 2) { _ in
    while true {
      let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if number >= count { return }
      let outcome = Result { try job(number) }
      outcomes.withLock { $0[number] = outcome }
    }
  }
  return try outcomes.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
}

/// What a run left behind, but for the history, which notes options whether they changed anything
/// or not.
struct SweepOutcome: Sendable, Equatable {
  let status: Int32
  let files: [String: Data]
  let output: Data
  let errors: String
}

/// Tries every option of a program beside some settings.
struct OptionSweep: Sendable {
  /// Settings beside which an option must act, or be refused; it may act in any of the variants.
  struct Group: Sendable {
    let input: String
    let variants: [String]

    init(_ input: String, _ variants: String...) { (self.input, self.variants) = (input, variants) }
  }

  let program: String
  let shell: Shell
  private let memory = Memory()

  init(program: String, shell: Shell) { (self.program, self.shell) = (program, shell) }

  /// What earlier runs have shown of an option, so that later ones begin with what shows most.
  private final class Memory: Sendable {
    private let seen = Mutex<(acting: [String: String], refused: [String: Set<String>])>(([:], [:]))

    /// The values to try: first the one that acted last, and none that is refused with every other
    /// option.
    func values(of option: ProgramOption, for input: String) -> [String] {
      seen.withLock { seen in
        let refused = (seen.refused[option.name] ?? []).union(
          seen.refused["\(option.name) \(input)"] ?? [])
        let first = seen.acting[option.name]
        return (first.map { [$0] } ?? [])
          + option.values.filter { $0 != first && !refused.contains($0) }
      }
    }

    func noteActing(_ value: String, of option: ProgramOption) {
      seen.withLock { $0.acting[option.name] = value }
    }

    /// No run takes the value, or none on this input.
    func noteRefused(_ value: String, of option: ProgramOption, on input: String? = nil) {
      let key = option.name + (input.map { " \($0)" } ?? "")
      seen.withLock { _ = $0.refused[key, default: []].insert(value) }
    }
  }

  /// The options that are accepted, change nothing and print nothing in one of the groups, and
  /// those that act in none. Options `left` to other tests are not among them.
  func faults(_ groups: [Group], leaving left: Set<String> = []) throws -> [String] {
    let options = try ProgramOption.all(of: program).filter {
      !ProgramOption.common.contains($0.name) && !left.contains($0.name)
    }
    let results = try groups.flatMap { group -> [(option: String, verdict: Verdict)] in
      let bases = try twoAtATime(group.variants.count) { place in
        try run(group, group.variants[place])
      }
      let variants = group.variants.indices.filter { bases[$0].status == 0 }
      if variants.isEmpty {
        return [(option: "\(program) \(group)", verdict: Verdict.void(bases[0].errors))]
      }
      return try twoAtATime(options.count) { number in
        let option = options[number]
        var verdict = Verdict.refused
        for place in variants where verdict != .acts && verdict != .foreign {
          verdict = max(
            verdict, try self.verdict(option, group, group.variants[place], bases[place]))
        }
        return (option: option.name, verdict: verdict)
      }
    }
    let acting = Set(results.filter { $0.verdict == .acts }.map(\.option))
    let idle = options.map(\.name).filter { !acting.contains($0) }
    return results.compactMap { result in
      guard case .void(let command) = result.verdict else { return nil }
      return "--\(result.option) changes nothing: \(command)"
    } + idle.map { "--\($0) never acts" }
  }

  private enum Verdict: Comparable {
    case refused
    /// An option of another method or model, with any other options.
    case foreign
    /// With the command that shows it.
    case void(String)
    case acts
  }

  private func verdict(
    _ option: ProgramOption, _ group: Group, _ variant: String, _ base: SweepOutcome
  ) throws -> Verdict {
    var (verdict, accepted) = (Verdict.refused, 0)
    for value in memory.values(of: option, for: group.input) {
      // What holds already.
      let typed = "--\(option.name) " + (value.isEmpty ? "" : "\(value) ")
      if "\(variant) ".contains(typed) { continue }
      let settings = "\(variant) --\(option.name) \(value)"
      let outcome = try run(group, settings)
      switch outcome.status {
      case 0: break
      // Whatever is typed behind it.
      case 64 where outcome.errors.contains("--\(option.name) is for "):
        let isForeign = ["the method ", "methods that ", "the model "].contains {
          outcome.errors.contains("--\(option.name) is for \($0)")
        }
        return isForeign ? max(verdict, .foreign) : verdict
      case 64:
        let own = ["is invalid for '--\(option.name) ", "--\(option.name) \(value): must be "]
        if own.contains(where: outcome.errors.contains) {
          memory.noteRefused(value, of: option)
        }
        continue
      // What is not in the input, or is no such file.
      case 65, 66:
        if option.range == nil { memory.noteRefused(value, of: option, on: group.input) }
        continue
      default: return .void("\(settings) ends with \(outcome.status): \(outcome.errors)")
      }
      if outcome != base {
        memory.noteActing(value, of: option)
        return .acts
      }
      accepted += 1
      verdict = .void("\(program) \(group.input) \(settings)")
    }
    // If only one word is accepted, it is the default.
    return option.words != nil && accepted == 1 ? .refused : verdict
  }

  /// Runs in a folder of its own, beside the inputs.
  private func run(_ group: Group, _ settings: String) throws -> SweepOutcome {
    let folder = "run-\(UUID().uuidString)"
    let place = shell.url(folder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    let outcome = try shell.run(
      "cd \(folder) && exec \(program) -t 1 ../\(group.input) \(settings)")
    defer { try? FileManager.default.removeItem(at: place) }
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
      files[name] = try contents(of: place.appendingPathComponent(name))
    }
    return SweepOutcome(
      status: outcome.status, files: files, output: outcome.output, errors: outcome.errors)
  }

  private func contents(of file: URL) throws -> Data {
    let handle = try FileHandle(forReadingFrom: file)
    // Files that --format makes no streams are compared byte by byte.
    guard file.pathExtension == "st",
      var cells = try? TensorStream.read(descriptor: handle.fileDescriptor).data
    else { return try Data(contentsOf: file) }
    cells.history = []
    let sink = DataSink()
    try TensorStream.write(cells, to: sink)
    return sink.data
  }
}
