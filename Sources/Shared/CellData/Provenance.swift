/// One stage's line in the history of a file: what made it, with the settings that shape the
/// result.
package struct Provenance: Sendable, Equatable {
  package var tool: String
  package var version: String
  /// The resolved settings that shape the result: JSON text by option name. No paths, thread
  /// counts, verbosity or clock times.
  package var settings: [String: String]
  package var seed: UInt64
  /// CRC-32 of the input, as eight hex digits; empty if the stage's input has none.
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

extension Provenance {
  /// The setting that holds the digest of what a stage left at a place (`obs/cluster`):
  /// `crc.obs.cluster`.
  package static func digestSetting(_ place: String) -> String {
    "crc." + place.split(separator: "/", omittingEmptySubsequences: false).joined(separator: ".")
  }

  /// The digest of what this stage wrote there; nil if it wrote nothing there, or if its version
  /// noted no digests.
  package func digest(of place: String) -> String? {
    settings[Self.digestSetting(place)].map { String($0.dropFirst().dropLast()) }
  }

  /// Whether the stage noted digests of what it wrote: versions before 0.2 did not.
  package var hasDigests: Bool { settings.keys.contains(where: Self.isDigest) }

  /// The settings that are digests of results.
  package static func isDigest(_ setting: String) -> Bool { setting.hasPrefix("crc.") }
}
