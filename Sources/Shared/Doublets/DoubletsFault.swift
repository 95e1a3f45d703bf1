import Tensors

/// Why doublets cannot be detected.
package struct DoubletsFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(kind: FaultKind = .badData, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
