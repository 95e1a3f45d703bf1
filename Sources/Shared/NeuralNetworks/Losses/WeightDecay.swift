// Weight decay as a part of the gradient: λ w, the gradient of λ/2 ‖w‖². PyTorch's Adam calls it
// weight_decay. The reported losses do not contain it.

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
