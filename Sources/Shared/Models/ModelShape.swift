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

extension ScDeepCluster.Configuration: ModelShape {}
extension DESC.Configuration: ModelShape {}
extension ScMDC.Configuration: ModelShape {}
extension ScEMC.Configuration: ModelShape {}
extension ScTPF.Configuration: ModelShape {}
extension ScDSC.Configuration: ModelShape {
  package var encodesBatches: Bool { false }
}
