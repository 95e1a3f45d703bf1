import ArgumentParser
import CellData
import Neighbors
import StageSupport
import Tensors

/// Which modalities the graph is built from.
enum ModalityChoice: String, CaseIterable, ExpressibleByArgument {
  case auto
  case rna
  case second
  case both
}

extension CellData {
  /// The cells' coordinates by both modalities, as far as `options` ask for them. Stores the
  /// second's as obsm/X_second and the joint ones as obsm/X_joint, and stores the weight. (N, d)
  mutating func addPairedEmbedding(
    _ options: FindNeighbors, _ stage: Stage
  ) throws -> (points: Matrix<Float>, note: String) {
    clearJointEmbedding()
    let choice = options.modalities
    guard choice != .rna, let second = secondModality else {
      if choice == .second || choice == .both {
        throw StageFault(
          .badData,
          "there is no second modality (--modalities \(choice.rawValue)); give sc-preprocess a file with one"
        )
      }
      return (try addPrincipalComponents(options, stage), "")
    }
    let features = try second.data.secondFeatures()
    let other = try embeddedCoordinates(of: features, count: options.components, seed: stage.seed)
    obsm["X_second"] = other
    let rna = try addPrincipalComponents(options, stage)
    if choice == .second { return (other, " of '\(second.name)'") }
    let (weight, reason) = try secondWeight(options, features, stage)
    settings[CellData.weightKey] = JSONValue.number(weight).text
    if weight == 0 { return (rna, ": the RNA alone, '\(second.name)' \(reason)") }
    let joint = jointEmbedding(rna: rna, second: other, weight: weight)
    obsm["X_joint"] = joint
    return (joint, ": the RNA, and '\(second.name)' \(reason)")
  }

  /// The name of what `addPairedEmbedding` has returned.
  func nameOfEmbedding(_ choice: ModalityChoice) -> String {
    guard choice != .rna, secondModality != nil else { return "X_pca" }
    if choice == .second { return "X_second" }
    return obsm["X_joint"] == nil ? "X_pca" : "X_joint"
  }

  /// Removes the embeddings of an earlier run. Without a second modality the user's parts of these
  /// names stay.
  private mutating func clearJointEmbedding() {
    let isPaired = secondModality != nil
    let own = Parts(of: self).own
    if own.contains("obsm/X_second") { obsm["X_second"] = nil }
    if isPaired || own.contains("obsm/X_joint") { obsm["X_joint"] = nil }
    if isPaired || own.contains("uns/joint") { settings[CellData.weightKey] = nil }
  }

  private static let weightKey = "uns.joint.second_weight"

  /// The weight given, or the one that the modalities' agreement shows.
  private func secondWeight(
    _ options: FindNeighbors, _ second: StandardizedMatrix, _ stage: Stage
  ) throws -> (Double, String) {
    if let given = options.secondWeight { return (given, "with weight \(given), as asked") }
    if options.modalities == .both { return (1, "with weight 1, as asked") }
    let measured = try ModalityWeight(
      rna: try standardizedValues(), second: second, components: options.components,
      seed: stage.seed)
    let weight = (measured.weight * 1000).rounded() / 1000
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    return (
      weight,
      "with weight \(weight) (its neighborhoods explain \(percent(measured.explained.bySecond)) of the RNA's variance, the RNA's own \(percent(measured.explained.byRNA)))"
    )
  }

  /// The standardized features of this modality. (N, P)
  private func secondFeatures() throws -> StandardizedMatrix {
    guard let x else {
      throw StageFault(
        .badData, "the second modality has no matrix of values; run sc-preprocess again")
    }
    return StandardizedMatrix(
      values: x.sparse(), mean: try scaling("mean") ?? Buffer(repeating: 0, count: geneCount),
      standardDeviation: try scaling("std") ?? Buffer(repeating: 1, count: geneCount))
  }

  /// A column of var that scales the values; nil if it is not there.
  private func scaling(_ name: String) throws -> Buffer<Float>? {
    guard let numbers = self.var[name]?.numbers else { return nil }
    guard numbers.allSatisfy({ $0.isFinite && (name == "mean" || $0 > 0) }) else {
      throw StageFault(
        .badData,
        "the second modality's var/\(name): a value is not finite, or not positive; run sc-preprocess again"
      )
    }
    return Buffer(numbers.map { Float($0) })
  }
}
