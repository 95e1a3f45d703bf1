import Tensors

/// What is wrong with an embedding, or with what was asked of it.
package struct NeighborsFault: Fault, Equatable {
  package let kind: FaultKind
  package let description: String

  init(kind: FaultKind = .badData, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

/// Refuses a matrix that holds NaN or infinities, naming the first row that does, counted from 1.
func requireFinite(_ matrix: Matrix<Float>, _ what: String) throws(NeighborsFault) {
  guard let i = matrix.firstNonFinite?.row else { return }
  throw NeighborsFault(
    "\(what), row \(i + 1): a value is not finite; remove the cell or fix the program that wrote it"
  )
}
