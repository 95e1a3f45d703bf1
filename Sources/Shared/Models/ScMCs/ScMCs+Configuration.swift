import Autodiff
import Training

extension ScMCs.Configuration: PairedCountShape {
  package var codeWidth: Int { latent }

  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = ScMCs.name
    try self.init(explainedBy: weights, of: name)
    latent = try weights.width("fusion.bias", of: name)
    rnaEncoder = try weights.widths("rna.encoder", of: name).dropLast()
    secondEncoder = try weights.widths("second.encoder", of: name).dropLast()
    try takeBatches(of: weights, seenBy: "rna.decoder", model: name)
  }
}
