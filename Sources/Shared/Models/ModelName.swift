/// The published models that can be trained.
package enum ModelName: String, CaseIterable, Sendable {
  /// Mrabah et al., AAAI 2023.
  case sctpf
  /// Hu et al., Briefings in Bioinformatics 2024: of paired measurements.
  case scemc
}
