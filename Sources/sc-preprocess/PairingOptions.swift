import ArgumentParser
import CellData
import DataFormats
import Preprocessing
import StageSupport

extension FeatureTransform: ExpressibleByArgument {}

/// Which measurement of the same cells is the second modality, and how it is prepared.
struct PairingOptions: DeclaredOptions {
  @Option(
    help: ArgumentHelp(
      "A file with the second modality of the same cells, matched by barcode.",
      valueName: "file"))
  var second: Path?

  @Option(
    help: ArgumentHelp(
      "The name of the RNA modality, or its 10x feature type. (default: detected from names and types)",
      valueName: "name"))
  var rna: String?

  @Option(
    help: ArgumentHelp(
      "The second modality, or none for RNA alone. For a --second file with one matrix: the name to give it. (default: the proteins or peaks)",
      valueName: "name"))
  var secondModality: String?

  @Option(
    help: ArgumentHelp(
      "The transform of counts of the second modality: clr, tfidf, log or none. (default: clr for proteins, tfidf for peaks, else log)",
      valueName: "name"))
  var secondTransform: FeatureTransform?

  @Option(
    help: ArgumentHelp(
      "Keep the N most variable features of the second modality.", valueName: "n"))
  var secondFeatures = 2000

  static let declarations: [OptionDeclaration] = [
    .option("second"),
    .option(
      "rna",
      for: Requirement("the input", "files with several modalities") { $0 != "tensor stream" }),
    .option("second-modality"),
    .option("second-transform", for: .paired),
    .option("second-features", .integers(1...1_000_000_000), for: .paired),
  ]

  mutating func validate() throws {
    if second != nil && secondModality == PairingOptions.none {
      throw ValidationError("--second and --second-modality none exclude each other.")
    }
    if second != nil, let name = secondModality { try PairingOptions.check(name) }
  }

  /// Throws for what cannot be the name of a second modality in every format that is written.
  private static func check(_ name: String) throws {
    let isPath = name.isEmpty || name == "." || name == ".." || name.contains("/")
    if isPath || name.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw ValidationError(
        "--second-modality '\(name)': a name has letters, and no slash; give another name.")
    }
    if FeatureKind(name: name) == .rna || name == "main" {
      throw ValidationError(
        "--second-modality \(name): this is what the RNA is called; give another name.")
    }
  }

  /// Which modality of the input is used: none in addition to that of --second.
  var choice: SecondModalityChoice {
    if second != nil || secondModality == PairingOptions.none { return .none }
    return secondModality.map { .named($0) } ?? .usual
  }

  /// The settings of the second modality. `crc` is the checksum of its file, if it had one of its
  /// own.
  func settings(of modality: Modality, crc: String?) -> [(String, JSONValue)] {
    [
      ("rna", .optional(rna)), ("second_modality", .string(modality.name)),
      ("second_transform", .optional(modality.data.featureTransform)),
      ("second_features", .integer(secondFeatures)), ("second_crc", .optional(crc)),
    ]
  }

  /// The name that means no modality.
  static let none = "none"
}

extension Requirement {
  fileprivate static let paired = Requirement("the second modality", "paired data") {
    $0 != PairingOptions.none
  }
}
