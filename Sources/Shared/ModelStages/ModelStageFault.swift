import Tensors

/// Something that the models need and that the data lack: always bad data, told with the stage that makes it.
package struct ModelStageFault: Fault {
  package let kind = FaultKind.badData
  package let description: String

  init(_ description: String) { self.description = description }
}
