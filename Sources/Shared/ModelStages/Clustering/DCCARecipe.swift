import CellData
import Clustering
import Models
import StageSupport
import Tensors
import Training

/// How sc-cluster partitions the codes of DCCA, which trains nothing then.
package struct DCCARecipe: ClusteringRecipe {
  package var settings: DCCAClustering

  package init(_ settings: DCCAClustering) { self.settings = settings }

  package var extent: TrainingExtent { settings.extent }

  package func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int)
    throws -> PreparedClustering<DCCA<Float>>
  {
    let stored = try cells.requiredWeights(of: DCCA<Float>.name)
    let shape = try cells.configurationOfDCCA()
    let input = try PairedInput(
      countsOf: cells, for: .dcca, readsGraph: settings.start.readsCodes)
    try input.require(
      genes: shape.genes, features: shape.features, likelihood: shape.secondLikelihood)
    try DCCA<Float>(shape, clusters: clusters).load(stored)
    return try PreparedClustering(
      settings, filter: nil, of: cells, input, clusters: clusters, seed: seed,
      provenance: [
        ("start", .string(settings.start.rawValue)), ("codes", .string(shape.codes.rawValue)),
      ],
      annotate: { $0.store(shape) },
      training: { [settings] _ in
        let model = DCCA<Float>(shape, clusters: clusters)
        try model.load(stored)
        return GuardedTraining(
          model, on: PairedSteps(input.data, size: settings.batchSize, seed: seed),
          rule: StabilityRule(share: 0), schedule: settings.schedule)
      })
  }
}

extension PairedInput {
  /// Throws where a stored model, which explains the second modality by a likelihood, is one of
  /// other data.
  func require(genes: Int, features: Int, likelihood: Likelihood) throws(ModelStageFault) {
    try require(genes: genes, features: features, hasCounts: likelihood.explainsCounts)
    guard secondIsBinary != (likelihood == .bernoulli) else { return }
    let (model, found) = secondIsBinary ? ("counts", "peaks") : ("peaks", "counts")
    throw ModelStageFault(
      "the model explains '\(secondName ?? "")' as \(model), but the data have \(found); run sc-pretrain on these data"
    )
  }
}
