import Tensors

/// An error of the drawing library.
package struct PlotsFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(_ kind: FaultKind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
