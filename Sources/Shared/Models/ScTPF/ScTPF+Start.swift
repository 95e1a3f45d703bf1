import NeuralNetworks
import Tensors
import Training

extension ScTPF {
  /// Puts the heads of mean and dispersion where the counts' own moments are; the weights must have
  /// been drawn.
  package func startHeads(at data: GraphData<S>) {
    heads?.startAtMoments(of: data.target, in: parameters)
  }
}

extension ScTPF.Configuration {
  /// The weights of a stored model for this shape. If it explained counts and this shape explains
  /// values, the head of these begins at 0. That is the mean of every gene, and moves nothing else
  /// of the model at first.
  package func fitting(_ stored: ModelWeights) -> ModelWeights {
    guard !usesLikelihood, stored["values.bias"] == nil else { return stored }
    var weights = stored
    weights["values.kernel"] = .zeros(lastDecoder, genes)
    weights["values.bias"] = .zeros(1, genes)
    return weights
  }
}
