import CellData
import Clustering
import Models
import Neighbors
import StageSupport
import Tensors

/// The clusters of new cells: each has that of most of its nearest cells in a reference.
package struct MappedClusters {
  /// How many cells of the reference vote on a new one.
  private static let neighbors = 15

  /// Indices of `names`. (M)
  package let labels: [Int]
  package let names: [String]
  /// The confidence by the means of the reference's clusters. (M)
  package let confidence: [Float]
  /// The share of the neighbors that are in the cluster. (M)
  package let votes: [Float]
  package let isNovel: [Bool]
  /// The codes of the new cells, or their principal components among all. (M, D)
  package let points: Matrix<Float>
  /// The name of these points in obsm.
  package let space: String

  /// - Parameters:
  ///   - classes: the clusters of the reference's cells. (N)
  ///   - model: the one whose codes give the distances; nil: the principal components do.
  /// - Throws: `ModelStageFault` and `ModelFault` where the model does not code the new cells.
  package init(_ mapped: MappedCells, _ classes: Categories, byModel model: ModelName?) throws {
    let known = Array(0..<mapped.referenceCount)
    let new = Array(mapped.referenceCount..<mapped.joint.cellCount)
    let labels = classes.codes.map { Int($0) }
    let codes = try model.map { try mapped.joint.codes(ofStored: $0) } ?? mapped.components
    let (own, others) = (codes.selectingRows(new), codes.selectingRows(known))
    // Cells without a class have no vote.
    let voters = known.filter { labels[$0] >= 0 }
    let (near, classesOfVoters) = (others.selectingRows(voters), voters.map { labels[$0] })
    let vote = NeighborVote(
      try NearestNeighbors(of: own, among: near, count: min(Self.neighbors, voters.count)),
      labels: classesOfVoters)
    let components = mapped.components
    let novelty = try Novelty(
      of: components.selectingRows(new), among: components.selectingRows(known),
      labels: labels, votes: vote.labels)
    (self.labels, names, votes) = (vote.labels, classes.names, vote.shares)
    confidence = clusterConfidence(
      of: own, vote.labels, among: near, classesOfVoters, clusters: classes.names.count)
    (isNovel, points, space) = (novelty.isNovel, own, model == nil ? "X_pca" : "X_latent")
  }

  /// What the mapping of cells with these counts holds at its peak.
  package static func memory(
    of cells: CellData, _ counts: CountsOfAllGenes, onto reference: CellData
  ) -> MemoryEstimate {
    let extent = DataExtent(
      cells: reference.cellCount + cells.cellCount, genes: reference.geneCount,
      entries: reference.extent.entries + counts.matrix.entryCount, bytes: 0)
    return .neighbors(
      extent, components: MappedCells.usualComponents, neighbors: neighbors, usesEmbedding: false,
      isRead: true)
  }
}
