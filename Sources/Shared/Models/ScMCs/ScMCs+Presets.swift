import NeuralNetworks
import Tensors
import Training

/// How scMCs is pretrained: both autoencoders alone, then their fusion.
package struct ScMCsPretraining: PretrainingSettings, Equatable {
  package var models = 1
  /// The model, but for what the data decide.
  package var model: ScMCs<Float>.Configuration = {
    var shape = ScMCs<Float>.Configuration(genes: 0, features: 0)
    shape.secondEncoder = [256, 128]
    (shape.secondShare, shape.secondWeight) = (1, 1)
    return shape
  }()
  /// Of all rounds together; nil: as many as the rounds have.
  package var epochs: Int?
  package var learningRate = 1e-3
  /// The step size of the second measurement's autoencoder alone, as a share of that.
  package var secondPace = 1.0
  /// Epochs in a round, at most; nil: as many as make some 1,500 steps, from 40 to 100.
  package var roundEpochs: Int?
  /// Epochs without a lower loss of the cells held out after which a round ends; 0: never.
  package var patience = 10
  package var tolerance = 1e-4
  /// Cells in a step, which attend to each other; 0: all.
  package var batchSize = 128
  /// Of the cells, no step learns from these.
  package var heldOutShare = 0.1

  /// Steps of some cells, rounds that cells held out end, narrower layers of the second
  /// measurement, and both measurements with the same weights.
  package static let standard = ScMCsPretraining()

  /// Rounds of 500 steps of all cells.
  package static let paper: ScMCsPretraining = {
    var preset = ScMCsPretraining()
    preset.model = ScMCs<Float>.Configuration(genes: 0, features: 0)
    (preset.learningRate, preset.secondPace, preset.roundEpochs) = (1e-4, 0.1, 500)
    (preset.patience, preset.batchSize, preset.heldOutShare) = (0, 0, 0)
    return preset
  }()

  /// The authors' program, but for its slips.
  package static let released = paper

  package init() {}

  /// The model for these data.
  ///
  /// - Parameter isBinary: whether the second measurement is peaks that are open or closed.
  package func shape(for data: PairedData<Float>, secondIsBinary isBinary: Bool)
    -> ScMCs<Float>.Configuration
  {
    model.fitted(to: data, secondIsBinary: isBinary)
  }

  /// Cells in a step of that many.
  package func stepSize(cells: Int) -> Int { batchSize == 0 ? max(1, cells) : batchSize }

  /// The rounds of a training on that many cells.
  package func rounds(cells: Int) -> [TrainingRound] {
    let length =
      roundEpochs ?? min(100, max(40, 1500 / max(1, tileCount(cells, of: stepSize(cells: cells)))))
    let all = [ScMCsPart.rnaAlone, .secondAlone, .fusion].map { part in
      TrainingRound(
        part: part.rawValue, epochs: length,
        learningRate: learningRate * (part == .secondAlone ? secondPace : 1))
    }
    return epochs.map { TrainingRound.sharing($0, among: all) } ?? all
  }

  package func schedule(cells: Int) -> PretrainingSchedule {
    var schedule = PretrainingSchedule(rounds: rounds(cells: cells))
    schedule.patience = patience == 0 ? nil : patience
    schedule.tolerance = tolerance
    return schedule
  }
}

/// How scMCs clusters: the first partition of the codes is the result.
package struct ScMCsClustering: ClusteringSettings, Equatable {
  package var start = StartMethod.auto
  package var schedule = ClusteringSchedule.ofFirstPartition
  package var batchSize = 256
  package var gamma = 0.0
  package var trainsCenters = false
  /// Of a second clustering.
  package var division: ScMCsDivision {
    var division = ScMCsDivision()
    division.batchSize = batchSize
    return division
  }

  /// The consensus of what k-means finds in the codes of all models.
  package static let standard = ScMCsClustering()

  /// k-means on the codes; of two clusterings steps of all cells.
  package static let paper: ScMCsClustering = {
    var preset = ScMCsClustering()
    (preset.start, preset.schedule.keeps, preset.batchSize) = (.kmeans, .last, 0)
    return preset
  }()

  package static let released = paper

  package init() {}
}
