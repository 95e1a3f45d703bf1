import Training

/// The shape of a model, whose decoder and perhaps its encoder see the batches of the cells.
package protocol ModelShape: Sendable {
  /// G.
  var genes: Int { get }
  /// How many batches of cells the decoders see beside the code; 0: none.
  var batches: Int { get }
  /// Whether the first layers of the encoders have a bias for each of them.
  var encodesBatches: Bool { get }
}

extension ModelShape {
  /// How many batches the encoders see.
  package var encodedBatches: Int { encodesBatches ? batches : 0 }
}

/// The shape of a model that its weights show without further settings.
package protocol ShapeOfWeights: ModelShape {
  /// What is no shape has its default.
  ///
  /// - Throws: `ModelFault` where the weights do not make such a model.
  init(of weights: ModelWeights) throws(ModelFault)
}

extension DESC.Configuration: ShapeOfWeights {}
extension ScMDC.Configuration: ShapeOfWeights {}
extension ScDeepCluster.Configuration: ModelShape {}
extension ScEMC.Configuration: ModelShape {}
extension ScTPF.Configuration: ModelShape {}
extension ScDSC.Configuration: ShapeOfWeights {
  package var encodesBatches: Bool { false }
}
