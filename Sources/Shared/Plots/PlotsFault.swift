import Tensors

/// What the drawing library could not do.
package struct PlotsFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(_ kind: FaultKind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
