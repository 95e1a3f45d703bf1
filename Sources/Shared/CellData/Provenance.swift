/// One stage's line in the history of a file: what made it, with the settings that shape the result.
package struct Provenance: Sendable, Equatable {
  package var tool: String
  package var version: String
  /// The resolved settings that shape the result: JSON text by option name. No paths, thread counts, verbosity or clock times.
  package var settings: [String: String]
  package var seed: UInt64
  /// CRC-32 of the input, as eight hex digits; empty where the stage read something that has none.
  package var inputCRC: String

  package init(
    tool: String, version: String, settings: [String: String], seed: UInt64, inputCRC: String
  ) {
    self.tool = tool
    self.version = version
    self.settings = settings
    self.seed = seed
    self.inputCRC = inputCRC
  }
}
