// The layer by which the cells of a batch attend to each other in the released program of scEMC.
// The paper's is `CellAttention`.

import Autodiff
import Tensors

/// One post-norm encoder layer of a transformer with one head (Vaswani et al. 2017; PyTorch's
/// TransformerEncoderLayer). y = norm₁(x + drop(attention(x))), out = norm₂(y + drop(W₂
/// drop(relu(W₁ y + b₁)) + b₂)).
package struct TransformerLayer: Sendable {
  let query: Dense
  let key: Dense
  let value: Dense
  let projection: Dense
  let inner: Dense
  let outer: Dense
  /// Scale and shift of the two normalizations.
  let norms: [(scale: Parameter, shift: Parameter)]
  let dropout: Double

  /// Declares NAME.query, .key, .value, .projection, .inner, .outer (kernels with biases) and
  /// NAME.norm.0, .1 (scale, shift).
  package init<S>(
    _ name: String, width: Int, inner innerWidth: Int = 256, dropout: Double = 0.1,
    in parameters: Parameters<S>
  ) {
    func square(_ part: String) -> Dense {
      Dense("\(name).\(part)", inputs: width, outputs: width, in: parameters)
    }
    (query, key, value) = (square("query"), square("key"), square("value"))
    projection = square("projection")
    inner = Dense(
      "\(name).inner", inputs: width, outputs: innerWidth, rectifying: true, in: parameters)
    outer = Dense("\(name).outer", inputs: innerWidth, outputs: width, in: parameters)
    norms = (0..<2).map { i in
      (
        parameters.declare("\(name).norm.\(i).scale", rows: 1, columns: width, .ones),
        parameters.declare("\(name).norm.\(i).shift", rows: 1, columns: width, .zeros)
      )
    }
    self.dropout = dropout
  }

  /// Cells of a batch attend to that batch; with dropout if `noise` is given. (B, D) → (B, D)
  package func callAsFunction<S>(_ z: Variable<S>, dropping noise: NoiseKey?, on tape: Tape<S>)
    -> Variable<S>
  {
    let noise = dropout > 0 ? noise : nil
    let attended = tape.attention(
      queries: query(z, on: tape), keys: key(z, on: tape), values: value(z, on: tape),
      dropout: noise.map { (dropout, $0.part(1)) })
    return feedForward(z, attended, noise, on: tape)
  }

  /// All cells attend to reference cells; no gradients. (N, D) (M, D) → (N, D)
  package func callAsFunction<S>(
    _ z: Variable<S>, attendingTo reference: Variable<S>, on tape: Tape<S>
  )
    -> Variable<S>
  {
    let attended = tape.result(rows: z.rows, columns: z.columns)
    attend(
      queries: query(z, on: tape).value, keys: key(reference, on: tape).value,
      values: value(reference, on: tape).value, into: attended.value)
    return feedForward(z, attended, nil, on: tape)
  }

  private func feedForward<S>(
    _ z: Variable<S>, _ attended: Variable<S>, _ noise: NoiseKey?, on tape: Tape<S>
  ) -> Variable<S> {
    func dropped(_ x: Variable<S>, _ part: UInt64) -> Variable<S> {
      guard let noise else { return x }
      return tape.dropout(x, rate: dropout, key: noise.part(part))
    }
    func normalized(_ x: Variable<S>, _ i: Int) -> Variable<S> {
      tape.layerNormalization(
        x, scale: tape.variable(norms[i].scale), shift: tape.variable(norms[i].shift))
    }
    let y = normalized(tape.sum(z, dropped(projection(attended, on: tape), 2)), 0)
    let hidden = dropped(inner(y, on: tape), 3)
    return normalized(tape.sum(y, dropped(outer(hidden, on: tape), 4)), 1)
  }
}
