import Autodiff
import NeuralNetworks
import Tensors

extension ScEMC where S == Float {
  /// A copy of all weights by name, with the statistics of the normalized layers; the centers too where the model has clusters.
  package var weights: ModelWeights {
    var result: ModelWeights = [:]
    for parameter in parameters.all {
      result[parameter.name] = parameters.weights(of: parameter).matrix()
    }
    for (name, window) in statistics { result[name] = window.matrix() }
    return result
  }

  /// Takes over weights of the same names and shapes; the centers may be missing or of another number.
  ///
  /// - Throws: `ModelFault` where one is missing or of another shape.
  package func load(_ weights: ModelWeights) throws(ModelFault) {
    for parameter in parameters.all {
      if parameter == centers, weights[parameter.name]?.rows != parameter.rows { continue }
      let place = parameters.weights(of: parameter)
      place.copy(from: try matrix(parameter.name, like: place, in: weights))
    }
    for (name, place) in statistics {
      place.copy(from: try matrix(name, like: place, in: weights))
    }
  }

  private func matrix(_ name: String, like place: Window<Float>, in weights: ModelWeights)
    throws(ModelFault) -> Matrix<Float>
  {
    guard let matrix = weights[name] else {
      throw ModelFault(
        .badData, "model.scemc.\(name): is missing; run sc-pretrain --model scemc first")
    }
    guard matrix.rows == place.rows && matrix.columns == place.columns else {
      throw ModelFault(
        .badData,
        "model.scemc.\(name): \(matrix.rows) × \(matrix.columns) instead of \(place.rows) × \(place.columns); run sc-pretrain on this data again"
      )
    }
    return matrix
  }
}

extension ScEMC {
  /// The statistics of every normalized layer by name.
  package var statistics: [(name: String, window: Window<S>)] {
    normalizedLayers.flatMap { layer in
      [
        ("\(layer.name).norm.mean", layer.statistics.mean),
        ("\(layer.name).norm.variance", layer.statistics.variance),
      ]
    }
  }
}

extension ScEMC.Configuration {
  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make an scEMC model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    func width(_ name: String) throws(ModelFault) -> Int {
      guard let matrix = weights[name], matrix.rows == 1, matrix.columns > 0 else {
        throw ModelFault(
          .badData, "model.scemc.\(name): is missing; run sc-pretrain --model scemc first")
      }
      return matrix.columns
    }
    func widths(_ name: String) throws(ModelFault) -> [Int] {
      var result: [Int] = []
      while weights["\(name).\(result.count).bias"] != nil {
        result.append(try width("\(name).\(result.count).bias"))
      }
      return result
    }
    self.init(genes: try width("zinb.rna.mean.bias"), features: nil)
    hops = max(1, (weights["encoder.rna.0.kernel"]?.rows ?? genes) / genes) - 1
    secondHasCounts = weights["values.second.bias"] == nil
    if weights["encoder.second.0.kernel"] != nil {
      features = try width(secondHasCounts ? "zinb.second.mean.bias" : "values.second.bias")
    }
    encoder = try widths("encoder.rna")
    decoder = try widths("decoder.rna")
    if features != nil { secondDecoder = try widths("decoder.second") }
    aggregation = .none
    if weights["attention.query"] != nil { aggregation = .paper }
    if weights["transformer.inner.bias"] != nil {
      aggregation = .transformer
      feedForward = try width("transformer.inner.bias")
    }
    skips = weights["decoder.rna.0.kernel"].map { $0.rows != jointWidth } ?? true
  }
}
