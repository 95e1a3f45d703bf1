import Autodiff
import NeuralNetworks
import Tensors
import Training

/// Random numbers of a pass through variational layers, or what stands in their place in a test.
package protocol PassNoise<S> {
  associatedtype S: EngineScalar
  /// The mask of hidden layer `number` of the pass.
  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S>
  /// ε: standard normal numbers.
  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S>
}

/// The numbers that a key names.
struct SeededPassNoise<S: EngineScalar>: PassNoise {
  let key: NoiseKey
  let dropout: Double

  func mask(_ number: Int, rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    tape.dropoutMask(rows: rows, columns: columns, rate: dropout, key: key.part(UInt64(number + 1)))
  }

  func normals(rows: Int, columns: Int, on tape: Tape<S>) -> Window<S> {
    let window = tape.workspace.window(rows: rows, columns: columns)
    window.fill(with: 0)
    addNormalNoise(1, key: key.part(0), to: window)
    return window
  }
}

extension Tape {
  /// Hidden values under the mask of layer `number`; as they are without noise. (B, E) → (B, E)
  func dropped(_ x: Variable<S>, _ number: Int, _ noise: (any PassNoise<S>)?) -> Variable<S> {
    guard let noise else { return x }
    return dropout(x, mask: noise.mask(number, rows: x.rows, columns: x.columns, on: self))
  }

  /// Through layers, each under a mask, the first of number `first`. (B, D) → (B, E)
  func through(
    _ layers: some Sequence<NormalizedDense<S>>, _ x: Variable<S>, first: Int = 0,
    noise: (any PassNoise<S>)?, mode: NormalizationMode
  ) -> Variable<S> {
    var hidden = x
    for (i, layer) in layers.enumerated() {
      hidden = dropped(layer(hidden, mode: mode, on: self), first + i, noise)
    }
    return hidden
  }

  /// z = m + e^(l/2) ε; without noise m. (B, D)
  func code(of distribution: NormalExpert<S>, noise: (any PassNoise<S>)?) -> Variable<S> {
    let (m, l) = (distribution.mean, distribution.logVariance)
    guard let noise else { return m }
    return normalSample(
      mean: m, logVariance: l, noise: noise.normals(rows: m.rows, columns: m.columns, on: self))
  }
}
