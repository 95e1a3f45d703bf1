/// The published models that can be trained; `ModelName.kind` has their types.
package enum ModelName: String, CaseIterable, Sendable {
  /// Mrabah et al., AAAI 2023.
  case sctpf
  /// Hu et al., Briefings in Bioinformatics 2024: of paired measurements.
  case scemc
  /// Yu et al., AAAI 2022.
  case sctag
  /// Tian et al., Nature Machine Intelligence 2019: needs no graph.
  case scdeepcluster
  /// Li et al., Nature Communications 2020: needs neither graph nor counts.
  case desc
  /// Chen et al., NAR Genomics and Bioinformatics 2020: needs no graph.
  case sczidesk
  /// Lin et al., Nature Communications 2022: of paired measurements, needs no graph.
  case scmdc
  /// Gan et al., Briefings in Bioinformatics 2022.
  case scdsc
  /// Zuo, Dai, Chen, Bioinformatics 2021: of paired measurements, needs no graph.
  case dcca
  /// Ren et al., Bioinformatics 2023: of paired measurements, needs no graph.
  case scmcs
  /// Zuo and Chen, Briefings in Bioinformatics 2021: of paired measurements, needs no graph.
  case scmvae

  /// The model where none is named.
  package static let standard = ModelName.sctpf

  /// All names, for a sentence: `sctpf, scemc`.
  package static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
