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
    let weights = weights(of: name.rawValue)
    let clusters = weights["centers"]?.rows
    if weights.encodesBatches {
      throw ModelStageFault(
        "the encoder of the stored model sees batches (--encode-batch), and new cells belong to none of them; give --use X_pca"
      )
    }
    func codes<Model: CodingModel>(_ model: Model, genes: Int) throws -> Matrix<Float>
    where Model.S == Float {
      try ModelStageFault.require(genes: genes, of: geneCount)
      try model.load(weights)
      return try model.codes(of: self, productBytes: keptProductBytes)
    }
    switch name {
    case .sctpf:
      let shape = try configurationOfScTPF()
      return try codes(ScTPF<Float>(shape, clusters: clusters), genes: shape.genes)
    case .sctag:
      let shape = try configurationOfScTPF(named: name.rawValue)
      return try codes(ScTAG(ScTPF<Float>(shape, clusters: clusters)), genes: shape.genes)
    case .scdeepcluster:
      let shape = try configurationOfScDeepCluster()
      return try codes(ScDeepCluster<Float>(shape, clusters: clusters), genes: shape.genes)
    case .sczidesk:
      let shape = try layersOfScziDesk()
      return try codes(
        ScziDesk(ScDeepCluster<Float>(shape, clusters: clusters)), genes: shape.genes)
    case .desc:
      let shape = try configurationOfDESC()
      return try codes(DESC<Float>(shape, clusters: clusters), genes: shape.genes)
    case .scdsc:
      let shape = try ScDSC<Float>.Configuration(of: weights)
      return try codes(ScDSC<Float>(shape, clusters: clusters), genes: shape.genes)
    case .scemc:
      let shape = try configurationOfScEMC()
      if shape.features != nil { throw ModelStageFault.ofTwoMeasurements }
      return try codes(ScEMC<Float>(shape, clusters: clusters), genes: shape.genes)
    case .scmdc, .dcca, .scmcs, .scmvae: throw ModelStageFault.ofTwoMeasurements
    }
  }
}

extension ModelStageFault {
  fileprivate static let ofTwoMeasurements = ModelStageFault(
    "the stored model is one of two measurements, and cells are mapped by their RNA alone; give --use X_pca"
  )
}
