import Autodiff
import Tensors

/// The weights of a model by parameter name, with the statistics of its layers, in the form of a
/// stream.
package typealias ModelWeights = [String: Matrix<Float>]

extension TrainableModel where S == Float {
  /// A copy of all weights and statistics, and of the centers if the model has clusters.
  package var weights: ModelWeights {
    var result: ModelWeights = [:]
    for parameter in parameters.all {
      result[parameter.name] = parameters.weights(of: parameter).matrix()
    }
    for (name, window) in statistics { result[name] = window.matrix() }
    return result
  }

  /// Copies weights of the same names and shapes; the centers may be missing or differ in number.
  ///
  /// - Throws: `ModelFault` if one is missing or has another shape.
  package func load(_ weights: ModelWeights) throws(ModelFault) {
    for parameter in parameters.all {
      let place = parameters.weights(of: parameter)
      let given = weights[parameter.name]
      if parameter == centers, given?.rows != place.rows || given?.columns != place.columns {
        continue
      }
      place.copy(from: try matrix(parameter.name, like: place, in: weights))
    }
    for (name, place) in statistics {
      place.copy(from: try matrix(name, like: place, in: weights))
    }
  }

  private func matrix(_ name: String, like place: Window<Float>, in weights: ModelWeights)
    throws(ModelFault) -> Matrix<Float>
  {
    guard let matrix = weights[name] else { throw .missing(name, of: Self.name) }
    guard matrix.rows == place.rows && matrix.columns == place.columns else {
      throw ModelFault(
        .badData,
        "model.\(Self.name).\(name): \(matrix.rows) × \(matrix.columns) instead of \(place.rows) × \(place.columns); run sc-pretrain --model \(Self.name) on these data"
      )
    }
    return matrix
  }
}

extension ModelWeights {
  /// The width of a layer by its bias, or of any row of that name.
  ///
  /// - Throws: `ModelFault` if there is none.
  package func width(_ name: String, of model: String) throws(ModelFault) -> Int {
    guard let matrix = self[name], matrix.rows == 1, matrix.columns > 0 else {
      throw .missing(name, of: model)
    }
    return matrix.columns
  }

  /// The widths of the layers NAME.0, NAME.1, …
  package func widths(_ name: String, of model: String) throws(ModelFault) -> [Int] {
    var result: [Int] = []
    while self["\(name).\(result.count).bias"] != nil {
      result.append(try width("\(name).\(result.count).bias", of: model))
    }
    return result
  }

  /// The same of layers of which a model has one or more.
  ///
  /// - Throws: `ModelFault` if there is none.
  package func layers(_ name: String, of model: String) throws(ModelFault) -> [Int] {
    let result = try widths(name, of: model)
    if result.isEmpty { throw .missing("\(name).0.bias", of: model) }
    return result
  }

  /// The number of batches that a layer of NAME, the first or another, reads beside codes of that
  /// width.
  ///
  /// - Throws: `ModelFault` if its input is narrower than the codes.
  package func batches(of name: String, layer: Int = 0, latent: Int, model: String)
    throws(ModelFault) -> Int
  {
    guard let kernel = self["\(name).\(layer).kernel"] else { return 0 }
    if kernel.rows >= latent { return kernel.rows - latent }
    throw ModelFault(
      .badData,
      "model.\(model).\(name).\(layer).kernel: \(kernel.rows) rows for codes of width \(latent); run sc-pretrain again"
    )
  }
}

/// The name of the biases of an encoder that reads batches.
private func biasesOfBatches(_ encoder: String) -> String { "\(encoder).batches" }

extension ModelWeights {
  /// Whether the encoder reads batches.
  package var encodesBatches: Bool { encodesBatches(by: "encoder") }

  /// Whether an encoder with that name reads them.
  package func encodesBatches(by encoder: String) -> Bool { self[biasesOfBatches(encoder)] != nil }
}

extension Parameters {
  /// The biases of the first layer of an encoder, one for every batch, all 0 at first; nil without
  /// batches. (batches, width)
  package func batchBiases(of batches: Int, width: Int, encoder: String = "encoder") -> Parameter? {
    batches == 0 ? nil : declare(biasesOfBatches(encoder), rows: batches, columns: width, .zeros)
  }
}

/// All weights and statistics of a model at one time, in the order of the parameters.
package struct ModelSnapshot: Sendable {
  /// (1, number of weights)
  package let weights: Matrix<Float>
  /// (1, number of statistics)
  package let statistics: Matrix<Float>

  /// The values of a parameter.
  func matrix(of parameter: Parameter) -> Matrix<Float> {
    Window(reading: weights).window(
      at: parameter.offset, rows: parameter.rows, columns: parameter.columns
    ).matrix()
  }
}

extension TrainableModel where S == Float {
  /// A copy of all weights and statistics.
  func snapshot() -> ModelSnapshot {
    var statistics: [Float] = []
    for (_, window) in self.statistics { statistics += window.matrix().elements }
    return ModelSnapshot(
      weights: parameters.weights.matrix(),
      statistics: Matrix(rows: 1, columns: statistics.count, elements: Buffer(statistics)))
  }

  /// Restores all weights and statistics.
  func restore(_ snapshot: ModelSnapshot) {
    parameters.weights.copy(from: snapshot.weights)
    var place = 0
    for (_, window) in statistics {
      let values = snapshot.statistics.elements.span
      for i in 0..<window.rows {
        for j in 0..<window.columns {
          window[i, j] = values[place]
          place += 1
        }
      }
    }
  }
}
