import NeuralNetworks
import Training

extension ScTPF {
  /// Puts the heads of mean and dispersion where the counts' own moments are; the weights must have been drawn.
  package func startHeads(at data: GraphData<S>) {
    heads.startAtMoments(of: data.target, in: parameters)
  }
}
