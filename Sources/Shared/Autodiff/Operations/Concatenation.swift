// y = [x_1, …, x_k]: matrices of N rows side by side; each takes its columns of dy.

import Tensors

private struct Concatenation<S: EngineScalar>: Operation {
  let inputs: [Variable<S>]
  let output: Variable<S>

  func backward(on tape: Tape<S>) {
    guard let outer = tape.gradient(of: output) else { return }
    var column = 0
    for input in inputs {
      if let sink = tape.sink(for: input) {
        // SAFETY: the input's columns begin at `column` of the output; both have the same rows.
        unsafe S.kernels.copyColumns(
          input.rows, input.columns, outer.pointer + column, outer.columns, sink.window.pointer,
          input.columns, sink.accumulates)
      }
      column += input.columns
    }
  }
}

extension Tape {
  /// The matrices side by side. (N, D_1), … → (N, Σ D)
  package func concatenate(_ inputs: [Variable<S>]) -> Variable<S> {
    if inputs.count == 1 { return inputs[0] }
    let rows = inputs.first?.rows ?? 0
    precondition(inputs.allSatisfy { $0.rows == rows }, "matrices of unequal height")
    let output = result(rows: rows, columns: inputs.reduce(0) { $0 + $1.columns })
    var column = 0
    for input in inputs {
      // SAFETY: as above.
      unsafe S.kernels.copyColumns(
        rows, input.columns, input.value.pointer, input.columns, output.value.pointer + column,
        output.columns, false)
      column += input.columns
    }
    record(Concatenation(inputs: inputs, output: output))
    return output
  }
}
