import Autodiff
import Training

extension DCCA.Configuration: PairedCountShape {
  /// The columns of [m of the RNA, m of the second measurement] that make the codes.
  var columnsOfCodes: Range<Int> {
    switch codes {
    case .joint: 0..<2 * latent
    case .rna: 0..<latent
    case .second: latent..<2 * latent
    }
  }

  /// The width of the codes.
  package var codeWidth: Int { columnsOfCodes.count }

  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = DCCA.name
    try self.init(explainedBy: weights, of: name)
    rnaEncoder = try weights.layers("rna.encoder", of: name)
    rnaDecoder = try weights.widths("rna.decoder", of: name)
    secondEncoder = try weights.layers("second.encoder", of: name)
    secondDecoder = try weights.widths("second.decoder", of: name)
    latent = try weights.width("rna.mean.bias", of: name)
    try takeBatches(of: weights, seenBy: "rna.decoder", model: name)
  }
}
