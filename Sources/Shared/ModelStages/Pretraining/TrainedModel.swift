import CellData
import Tensors
import Training

/// What is kept of a trained model.
package struct TrainedModel: Sendable {
  /// Only the first model's are kept.
  package internal(set) var weights: ModelWeights
  /// The latent codes of all cells. (N, D)
  package let codes: Matrix<Float>
  package let curve: [LossTerms]

  init(weights: ModelWeights, codes: Matrix<Float>, curve: [LossTerms]) {
    self.weights = weights
    self.codes = codes
    self.curve = curve
  }

  /// The model of an earlier run out of its checkpoint.
  ///
  /// - Throws: `ResumptionFault` where its codes are not those of `cellCount` cells.
  init(_ state: TrainingState<Float>, cellCount: Int) throws(ResumptionFault) {
    guard let codes = state.matrices["codes"], codes.rows == cellCount else {
      throw ResumptionFault("codes")
    }
    self.codes = codes
    curve = state.curve
    weights = [:]
    for (name, matrix) in state.matrices where name.hasPrefix("weights.") {
      weights[String(name.dropFirst(8))] = matrix
    }
  }

  /// For a checkpoint.
  var state: TrainingState<Float> {
    var result = TrainingState<Float>()
    result.matrices["codes"] = codes
    for (name, matrix) in weights { result.matrices["weights.\(name)"] = matrix }
    result.curve = curve
    return result
  }
}
