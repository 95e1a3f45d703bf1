import Training

/// How a model is trained in three forms, each a value over which a user's options are laid.
package protocol PresetSettings: Sendable {
  /// What gives good clusters soonest.
  static var standard: Self { get }
  /// The published paper.
  static var paper: Self { get }
  /// The program that its authors released.
  static var released: Self { get }

  /// Cells in a step; 0: all.
  var batchSize: Int { get set }
}

/// How a model is pretrained: what all models have.
package protocol PretrainingSettings: PresetSettings {
  /// How many models are trained.
  var models: Int { get set }
  /// Nil: by the number of cells.
  var epochs: Int? { get set }
  var learningRate: Double { get set }
}

/// How a model is trained with clusters: what all models have.
package protocol ClusteringSettings: PresetSettings {
  /// How the first partition is found.
  var start: StartMethod { get set }
  var schedule: ClusteringSchedule { get set }
  /// γ: the weight of the clustering loss.
  var gamma: Double { get set }
  var trainsCenters: Bool { get set }
}
