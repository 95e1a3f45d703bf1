/// The purposes of random numbers. Every purpose has its own numbers: none are shared, whatever the
/// seed.
package enum RandomStream: UInt64, CaseIterable, Sendable {
  /// One of several models.
  case model = 1
  /// The genes and the graph of a model after the first.
  case view
  /// The first weights of a parameter.
  case weights
  /// The order of cells in an epoch.
  case batches
  /// Pairs of cells whose edges a step compares.
  case pairs
  /// The noise of an epoch, and a part of it.
  case noise, noisePart
  /// A run of k-means, and a member of a consensus.
  case kmeans, member
  case leiden
  /// Starts of the eigenvectors of a matrix.
  case eigenvectors
  /// The start of the rotation of eigenvectors to labels.
  case discretization
  /// The cells on which the number of clusters is chosen.
  case clusterCount
  case principalComponents
  case approximateNeighbors
  case modalityWeight
  /// Cells drawn from all.
  case sample
  case silhouette, bootstrap
  case tsne, umap
  /// The first positions of cells.
  case layoutStart
  /// The cells of a large set that are drawn in a picture, and the order of dots.
  case layoutSample, dots
  /// The cells whose neighbors show how well a search finds them.
  case neighborSample
  /// The cells that a model learns from.
  case sketch
  /// The pairs of cells whose counts are added to doublets.
  case doublets
  /// The order in which cells choose their clusters while batches are integrated.
  case harmony
  /// The numbers of eigenvectors that SC3 tries, and the cells that it reads.
  case sc3
  /// The cells that are held out of a training; their loss ends it.
  case heldOut
  /// The codes from which a mixture is fitted.
  case mixture
}

extension UInt64 {
  /// The seed for one purpose of a run with this seed, a hash of seed, purpose and indices.
  package func stream(_ purpose: RandomStream, _ indices: Int...) -> UInt64 {
    indices.reduce((splitMixed ^ purpose.rawValue).splitMixed) {
      ($0 ^ UInt64(bitPattern: Int64($1))).splitMixed
    }
  }

  /// The word of SplitMix64 (Steele, Lea and Flood 2014) after the state `self`. Every bit of it
  /// depends on every bit of the state.
  @inlinable package var splitMixed: UInt64 {
    var z = self &+ .splitMixStep
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From one state of SplitMix64 to the next.
  @inlinable package static var splitMixStep: UInt64 { 0x9E37_79B9_7F4A_7C15 }
}
