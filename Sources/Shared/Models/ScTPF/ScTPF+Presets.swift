import NeuralNetworks
import Tensors
import Training

/// How scTPF is pretrained.
package struct ScTPFPretraining: PretrainingSettings, Equatable {
  /// How many models are trained, each after the first on a view of the data.
  package var models = 6
  /// The model, but for its genes.
  package var model: ScTPF<Float>.Configuration = {
    var model = ScTPF<Float>.Configuration(genes: 0)
    model.latentHops = 0
    return model
  }()
  /// Nil: as many as make some 400 steps, from 10 to 100. What small data lack in steps an epoch,
  /// they get in epochs.
  package var epochs: Int?
  package var learningRate = 1e-3
  package var decay = LearningRateDecay.cosine
  /// Epochs without a lower loss after which training ends; 0: never.
  package var patience = 5
  package var tolerance = 1e-4
  /// Cells in a step; 0: all.
  package var batchSize = 256
  package var structure = StructureLoss.auto
  /// Whether training on counts of reads begins at the genes' moments, and begins again with a
  /// smaller step where it fails.
  package var guardsLoss = true

  /// The decoder of the models after the first, of which only the codes are kept: they are as good
  /// behind an eighth of the work.
  static let furtherDecoder = [64]

  /// Batches of cells, and several models.
  package static let standard = ScTPFPretraining()

  /// Algorithm 1, lines 1 to 4.
  package static let paper: ScTPFPretraining = {
    var preset = ScTPFPretraining()
    (preset.models, preset.model.latentHops) = (1, 3)
    (preset.epochs, preset.learningRate, preset.decay, preset.patience) = (300, 5e-4, .none, 0)
    (preset.batchSize, preset.guardsLoss) = (0, false)
    return preset
  }()

  /// The released program: its library's convolution, standardized values as the target of the
  /// likelihood, its step size.
  package static let released: ScTPFPretraining = {
    var preset = paper
    (preset.model.repeatsHop, preset.model.explainsInput) = (true, true)
    preset.learningRate = 1e-4
    return preset
  }()

  package init() {}

  package var hops: Int {
    get { model.hops }
    set { model.hops = newValue }
  }

  /// The shape of a model of that many genes.
  package func shape(genes: Int, model number: Int) -> ScTPF<Float>.Configuration {
    var shape = model
    shape.genes = genes
    if number > 0 { shape.decoder = Self.furtherDecoder }
    return shape
  }

  package func batches(seed: UInt64) -> BatchPlan {
    var plan = BatchPlan(size: batchSize == 0 ? nil : batchSize)
    (plan.structure, plan.seed) = (structure, seed)
    return plan
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(
      epochs: epochs(cells: cells, making: 400, most: 100), learningRate: learningRate)
    schedule.decay = decay
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}

/// The data sets of the paper, whose ε and k were chosen with the labels.
package enum PaperSet: String, CaseIterable, Sendable {
  case muraro, plasschaert
  case qxLM = "qx_lm"
  case qsDiaph = "qs_diaph"
  case qsHeart = "qs_heart"
  case qsLM = "qs_lm"
  case wangLung = "wang_lung"
  case young

  /// ε and k (supplement, Table 2, whose two rows are exchanged).
  package var filter: (Double, Int) {
    switch self {
    case .muraro, .plasschaert, .qxLM: (0.7, 2)
    case .qsDiaph, .qsLM: (0.9, 4)
    case .qsHeart: (0.9, 6)
    case .wangLung: (0.8, 2)
    case .young: (0.8, 6)
    }
  }
}

/// How scTPF is trained with clusters.
package struct ScTPFClustering: GraphClusteringSettings, Equatable {
  /// The first partition.
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule()
  package var rule = FilterRule.Settings()
  /// γ.
  package var gamma = 1.5
  package var trainsCenters = true
  /// Whether the codes explain the graph, where the stored model does.
  package var explainsGraph = true
  /// Whether the decoder keeps its likelihood, where the stored model has one.
  package var usesLikelihood = true
  /// Cells in a step; 0, or where the model needs the whole graph in a step: all.
  package var batchSize = 256
  /// Nil: 3, or 1 where the start is of several models, which training can seldom
  /// better.
  package var patience: Int?

  /// Guarded against training that makes the clusters worse; the filter's settings come from the
  /// data.
  package static let standard: ScTPFClustering = {
    var preset = ScTPFClustering()
    (preset.schedule.epochs, preset.schedule.minimumEpochs) = (32, 4)
    (preset.schedule.interval, preset.schedule.keeps) = (4, .best)
    preset.rule.cells = .standard
    return preset
  }()

  /// Algorithm 1, lines 5 to 15: every iteration computes Z over A, Θ and T, until more than 80 %
  /// of the cells are reliable.
  package static let paper: ScTPFClustering = {
    var preset = ScTPFClustering()
    preset.start = .spectral
    (preset.schedule.epochs, preset.schedule.minimumEpochs) = (200, 0)
    (preset.schedule.interval, preset.schedule.keeps) = (1, .last)
    preset.rule.filter = ReliabilityFilter(margin: ReliabilityFilter.paperMargin, neighbors: 4)
    preset.batchSize = 0
    return preset
  }()

  /// The released program: filter and transform every 8 epochs, for a fixed number of epochs; the
  /// encoder reads the transformed graph; constant centers; Adam with β₁ = 0.95; discretized labels
  /// of the spectral start.
  package static let released: ScTPFClustering = {
    var preset = paper
    preset.start = .discretize
    (preset.schedule.interval, preset.schedule.optimizer) = (8, .adam(beta1: 0.95))
    (preset.rule.encodesOver, preset.rule.reliableShare) = (.transformed, 1)
    preset.trainsCenters = false
    return preset
  }()

  package init() {}

  /// The shape of a stored model with these losses.
  package func shape(_ stored: ScTPF<Float>.Configuration) -> ScTPF<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters) = (gamma, trainsCenters)
    if !explainsGraph { shape.adjacencyWeight = 0 }
    if !usesLikelihood { shape.dropLikelihood() }
    return shape
  }

  /// The search of the paper: these settings where ε or k come from the data, then ε in {0.7, 0.75,
  /// 0.8, 0.85, 0.9} with k in {2, 4, 6, 8, 10}.
  package var grid: [FilterRule.Settings] {
    let usesData = rule.calibration.setsMargin || rule.calibration.setsNeighbors
    return (usesData ? [rule] : [])
      + [0.7, 0.75, 0.8, 0.85, 0.9].flatMap { margin in
        [2, 4, 6, 8, 10].map { neighbors in
          var own = rule
          (own.calibration.setsMargin, own.calibration.setsNeighbors) = (false, false)
          (own.filter.margin, own.filter.neighbors) = (margin, neighbors)
          return own
        }
      }
  }
}
