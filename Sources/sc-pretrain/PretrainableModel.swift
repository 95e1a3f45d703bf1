import CellData
import ModelStages
import Models
import StageSupport

/// The options of one model, which know how to train it.
///
/// To add one: 1. a file with an option group that conforms to this; 2. its property and its line in `Pretrain.options(of:)`.
protocol PretrainableModel: Sendable {
  /// What decides which of its options mean something.
  func facts(_ training: TrainingOptions) -> Facts

  /// How many models are trained where nothing else is asked for.
  var usualModelCount: Int { get }

  /// What one model makes of the memory.
  func extent(_ training: TrainingOptions) -> TrainingExtent

  /// Throws a `ValidationError` where these options do not go with those of all models.
  func validate(with training: TrainingOptions) throws

  /// Makes a model of the cells ready to be trained, number `number` of all those that are, whose hop products may take `productBytes`.
  func prepared(
    for cells: CellData, _ training: TrainingOptions, number: Int, productBytes: Int,
    _ stage: Stage
  ) throws -> PreparedTraining
}

extension Requirement {
  static let sctpf = Requirement("the model", "the model sctpf") { $0 == "sctpf" }
  static let scemc = Requirement("the model", "the model scemc") { $0 == "scemc" }
}
