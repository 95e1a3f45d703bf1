// The effect of scTPF's training of clusters on the features: Λ_FR and Λ_FD (see GradientAgreement
// in the room Models). It is computed for the state that gave the clusters. If sc-cluster kept
// snapshots of the training, it is computed for these too. Only here does a model use true labels.

import CellData
import Metrics
import ModelStages
import Models
import Plots
import StageSupport
import Tensors
import Training

/// How far the losses of a clustered model agree.
struct Diagnosis {
  /// A state of the training.
  struct Step {
    let epoch: Int
    let agreement: GradientAgreement
  }

  private let agreement: GradientAgreement
  /// By rising epoch; empty if sc-cluster kept no snapshots.
  private let steps: [Step]
  private let hasLabels: Bool

  /// Computes the gradients of all states.
  ///
  /// - Parameter truth: the true label of every cell, −1 without one; nil for Λ_FD alone. (N)
  /// - Throws: `ModelStageFault` and `ModelFault` if the data hold no such model.
  init(_ model: ClusteredModel, truth: [Int]?, progress: (_ done: Int, _ total: Int) -> Void) throws
  {
    let total = 1 + model.snapshots.count
    let targets = truth.map { truth in { try Diagnosis.matched(truth, with: $0) } }
    progress(0, total)
    agreement = try model.agreement(at: model.result, targets: targets)
    var steps: [Step] = []
    for state in model.snapshots {
      progress(1 + steps.count, total)
      steps.append(
        Step(epoch: state.epoch, agreement: try model.agreement(at: state, targets: targets)))
    }
    progress(total, total)
    self.steps = steps
    hasLabels = truth != nil
  }

  /// For every cell the cluster that is matched with its true type by the best one-to-one matching.
  /// It is −1 without a type, or if a type has no cluster because there are more types than
  /// clusters. (N)
  static func matched(_ truth: [Int], with assignment: [Int]) throws -> Buffer<Int32> {
    let known = truth.indices.filter { truth[$0] >= 0 }
    guard !known.isEmpty else { return Buffer(repeating: -1, count: truth.count) }
    let matching = try ContingencyTable(
      truth: known.map { truth[$0] }, predicted: known.map { assignment[$0] }
    ).matching
    let cluster = Dictionary(matching.map { ($1, $0) }, uniquingKeysWith: min)
    return Buffer(truth.map { Int32(cluster[$0] ?? -1) })
  }

  /// Λ_FR only with labels.
  var rows: [Report.Row] {
    (hasLabels ? [Report.Row("lambda_fr", value: agreement.randomness)] : [])
      + [Report.Row("lambda_fd", value: agreement.drift)]
  }

  /// Λ by epoch, for machines; nil without snapshots.
  var json: JSONValue? {
    guard !steps.isEmpty else { return nil }
    var fields: [(key: String, value: JSONValue)] = [
      ("epoch", .array(steps.map { .integer($0.epoch) }))
    ]
    for (name, values) in curves {
      fields.append((name, .array(values.map { .optional($0) })))
    }
    return .object(fields)
  }

  /// The cosines by state.
  private var curves: [(name: String, values: [Double?])] {
    let randomness = ("lambda_fr", steps.map(\.agreement.randomness))
    return (hasLabels ? [randomness] : []) + [("lambda_fd", steps.map(\.agreement.drift))]
  }

  static let titles = ["lambda_fr": "Λ_FR (randomness)", "lambda_fd": "Λ_FD (drift)"]

  /// The cosines as curves, one for each cosine; none if sc-cluster kept no snapshots.
  var runCurves: [RunCurve] {
    steps.isEmpty
      ? []
      : curves.map {
        RunCurve(
          phase: RunCurve.gradients, term: $0.name, epochs: steps.map(\.epoch),
          values: $0.values.map { $0 ?? .nan })
      }
  }

  /// Both curves; nil without snapshots.
  var panel: Panel? {
    guard !steps.isEmpty else { return nil }
    let titles = Diagnosis.titles
    let terms = curves.map {
      (name: titles[$0.name] ?? $0.name, values: $0.values.map { $0 ?? .nan })
    }
    return .losses(
      LossChart(
        title: "Agreement of the losses' gradients",
        phases: [
          .init(
            title: "cosine similarity; 1: same direction", terms: terms, epochs: steps.map(\.epoch),
            showing: [0, 1])
        ]))
  }
}
