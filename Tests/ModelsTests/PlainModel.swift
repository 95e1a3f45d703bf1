import Autodiff
import CellData
import ModelStages
import Models
import NeuralNetworks
import StageSupport
import Tensors
import Training

/// A model that is added as docs/extending.md says: an autoencoder with squared error, and the
/// distance to the nearest center.
struct PlainModel: ModelKind {
  typealias Source = GraphSteps<Float>
  typealias Recipe = PlainClustering
  static let name = "plain"
  let parameters = Parameters<Float>()
  let centers: Parameter?
  let encoder: [Dense]
  let decoder: Dense
  var geneCount: Int { encoder[0].kernel.rows }

  init(genes: Int, clusters: Int? = nil) {
    let parameters = parameters
    encoder = [
      Dense("encoder.0", inputs: genes, outputs: 16, rectifying: true, in: parameters),
      Dense("encoder.1", inputs: 16, outputs: 4, in: parameters),
    ]
    decoder = Dense("decoder", inputs: 4, outputs: genes, in: parameters)
    centers = clusters.map { parameters.declare("centers", rows: $0, columns: 4, .zeros) }
  }

  init(storedIn cells: CellData, clusters: Int?) throws {
    let weights = cells.weights(of: Self.name)
    self.init(genes: try weights.width("decoder.bias", of: Self.name), clusters: clusters)
  }

  private func input(_ step: GraphBatch<Float>) -> Window<Float> {
    guard case .products(let x) = step.input else { preconditionFailure("steps without products") }
    return x
  }

  private func embed(_ step: GraphBatch<Float>, on tape: Tape<Float>) -> Variable<Float> {
    encoder.reduce(tape.constant(input(step))) { $1($0, on: tape) }
  }

  private func reconstruction(
    of latent: Variable<Float>, _ step: GraphBatch<Float>, on tape: Tape<Float>
  ) -> LossTerm {
    LossTerm("reconstruction") {
      tape.squaredErrorLoss(of: decoder(latent, on: tape), to: input(step), weight: Float($0))
    }
  }

  func pretrainingLoss(_ step: GraphBatch<Float>, on tape: Tape<Float>) -> [LossTerm] {
    [reconstruction(of: embed(step, on: tape), step, on: tape)]
  }

  func clusteringLoss(
    _ step: GraphBatch<Float>, _ objective: ClusteringObjective, on tape: Tape<Float>
  ) -> [LossTerm] {
    let latent = embed(step, on: tape)
    let own = objective.reconstructs ? [reconstruction(of: latent, step, on: tape)] : []
    guard objective.clusters else { return own }
    var targets = Buffer(nearestCenters(of: latent.value, to: centerValues).map { Int32($0) })
    if case .supervised(let given) = objective { targets = given }
    let centers = centerWeights(areTrained: true, on: tape)
    return own + [
      LossTerm("distance", weight: 0.1) {
        tape.distanceLoss(of: latent, to: centers, targets: targets, weight: Float($0))
      }
    ]
  }

  func codes(over source: GraphSteps<Float>) -> Matrix<Float> {
    let tape = Tape(parameters)
    return source.codes(on: tape) { embed($0, on: tape).value }
  }

  func codes(of cells: CellData, productBytes: Int) throws -> Matrix<Float> {
    codes(over: plainSteps(try ModelInput(cells), seed: 0))
  }

  func assignment(of codes: Matrix<Float>) -> Assignment<Float> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }

  func extent(over source: GraphSteps<Float>) -> TrainingExtent {
    TrainingExtent(hops: 0, batch: 32)
  }
}

/// The cells in steps of 32.
func plainSteps(_ input: ModelInput, seed: UInt64) -> GraphSteps<Float> {
  var plan = BatchPlan(size: 32)
  plan.seed = seed
  return GraphSteps(input.data, over: input.graph, reach: 0, plan: plan)
}

/// How sc-pretrain trains it.
struct PlainPretraining: PretrainingRecipe {
  var models: Int { 2 }
  var extent: TrainingExtent { TrainingExtent(hops: 0, batch: 32) }

  func input(of cells: CellData, productBytes: Int) throws -> ModelInput { try ModelInput(cells) }
  func model(of input: ModelInput, number: Int) -> PlainModel {
    PlainModel(genes: input.data.geneCount)
  }
  func steps(of input: ModelInput, for model: PlainModel, seed: UInt64, productBytes: Int)
    -> GraphSteps<Float>
  { plainSteps(input, seed: seed) }
  func schedule(cells: Int) -> PretrainingSchedule {
    PretrainingSchedule(epochs: 20, learningRate: 3e-3)
  }
  func settings(of model: PlainModel) -> [(String, JSONValue)] { [("batch_size", .integer(32))] }
}

/// How sc-cluster trains it.
struct PlainClustering: ClusteringRecipe {
  var schedule = ClusteringSchedule()
  var extent: TrainingExtent { TrainingExtent(hops: 0, batch: 32) }

  init() { (schedule.epochs, schedule.keeps, schedule.keepsSnapshots) = (6, .last, true) }
  init(of run: ClusteringRun) { self.init() }

  func prepared(for cells: CellData, clusters: Int, seed: UInt64, productBytes: Int) throws
    -> PreparedClustering<PlainModel>
  {
    let stored = try cells.requiredWeights(of: PlainModel.name)
    let input = try ModelInput(cells)
    return PreparedClustering(
      .kmeans, over: input.adjacency, of: cells, clusters: clusters, seed: seed,
      provenance: [("start", .string("kmeans"))]
    ) { [schedule] _ in
      let model = PlainModel(genes: input.data.geneCount, clusters: clusters)
      try model.load(stored)
      return GuardedTraining(
        model, on: plainSteps(input, seed: seed), rule: StabilityRule(share: 0),
        schedule: schedule)
    }
  }
}
