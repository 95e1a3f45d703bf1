import NeuralNetworks
import StageSupport

extension OptimizerKind {
  /// What the provenance notes: β₁ of Adam, which presets set.
  var provenance: [(String, JSONValue)] {
    if case .adam(let beta1, _) = self { return [("beta1", .number(beta1))] }
    return []
  }
}
