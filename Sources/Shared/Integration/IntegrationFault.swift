import Tensors

/// The reason why batches cannot be integrated.
package struct IntegrationFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(kind: FaultKind = .badData, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
