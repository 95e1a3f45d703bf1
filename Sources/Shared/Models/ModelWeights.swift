import Autodiff
import Tensors

/// The weights of a model by parameter name, as they stand in a stream.
package typealias ModelWeights = [String: Matrix<Float>]

extension GraphModel where S == Float {
  /// A copy of all weights; the centers too where the model has clusters.
  package var weights: ModelWeights {
    var result: ModelWeights = [:]
    for parameter in parameters.all {
      result[parameter.name] = parameters.weights(of: parameter).matrix()
    }
    return result
  }

  /// Takes over weights of the same names and shapes; the centers may be missing.
  ///
  /// - Throws: `ModelFault` where one is missing or of another shape.
  package func load(_ weights: ModelWeights) throws(ModelFault) {
    for parameter in parameters.all {
      guard let matrix = weights[parameter.name] else {
        if parameter == centers { continue }
        throw ModelFault(
          .badData, "model.\(parameter.name): is missing; run sc-pretrain on this data again")
      }
      guard matrix.rows == parameter.rows && matrix.columns == parameter.columns else {
        if parameter == centers { continue }
        throw ModelFault(
          .badData,
          "model.\(parameter.name): \(matrix.rows) × \(matrix.columns) instead of \(parameter.rows) × \(parameter.columns); run sc-pretrain on this data again"
        )
      }
      parameters.weights(of: parameter).copy(from: matrix)
    }
  }
}

extension ScTPF.Configuration {
  /// The shape of the model that these weights belong to.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scTPF model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    func width(_ name: String) throws(ModelFault) -> Int {
      guard let matrix = weights[name], matrix.rows == 1, matrix.columns > 0 else {
        throw ModelFault(
          .badData, "model.sctpf.\(name): is missing; run sc-pretrain --model sctpf first")
      }
      return matrix.columns
    }
    self.init(genes: try width("zinb.mean.bias"))
    hidden = try width("encoder.0.bias")
    latent = try width("encoder.1.bias")
    adjacencyWidth = try width("adjacency.bias")
    decoder = []
    while weights["decoder.\(decoder.count).bias"] != nil {
      decoder.append(try width("decoder.\(decoder.count).bias"))
    }
    hops = (weights["encoder.0.kernel"]?.rows ?? 0) / genes - 1
    latentHops = (weights["encoder.1.kernel"]?.rows ?? 0) / hidden - 1
    guard hops >= 0 && latentHops >= 0 else {
      throw ModelFault(
        .badData,
        "model.sctpf.encoder: a kernel has fewer rows than its layer has inputs; run sc-pretrain again"
      )
    }
  }
}
