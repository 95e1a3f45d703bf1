import Tensors

/// An error in the training of a model.
package struct ModelFault: Fault {
  package let kind: FaultKind
  package let description: String

  package init(_ kind: FaultKind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Stored weights of a model lack a part of this name.
  package static func missing(_ name: String, of model: String) -> ModelFault {
    ModelFault(
      .badData, "model.\(model).\(name): is missing; run sc-pretrain --model \(model) first")
  }

  /// A loss is not finite: the message names the epoch and the term.
  static func diverged(stage: String, epoch: Int, loss: LossTerms) -> ModelFault {
    let term = loss.parts.first { !$0.value.isFinite }?.name ?? "total"
    return ModelFault(
      .internalError,
      "\(stage), epoch \(epoch): the \(term) loss is not finite; try a lower --learning-rate")
  }
}
