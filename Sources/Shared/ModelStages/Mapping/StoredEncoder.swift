import CellData
import Models
import StageSupport
import Tensors
import Training

extension CellData {
  /// One pass of the encoder of a stored model over all cells, over their graph where the model
  /// reads one. (N, D)
  ///
  /// - Throws: `ModelStageFault` and `ModelFault` where weights or cells lack something, or the
  ///   model is one of two measurements.
  package func codes(ofStored name: ModelName) throws -> Matrix<Float> {
    try codes(ofStored: name.kind)
  }

  /// The same of a model of this kind.
  package func codes<Model: ModelKind>(ofStored kind: Model.Type) throws -> Matrix<Float> {
    let weights = weights(of: Model.name)
    if weights.encodesBatches {
      throw ModelStageFault(
        "the encoder of the stored model sees batches (--encode-batch), and new cells belong to none of them; give --use X_pca"
      )
    }
    let model = try Model(storedIn: self, clusters: weights["centers"]?.rows)
    if model.readsSecond { throw ModelStageFault.ofTwoMeasurements }
    try ModelStageFault.require(genes: model.geneCount, of: geneCount)
    try model.load(weights)
    return try model.codes(of: self, productBytes: keptProductBytes)
  }
}

extension ModelStageFault {
  fileprivate static let ofTwoMeasurements = ModelStageFault(
    "the stored model is one of paired data, and cells are mapped by their RNA alone; give --use X_pca"
  )
}
