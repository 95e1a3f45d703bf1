import NeuralNetworks
import Tensors
import Training

/// From what partition a model is trained with clusters, how long and how fast.
package struct ClusteringPlan: Sendable, Equatable {
  /// How the first partition is found.
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule()
  /// Cells in a step; 0, or where the model needs the whole graph in a step: all.
  package var batchSize = 256
  /// γ: the weight of the clustering loss.
  package var gamma = 1.0
  package var trainsCenters = true
  /// Training ends when a smaller share of the labels changes from one state to the next; not that
  /// of scTPF.
  package var stableShare = 0.001
  /// What assesses the cells, which the training does not need; nil: nothing.
  package var filter: CalibratedFilter?
}

/// How a model is trained with clusters: a plan, and what is the model's own.
package protocol ClusteringSettings: PresetSettings {
  var plan: ClusteringPlan { get set }

  /// The cells in a step of that many.
  func stepSize(cells: Int) -> Int
}

extension ClusteringSettings {
  package var start: StartMethod {
    get { plan.start }
    set { plan.start = newValue }
  }
  package var schedule: ClusteringSchedule {
    get { plan.schedule }
    set { plan.schedule = newValue }
  }
  package var batchSize: Int {
    get { plan.batchSize }
    set { plan.batchSize = newValue }
  }
  package var gamma: Double {
    get { plan.gamma }
    set { plan.gamma = newValue }
  }
  package var trainsCenters: Bool {
    get { plan.trainsCenters }
    set { plan.trainsCenters = newValue }
  }

  package func stepSize(cells: Int) -> Int { batchSize == 0 ? max(1, cells) : batchSize }

  /// Guarded: the state is kept that agrees with the partitions of the start.
  func keepingBest(epochs: Int, interval: Int = 1) -> Self {
    with {
      ($0.schedule.epochs, $0.schedule.interval, $0.schedule.keeps) = (epochs, interval, .best)
    }
  }

  /// From one partition to the last state.
  func keepingLast(from start: StartMethod, epochs: Int, interval: Int = 1) -> Self {
    with {
      ($0.start, $0.schedule.epochs, $0.schedule.interval) = (start, epochs, interval)
      $0.schedule.keeps = .last
    }
  }
}

/// How a model is trained with clusters until its labels are stable.
package protocol StableClusteringSettings: ClusteringSettings {}

extension StableClusteringSettings {
  package var stableShare: Double {
    get { plan.stableShare }
    set { plan.stableShare = newValue }
  }
  package var filter: CalibratedFilter? {
    get { plan.filter }
    set { plan.filter = newValue }
  }

  /// The rule of a model with a target distribution.
  package func targetRule<Source: TargetedSteps>() -> TargetRule<Source> where Source.S == Float {
    TargetRule(stableShare: stableShare, filter: filter)
  }

  /// The rule of a model without one.
  package func stabilityRule<Source: StepSource>() -> StabilityRule<Source>
  where Source.S == Float {
    StabilityRule(share: stableShare, filter: filter)
  }
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
