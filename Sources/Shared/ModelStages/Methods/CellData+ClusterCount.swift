import CellData
import Clustering
import StageSupport
import Tensors
import Training

extension CellData {
  /// How many clusters the cells show; logs the candidates. Reads the codes of several models, if
  /// there are any and `use` is nil.
  package mutating func estimatedClusterCount(
    by method: ClusteringMethod, use name: String?, _ stage: Stage
  ) throws -> Int {
    let others = method == .consensus ? codesBeside : furtherCodes
    if name == nil, let codes = obsm["X_latent"], !others.isEmpty {
      return try supportedClusterCount([codes] + others, stage)
    }
    let points = name == nil ? embeddingName(nil).flatMap { obsm[$0] } : try embedding(name)
    let estimate = try ClusterCountEstimate(
      of: try graph(use: name), points: points, seed: stage.seed)
    for candidate in estimate.candidates {
      let stability = candidate.stability.map { ", stability \(threeDecimals($0))" } ?? ""
      stage.log.detail(
        "resolution \(threeDecimals(candidate.resolution)): \(candidate.clusters) clusters, modularity \(threeDecimals(candidate.modularity))\(stability)"
      )
    }
    let elbow = estimate.elbow.map { "; elbow of the inertia: \($0)" } ?? ""
    stage.log.note(
      "\(counted(estimate.clusters, "cluster")), the most stable number near the estimates (highest modularity: \(estimate.modularityPeak)\(elbow)); --clusters sets another number"
    )
    return estimate.clusters
  }

  /// The number of eigenvalues of the cells' products above the limit of random data.
  package func tracyWidomClusterCount(_ stage: Stage) throws -> Int {
    let found = try TracyWidomEstimate(
      of: try logarithms(for: "--clusters tracy-widom"), seed: stage.seed)
    let largest = found.eigenvalues.first.map { threeDecimals($0) } ?? "none"
    stage.log.note(
      "\(counted(found.clusters, "cluster")): the number of eigenvalues above \(threeDecimals(found.bound)), the limit for random data (the largest is \(largest)); --clusters sets another number"
    )
    return found.clusters
  }

  /// The fewest clusters that the models support. Stores all candidates with their evidence as
  /// `uns/cluster_counts`.
  private mutating func supportedClusterCount(_ codes: [Matrix<Float>], _ stage: Stage) throws
    -> Int
  {
    let counts = try SupportedCounts(of: codes, graph: try graph(use: nil), seed: stage.seed)
    store(counts)
    for candidate in counts.candidates {
      stage.log.detail(
        "\(candidate.clusters) clusters: modularity \(threeDecimals(candidate.modularity)), stability \(threeDecimals(candidate.stability))\(candidate.isSupported ? ", supported" : "")"
      )
    }
    guard let highest = counts.candidates.map(\.modularity).max(), counts.clusters > 1 else {
      stage.log.note(
        "1 cluster: no larger number has a modularity of 0.3 on the graph; --clusters sets another number"
      )
      return 1
    }
    let supported = counts.candidates.filter(\.isSupported).map { String($0.clusters) }
    stage.log.note(
      "\(counts.clusters) clusters, the smallest supported number (modularity is highest, \(threeDecimals(highest)), with \(counts.peak); supported: \(supported.joined(separator: ", "))); --clusters sets another number"
    )
    return counts.clusters
  }

  /// Writes one row for each candidate: clusters, modularity, stability, and 1 if it is supported.
  private mutating func store(_ counts: SupportedCounts) {
    tensors["uns.cluster_counts"] = Tensor(
      Matrix(
        counts.candidates.map {
          [Float($0.clusters), Float($0.modularity), Float($0.stability), $0.isSupported ? 1 : 0]
        }))
    settings["uns.cluster_counts_columns"] =
      JSONValue.array(
        ["clusters", "modularity", "stability", "supported"].map { .string($0) }
      ).text
  }
}
