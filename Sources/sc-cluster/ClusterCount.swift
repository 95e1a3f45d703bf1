import ArgumentParser
import CellData
import Clustering
import ModelStages
import Neighbors
import StageSupport
import Tensors

/// What --clusters asks for.
enum ClusterCount: Equatable, ExpressibleByArgument {
  case auto
  case exactly(Int)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let number = Int(argument) {
      self = .exactly(number)
    } else {
      return nil
    }
  }
}

extension CellData {
  /// How many clusters the graph shows, with the curve that says so in the log.
  func estimatedClusterCount(use name: String?, _ stage: Stage) throws -> Int {
    let points = name == nil ? embeddingName(nil).flatMap { obsm[$0] } : try embedding(name)
    let estimate = try ClusterCountEstimate(
      of: try graph(use: name), points: points, common: name == nil ? commonGraph(stage) : nil,
      seed: stage.seed)
    for candidate in estimate.candidates {
      let stability = candidate.stability.map { ", stability \(threeDecimals($0))" } ?? ""
      stage.log.detail(
        "resolution \(threeDecimals(candidate.resolution)): \(candidate.clusters) clusters, modularity \(threeDecimals(candidate.modularity))\(stability)"
      )
    }
    let elbow = estimate.elbow.map { ", the elbow of the inertia is at \($0)" } ?? ""
    let parts =
      estimate.parts.map { ", the models' neighborhoods have \($0) parts in common" } ?? ""
    let rule = estimate.parts == nil ? "the most stable near the estimate" : "the middle estimate"
    stage.log.note(
      "\(estimate.clusters) clusters: \(rule) (modularity is highest with \(estimate.modularityPeak)\(elbow)\(parts)); --clusters gives another number"
    )
    return estimate.clusters
  }

  /// What the codes of several models have in common as neighborhoods of 15; nil where there is one model, or none.
  private func commonGraph(_ stage: Stage) throws -> SparseMatrix<Float>? {
    guard let codes = obsm["X_latent"], !furtherCodes.isEmpty else { return nil }
    return try commonNeighbors(of: [codes] + furtherCodes, count: 15, seed: stage.seed)
  }
}
