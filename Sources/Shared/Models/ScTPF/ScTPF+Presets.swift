import NeuralNetworks
import Tensors
import Training

/// How scTPF is pretrained.
package struct ScTPFPretraining: PretrainingSettings, Equatable {
  package var plan = PretrainingPlan(
    models: 6, automatic: AutomaticEpochs(steps: 400, epochs: 10...100), decay: .cosine)
  /// The model, but for its genes.
  package var model: ScTPF<Float>.Configuration = {
    var model = ScTPF<Float>.Configuration(genes: 0)
    model.latentHops = 0
    return model
  }()
  package var structure = StructureLoss.auto

  /// The decoder of the models after the first, of which only the codes are kept: they are as good
  /// behind an eighth of the work.
  static let furtherDecoder = [64]

  /// Batches of cells, and several models.
  package static let standard = ScTPFPretraining()

  /// Algorithm 1, lines 1 to 4.
  package static let paper = ScTPFPretraining().published(epochs: 300, learningRate: 5e-4).with {
    ($0.model.latentHops, $0.batchSize) = (3, 0)
  }

  /// The released program: its library's convolution, standardized values as the target of the
  /// likelihood, its step size.
  package static let released = paper.with {
    ($0.model.repeatsHop, $0.model.explainsInput) = (true, true)
    $0.learningRate = 1e-4
  }

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
  package var plan = ClusteringPlan(gamma: 1.5)
  package var rule = FilterRule.Settings()
  /// Whether the codes explain the graph, where the stored model does.
  package var explainsGraph = true
  /// Whether the decoder keeps its likelihood, where the stored model has one.
  package var usesLikelihood = true
  package var patience: Int?

  /// Guarded against training that makes the clusters worse; the filter's settings come from the
  /// data.
  package static let standard = ScTPFClustering().keepingBest(epochs: 32, interval: 4).with {
    $0.schedule.minimumEpochs = 4
    $0.rule.cells = .standard
  }

  /// Algorithm 1, lines 5 to 15: every iteration computes Z over A, Θ and T, until more than 80 %
  /// of the cells are reliable.
  package static let paper = ScTPFClustering().keepingLast(from: .spectral, epochs: 200).with {
    $0.rule.filter = ReliabilityFilter(margin: ReliabilityFilter.paperMargin, neighbors: 4)
    $0.batchSize = 0
  }

  /// The released program. It filters and transforms every 8 epochs, for a fixed number of epochs.
  /// The encoder reads the transformed graph, and the centers are constant. Adam has β₁ = 0.95, and
  /// the labels of the spectral start are discretized.
  package static let released = paper.with {
    $0.start = .discretize
    ($0.schedule.interval, $0.schedule.optimizer) = (8, .adam(beta1: 0.95))
    ($0.rule.encodesOver, $0.rule.reliableShare) = (.transformed, 1)
    $0.trainsCenters = false
  }

  package init() {}

  /// The shape of a stored model with these losses.
  package func shape(_ stored: ScTPF<Float>.Configuration) -> ScTPF<Float>.Configuration {
    var shape = stored
    (shape.gamma, shape.trainsCenters) = (gamma, trainsCenters)
    if !explainsGraph { shape.adjacencyWeight = 0 }
    if !usesLikelihood { shape.dropLikelihood() }
    return shape
  }

  /// The search of the paper: ε in {0.7, 0.75,
  /// 0.8, 0.85, 0.9} with k in {2, 4, 6, 8, 10}. If ε or k come from the data, those come first.
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
