import NeuralNetworks
import Tensors
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

extension PretrainingSettings {
  /// The epochs that were given, or as many as make about `steps` steps, from 10 to `most`.
  func epochs(cells: Int, making steps: Int, most: Int) -> Int {
    let perEpoch = batchSize == 0 ? 1 : max(1, tileCount(cells, of: batchSize))
    return epochs ?? min(most, max(10, steps / perEpoch))
  }
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

/// How a model over a graph of the cells is trained with clusters.
package protocol GraphClusteringSettings: ClusteringSettings {
  /// Nil: 3, or 1 where the start is of several models, which training can seldom
  /// better.
  var patience: Int? { get set }
}

extension GraphClusteringSettings {
  /// The schedule where the start comes from one model or several.
  package func schedule(hasEnsemble: Bool) -> ClusteringSchedule {
    var result = schedule
    result.patience = patience ?? (hasEnsemble ? 1 : 3)
    return result
  }

  /// Batches of cells, or all cells where the model needs the whole graph in a step.
  package func batches(seed: UInt64, isLocal: Bool) -> BatchPlan {
    var plan = BatchPlan(size: batchSize == 0 || !isLocal ? nil : batchSize)
    plan.seed = seed
    return plan
  }
}

extension ClusteringSchedule {
  /// Adadelta with steps of 1, and three states without a better one.
  static let byAdadelta: ClusteringSchedule = {
    var schedule = ClusteringSchedule()
    (schedule.optimizer, schedule.learningRate, schedule.patience) = (.adadelta, 1, 3)
    return schedule
  }()
}
