import Tensors

/// An error in an embedding, or in a request.
package struct NeighborsFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(kind: FaultKind = .badData, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

/// Throws if a matrix holds NaN or infinities; the error names the first such row, counted from 1.
func requireFinite(_ matrix: Matrix<Float>, _ what: String) throws(NeighborsFault) {
  guard let i = matrix.firstNonFinite?.row else { return }
  throw NeighborsFault(
    "\(what), row \(i + 1): a value is not finite; remove the cell or fix the program that wrote it"
  )
}
