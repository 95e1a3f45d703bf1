// Weight decay as part of the gradient, λ w, which is that of λ/2 ‖w‖²: what PyTorch's Adam calls
// weight_decay. The losses that are reported do not contain it.

import Autodiff
import Tensors

extension Tape {
  /// Adds λ w to the gradients of these parameters.
  package func decayWeights(of parameters: [Parameter], by lambda: S) {
    if lambda == 0 { return }
    for parameter in parameters {
      let weights = variable(parameter)
      guard let sink = sink(for: weights) else { continue }
      addScaled(
        weights.value, factor: lambda, into: sink.window, accumulating: sink.accumulates)
    }
  }
}
