import Autodiff
import Training

extension ScMCs.Configuration: PairedCountShape {
  package var codeWidth: Int { latent }

  /// The shape of the model that these weights belong to; what is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  package init(of weights: ModelWeights) throws(ModelFault) {
    let name = ScMCs.name
    let (rna, second) = (
      try weights.likelihood("rna", of: name), try weights.likelihood("second", of: name)
    )
    self.init(genes: rna.1, features: second.1)
    (rnaLikelihood, secondLikelihood) = (rna.0, second.0)
    latent = try weights.width("fusion.bias", of: name)
    rnaEncoder = try weights.widths("rna.encoder", of: name).dropLast()
    secondEncoder = try weights.widths("second.encoder", of: name).dropLast()
    try takeBatches(of: weights, seenBy: "rna.decoder", model: name)
  }
}
