import Tensors

/// Something that the models need and that the data lack: always bad data, reported with the stage
/// that makes it.
package struct ModelStageFault: Fault {
  package let kind = FaultKind.badData
  package let description: String

  init(_ description: String) { self.description = description }

  /// Throws where a stored model is not one of the genes that there are.
  static func require(genes model: Int, of found: Int) throws(ModelStageFault) {
    if model == found { return }
    throw ModelStageFault(
      "the model was trained on \(model) genes, but the data have \(found); run sc-pretrain on these data"
    )
  }
}
