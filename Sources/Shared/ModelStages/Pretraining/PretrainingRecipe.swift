import CellData
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// How sc-pretrain trains a model: its settings (a preset with the user's options over it), and how
/// cells become its steps.
package protocol PretrainingRecipe: Sendable {
  associatedtype Model: CodingModel & SendableMetatype where Model.S == Float
  /// What the model reads of the cells.
  associatedtype Input: Sendable

  /// How many models are trained, each after the first on a view of the data.
  var models: Int { get }
  /// What one training holds at its peak.
  var extent: TrainingExtent { get }

  /// Takes out of the cells what the model reads; hop products may take `productBytes` at a time.
  func input(of cells: CellData, productBytes: Int) throws -> Input
  /// What users should know of the input.
  func notes(on input: Input) -> [String]
  /// The model of number `number`, without weights.
  func model(of input: Input, number: Int) -> Model
  /// Sets all weights to their first values.
  func begin(_ model: Model, on input: Input, seed: UInt64)
  /// Between what losses a model lies that has learned from the counts; nil where nothing watches
  /// the loss.
  func bounds(of input: Input) -> CountLossBounds?
  /// The parts of the loss whose fit is reported after the training, beside what `bounds` are of.
  func fits(of input: Input) -> [MeasuredFit]
  func steps(of input: Input, for model: Model, seed: UInt64, productBytes: Int) -> Model.Source
  func schedule(cells: Int) -> PretrainingSchedule
  /// What the provenance notes beside the schedule.
  func settings(of model: Model) -> [(String, JSONValue)]
  /// Stores what weights do not show by their shapes.
  func annotate(_ cells: inout CellData, with model: Model)
}

extension PretrainingRecipe {
  /// The name of the model that it trains.
  var modelName: String { Model.name }

  package func notes(on input: Input) -> [String] { [] }
  package func begin(_ model: Model, on input: Input, seed: UInt64) { model.initialize(seed: seed) }
  package func bounds(of input: Input) -> CountLossBounds? { nil }
  package func fits(of input: Input) -> [MeasuredFit] { [] }
  package func annotate(_ cells: inout CellData, with model: Model) {}

  /// Prepares a model of the cells for training, number `number` of all that are trained.
  func prepared(for cells: CellData, number: Int, seed: UInt64, productBytes: Int) throws
    -> PreparedTraining
  {
    let input = try input(of: cells, productBytes: productBytes)
    let (schedule, shape) = (schedule(cells: cells.cellCount), model(of: input, number: number))
    let bounds = bounds(of: input)
    return PreparedTraining(
      settings: schedule.settings + settings(of: shape), notes: notes(on: input),
      bounds: bounds, fits: fits(of: input),
      parameterCount: { [self] in model(of: input, number: $0).parameters.count },
      annotate: { [self] in annotate(&$0, with: model(of: input, number: number)) },
      train: { [self] resumption, restarted, report in
        let model = model(of: input, number: number)
        let steps = steps(of: input, for: model, seed: seed, productBytes: productBytes)
        let curve: [LossTerms]
        if let bounds {
          curve = try pretrainGuarded(
            model, on: steps, schedule: schedule, bounds: bounds, resumption: resumption,
            begin: { begin(model, on: input, seed: seed) }, restarted: restarted, report: report)
        } else {
          begin(model, on: input, seed: seed)
          curve = try pretrain(
            model, on: steps, schedule: schedule, resumption: resumption, report: report)
        }
        return TrainedModel(
          weights: model.weights, codes: model.codes(over: steps), curve: curve)
      },
      code: { [self] weights, cells in
        let model = model(of: input, number: number)
        try model.load(weights)
        return try model.codes(of: cells, productBytes: productBytes)
      })
  }
}

extension PretrainingRecipe where Model: ShapedModel {
  package func annotate(_ cells: inout CellData, with model: Model) {
    Model.store(model.configuration, in: &cells)
  }
}

extension PretrainingRecipe
where Self: PretrainingSettings, Input == PairedInput, Model.Source == PairedSteps<Float> {
  /// Steps on batches of cells, or on all.
  package func steps(
    of input: PairedInput, for model: Model, seed: UInt64, productBytes: Int
  ) -> PairedSteps<Float> {
    PairedSteps(input.data, size: stepSize(cells: input.data.cellCount), seed: seed)
  }
}

/// Between what losses that of one measurement lies.
package struct MeasuredFit: Sendable {
  /// Its name in the loss.
  package let part: String
  /// What it is called in messages.
  package let name: String
  package let bounds: CountLossBounds
}

/// A model with the data that it is to learn from.
package struct PreparedTraining: Sendable {
  /// What the provenance notes.
  package let settings: [(String, JSONValue)]
  /// What users should know of the input.
  package let notes: [String]
  /// Nil where nothing watches the loss.
  let bounds: CountLossBounds?
  let fits: [MeasuredFit]
  /// The weights of the model of this number, for these data.
  let parameterCount: @Sendable (_ number: Int) -> Int
  /// What is stored beside the weights.
  package let annotate: @Sendable (inout CellData) -> Void
  /// Trains from where the resumption says, and reports every new beginning and every epoch.
  let train:
    @Sendable (Resumption<Float>, (TrainingRestart) -> Void, (EpochReport) -> Void) throws ->
      TrainedModel
  /// The codes of cells that the model need not have learned from, by its weights. (N, D)
  let code: @Sendable (ModelWeights, CellData) throws -> Matrix<Float>
}

extension PretrainingSchedule {
  /// What the provenance notes.
  fileprivate var settings: [(String, JSONValue)] {
    [
      ("epochs", .integer(epochs)), ("learning_rate", .number(learningRate)),
      ("decay", .string(decay.rawValue)), ("patience", .integer(patience ?? 0)),
      ("tolerance", .number(tolerance)),
    ] + optimizer.provenance
  }
}
