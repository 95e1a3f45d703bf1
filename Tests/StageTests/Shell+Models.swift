import Foundation
import Testing

extension Shell {
  /// What sc-eval reports as JSON.
  func figures(_ command: String) throws -> [String: Any] {
    let outcome = try run(command)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  /// An option that means nothing for a model ends the program with 64 before `in.st` is read. The
  /// message begins with the first option if `isNamedFirst`.
  func expectMeaningless(
    _ option: String, of program: String, with model: String, isNamedFirst: Bool = false
  ) throws {
    let choice = program == "sc-pretrain" ? "--model" : "-c 3 --method"
    let outcome = try run("\(program) \(choice) \(model) \(option) in.st > out.st")
    #expect(outcome.status == 64, "\(outcome.errors)")
    let start = isNamedFirst ? "\(program): \(option.split(separator: " ")[0])" : program
    #expect(outcome.errors.hasPrefix(start), "\(outcome.errors)")
  }

  /// A model of more peaks than memory holds is refused before anything is read.
  func expectTooManyPeaks(for model: String) throws {
    try write(PairedCells.withManyPeaks(), to: "wide.st")
    let command = "sc-pretrain --model \(model) --preset paper --max-memory 300M"
    let outcome = try run("\(command) wide.st > out.st")
    #expect(outcome.status == 71)
    #expect(outcome.errors.contains("not enough memory"), "\(outcome.errors)")
    // With few peaks memory suffices, and something else is missing.
    #expect(try run("\(command) atac.st > out.st").status == 65)
  }
}
