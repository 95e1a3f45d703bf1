import Tensors

/// One term of the loss of a step.
package struct LossTerm: Sendable, Equatable {
  package let name: String
  /// The factor of the term in the total loss.
  package let weight: Double
  /// The mean over the step, before the weight.
  package let value: Double

  /// Evaluates a term: `loss` writes the gradient of its weight times the value, and returns the
  /// value.
  package init(_ name: String, weight: Double = 1, _ loss: (_ weight: Double) -> Double) {
    self.name = name
    self.weight = weight
    value = loss(weight)
  }
}

/// The loss of a step or of an epoch: the weighted total, and every term by name before its weight.
package struct LossTerms: Sendable, Equatable {
  package var total: Double
  package var parts: [(name: String, value: Double)]

  package init(total: Double, parts: [(name: String, value: Double)]) {
    self.total = total
    self.parts = parts
  }

  package init(_ terms: [LossTerm]) {
    total = terms.reduce(0) { $0 + $1.weight * $1.value }
    parts = terms.map { ($0.name, $0.value) }
  }

  /// The part that is the loss of cells that no step learns from.
  static let heldOutName = "held_out"
  /// Its value; nil if no cells are held out.
  package var heldOut: Double? { parts.first { $0.name == Self.heldOutName }?.value }

  package static func == (a: LossTerms, b: LossTerms) -> Bool {
    a.total == b.total && a.parts.elementsEqual(b.parts) { $0 == $1 }
  }

  /// All terms times a factor.
  func scaled(by factor: Double) -> LossTerms {
    LossTerms(total: total * factor, parts: parts.map { ($0.name, $0.value * factor) })
  }

  /// The sum with `factor` times another loss of the same terms.
  func adding(_ other: LossTerms, _ factor: Double) -> LossTerms {
    LossTerms(
      total: total + factor * other.total,
      parts: zip(parts, other.parts).map { ($0.name, $0.value + factor * $1.value) })
  }
}
