import Models
import StageSupport

extension Preset {
  /// The settings of a model by this preset.
  package func settings<Settings: PresetSettings>() -> Settings {
    switch self {
    case .default: .standard
    case .paper: .paper
    case .released: .released
    }
  }
}
