import Models
import StageSupport

/// How scDSC is trained before it clusters. Other models share all of its options.
struct ScDSCOptions: OwnTrainingOptions {
  static let model = ModelName.scdsc
  static let mostLearners = ScDSC<Float>.mostCells
  static let declarations: [OptionDeclaration] = []

  func recipe(_ training: TrainingOptions) -> ScDSCPretraining {
    training.settings()
  }
}
