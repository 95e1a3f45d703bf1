import Training

/// How a model is pretrained: what all models have. The presets are values, over which a user's options are laid.
package protocol PretrainingSettings: Sendable {
  /// What gives good clusters soonest.
  static var standard: Self { get }
  /// The published paper.
  static var paper: Self { get }
  /// The program that its authors released.
  static var released: Self { get }

  /// How many models are trained.
  var models: Int { get set }
  /// The highest power of the graph that the encoder reads.
  var hops: Int { get set }
  /// Nil: by the number of cells.
  var epochs: Int? { get set }
  var learningRate: Double { get set }
  /// Cells in a step; 0: all.
  var batchSize: Int { get set }
}

/// How a model is trained with clusters: what all models have.
package protocol ClusteringSettings: Sendable {
  static var standard: Self { get }
  static var paper: Self { get }
  static var released: Self { get }

  /// How the first partition is found.
  var start: StartMethod { get set }
  var schedule: ClusteringSchedule { get set }
  /// γ: the weight of the clustering loss.
  var gamma: Double { get set }
  var trainsCenters: Bool { get set }
  /// Cells in a step; 0: all.
  var batchSize: Int { get set }
}
