import ArgumentParser
import CellData
import Clustering
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
    let points = name == nil ? obsm["X_latent"] ?? obsm["X_pca"] : try embedding(name)
    let estimate = try ClusterCountEstimate(
      of: try graph(use: name), points: points, seed: stage.seed)
    for candidate in estimate.candidates {
      let stability = candidate.stability.map { ", stability \(threeDecimals($0))" } ?? ""
      stage.log.detail(
        "resolution \(threeDecimals(candidate.resolution)): \(candidate.clusters) clusters, modularity \(threeDecimals(candidate.modularity))\(stability)"
      )
    }
    let elbow = estimate.elbow.map { ", the elbow of the inertia is at \($0)" } ?? ""
    stage.log.note(
      "\(estimate.clusters) clusters: the most stable near the estimate (modularity is highest with \(estimate.modularityPeak)\(elbow)); --clusters gives another number"
    )
    return estimate.clusters
  }
}
