import NeuralNetworks

extension ScTPF {
  /// Puts the heads of mean and dispersion where the counts' own moments are; the weights must have been drawn.
  package func startHeads(at data: ModelData<S>) {
    heads.startAtMoments(of: data.target, in: parameters)
  }
}
