import Autodiff

/// The gradient of a loss by central differences, one weight after the other.
func centralDifferences(
  of parameters: Parameters<Double>, _ loss: (Tape<Double>) -> Double
) -> [Double] {
  let (tape, weights) = (Tape(parameters), parameters.weights)
  return (0..<parameters.count).map { i in
    let original = weights[0, i]
    defer { weights[0, i] = original }
    weights[0, i] = original + 1e-6
    let above = loss(tape)
    weights[0, i] = original - 1e-6
    return (above - loss(tape)) / 2e-6
  }
}
