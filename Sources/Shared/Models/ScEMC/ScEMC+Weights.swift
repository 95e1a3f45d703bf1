import Autodiff
import NeuralNetworks
import Tensors
import Training

extension ScEMC {
  /// The statistics of every normalized layer by name.
  package var statistics: [(name: String, window: Window<S>)] {
    Models.statistics(of: normalizedLayers)
  }
}

extension ScEMC.Configuration {
  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Parameter batches: how many batches its decoders see.
  /// - Throws: `ModelFault` where the weights do not make an scEMC model.
  package init(of weights: ModelWeights, batches: Int = 0) throws(ModelFault) {
    func width(_ name: String) throws(ModelFault) -> Int {
      try weights.width(name, of: ScEMC.name)
    }
    func widths(_ name: String) throws(ModelFault) -> [Int] {
      try weights.widths(name, of: ScEMC.name)
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
    (self.batches, encodesBatches) = (batches, batches > 0 && weights.encodesBatches)
    guard let rows = weights["decoder.rna.0.kernel"]?.rows else { return }
    skips = rows - batches != jointWidth
    if rows == codeWidth + batches { return }
    throw ModelFault(
      .badData,
      "model.\(ScEMC.name).decoder.rna.0.kernel: \(rows) rows for codes of width \(codeWidth) and \(batches) batches (uns.\(ScEMC.name).batches); run sc-pretrain on these data"
    )
  }
}
