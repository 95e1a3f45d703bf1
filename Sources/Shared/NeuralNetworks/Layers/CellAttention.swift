// How the cells of a batch attend to each other in the paper of scEMC. Its released program has a
// `TransformerLayer` instead.

import Autodiff
import Tensors

/// Ẑ = W_h (Z + softmax(H1 H2ᵀ / √D) H3) + b with H1, H2, H3 = Z W1, Z W2, Z W3 (scEMC, equations
/// 10 to 12).
package struct CellAttention: Sendable {
  let query: Parameter
  let key: Parameter
  let value: Parameter
  let head: Dense

  /// Declares NAME.query, NAME.key, NAME.value and NAME.head, each (width, width), the last with a
  /// bias.
  package init<S>(_ name: String, width: Int, in parameters: Parameters<S>) {
    func square(_ part: String) -> Parameter {
      parameters.declare("\(name).\(part)", rows: width, columns: width, .glorotUniform)
    }
    (query, key, value) = (square("query"), square("key"), square("value"))
    head = Dense("\(name).head", inputs: width, outputs: width, in: parameters)
  }

  /// Cells of a batch attend to that batch. (B, D) → (B, D)
  package func callAsFunction<S>(_ z: Variable<S>, on tape: Tape<S>) -> Variable<S> {
    let attended = tape.attention(
      queries: tape.product(z, tape.variable(query)), keys: tape.product(z, tape.variable(key)),
      values: tape.product(z, tape.variable(value)))
    return head(tape.sum(z, attended), on: tape)
  }

  /// All cells attend to reference cells; no gradients. (N, D) (M, D) → (N, D)
  package func callAsFunction<S>(
    _ z: Variable<S>, attendingTo reference: Variable<S>, on tape: Tape<S>
  )
    -> Variable<S>
  {
    let attended = tape.result(rows: z.rows, columns: z.columns)
    attend(
      queries: tape.product(z, tape.variable(query)).value,
      keys: tape.product(reference, tape.variable(key)).value,
      values: tape.product(reference, tape.variable(value)).value, into: attended.value)
    return head(tape.sum(z, attended), on: tape)
  }
}
