import Autodiff
import Clustering
import Glibc
import NeuralNetworks
import Tensors
import Training

extension ScMVAE {
  /// Before the round of the mixture, fits this to codes of the cells that learn, one drawn of each
  /// cell's distribution.
  package func beginRound(_ part: Int, over source: PairedSteps<S>) throws {
    guard part == ScMVAEPart.mixture.rawValue else { return }
    let seed = source.seed.stream(.mixture)
    var options = GaussianMixture.Options()
    options.addedVariance = Self.addedVariance
    let fitted = try GaussianMixture.fit(
      sampledCodes(over: source, seed: seed), components: configuration.components, seed: seed,
      options: options)
    let (logits, means, logVariances) = (
      parameters.weights(of: prior.logits), parameters.weights(of: prior.means),
      parameters.weights(of: prior.logVariances)
    )
    for k in 0..<configuration.components {
      // A component without cells stays one that cells can come back to.
      logits[0, k] = S(log(max(fitted.weights[k], Self.leastWeight)))
      for d in 0..<configuration.latent {
        means[k, d] = S(fitted.means[k, d])
        logVariances[k, d] = S(log(fitted.variances[k, d]))
      }
    }
  }

  private static var leastWeight: Double { 1e-6 }
  /// A component of a few cells is not narrower than codes can be.
  private static var addedVariance: Double { 1e-2 }

  /// z of the cells that learn, in the order of work. (learning cells, D)
  private func sampledCodes(over source: PairedSteps<S>, seed: UInt64) -> Matrix<S> {
    let (tape, width) = (Tape(parameters), configuration.latent)
    let all = source.codes(on: tape) { batch, tape in
      let found = distribution(batch, noise: nil, mode: .evaluation, on: tape)
      return tape.concatenate([found.mean, found.logVariance]).value
    }.selectingRows(source.learning)
    tape.reset()
    let both = tape.constant(Window(reading: all))
    return tape.normalSample(
      mean: tape.columns(0..<width, of: both),
      logVariance: tape.columns(width..<2 * width, of: both),
      key: NoiseKey(seed: seed, stream: 0)
    ).value.matrix()
  }
}
